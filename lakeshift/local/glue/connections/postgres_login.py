"""Log in to a PostgreSQL server and leave: the start-up part of its protocol, nothing more.

https://www.postgresql.org/docs/current/protocol-flow.html and /sasl-authentication.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import socket
import struct
from typing import Final

__all__ = ["LoginError", "login"]

_TIMEOUT: Final = 5.0  # seconds
_PROTOCOL: Final = 196_608  # 3.0
_OK, _CLEAR, _MD5, _SASL, _SASL_CONTINUE, _SASL_FINAL = 0, 3, 5, 10, 11, 12


class LoginError(Exception):
    """The server cannot be reached or does not let the user in; the text says which."""


def login(host: str, port: int, database: str, user: str, password: str) -> None:
    """Connect, authenticate, disconnect; raises LoginError."""
    try:
        with socket.create_connection((host, port), timeout=_TIMEOUT) as connection:
            _Login(connection, user, password).run(database)
    except OSError as error:
        raise LoginError(f"{host}:{port} cannot be reached: {error.strerror or error}") from error
    except (struct.error, UnicodeDecodeError, IndexError, KeyError, ValueError) as error:
        raise LoginError(f"{host}:{port} does not answer as a PostgreSQL server does") from error


class _Login:
    def __init__(self, connection: socket.socket, user: str, password: str) -> None:
        self._connection, self._user, self._password = connection, user, password
        self._nonce = base64.b64encode(os.urandom(18)).decode()
        self._signature = b""

    def run(self, database: str) -> None:
        parameters = f"user\0{self._user}\0database\0{database}\0\0".encode()
        self._connection.sendall(struct.pack("!ii", 8 + len(parameters), _PROTOCOL) + parameters)
        while (kind := self._receive())[0] != b"Z":
            if kind[0] == b"E":
                raise LoginError(_message(kind[1]))
            if kind[0] == b"R":
                self._answer(kind[1])
        self._send(b"X", b"")

    def _answer(self, body: bytes) -> None:
        method = struct.unpack("!i", body[:4])[0]
        if method == _CLEAR:
            self._send(b"p", self._password.encode() + b"\0")
        elif method == _MD5:
            inner = hashlib.md5((self._password + self._user).encode(), usedforsecurity=False).hexdigest()
            outer = hashlib.md5(inner.encode() + body[4:8], usedforsecurity=False).hexdigest()
            self._send(b"p", f"md5{outer}\0".encode())
        elif method == _SASL:
            self._first(body[4:])
        elif method == _SASL_CONTINUE:
            self._final(body[4:].decode())
        elif method == _SASL_FINAL:
            if base64.b64decode(_fields(body[4:].decode())["v"]) != self._signature:
                raise LoginError("the server does not know the password it asks for")
        elif method != _OK:
            raise LoginError(f"the server asks for authentication method {method}, which this test does not know")

    def _first(self, methods: bytes) -> None:
        if b"SCRAM-SHA-256" not in methods.split(b"\0"):
            raise LoginError("the server offers no authentication that this test knows")
        message = f"n,,n=,r={self._nonce}".encode()
        self._send(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(message)) + message)

    def _final(self, server_first: str) -> None:
        fields = _fields(server_first)
        salted = hashlib.pbkdf2_hmac("sha256", self._password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        unproven = f"c=biws,r={fields['r']}"
        signed = f"n=,r={self._nonce},{server_first},{unproven}".encode()
        client = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(client).digest(), signed, "sha256")
        proof = base64.b64encode(bytes(a ^ b for a, b in zip(client, signature, strict=True))).decode()
        self._signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
        self._send(b"p", f"{unproven},p={proof}".encode())

    def _send(self, kind: bytes, body: bytes) -> None:
        self._connection.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def _receive(self) -> tuple[bytes, bytes]:
        head = self._read(5)
        length = struct.unpack("!i", head[1:])[0] - 4
        if not 0 <= length < 1_000_000:
            raise ValueError("no message length")
        return head[:1], self._read(length)

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self._connection.recv(size - len(data))
            if not part:
                raise OSError("the server closed the connection")
            data += part
        return data


def _fields(message: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in message.split(",") if "=" in part)


def _message(body: bytes) -> str:
    for field in body.split(b"\0"):
        if field[:1] == b"M":
            return field[1:].decode(errors="replace")
    return "the server refused the login"
