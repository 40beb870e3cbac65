"""TestConnection's login against a server that speaks the start-up part of PostgreSQL's protocol."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from lakeshift.local.glue.connections.postgres_login import LoginError, login

SALT = b"0123456789abcdef"
READY = b"Z" + struct.pack("!i", 5) + b"I"


class Peer:
    """The server's side of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.stream = connection.makefile("rwb")

    def startup(self) -> bytes:
        size = struct.unpack("!i", self.stream.read(4))[0]
        return self.stream.read(size - 4)

    def answer(self) -> bytes:
        assert self.stream.read(1) == b"p"
        return self.stream.read(struct.unpack("!i", self.stream.read(4))[0] - 4)

    def send(self, kind: bytes, body: bytes) -> None:
        self.stream.write(kind + struct.pack("!i", len(body) + 4) + body)
        self.stream.flush()

    def authentication(self, method: int, body: bytes = b"") -> None:
        self.send(b"R", struct.pack("!i", method) + body)

    def ready(self) -> None:
        self.authentication(0)
        self.send(b"S", b"server_version\x0016.0\0")
        self.stream.write(READY)
        self.stream.flush()

    def refuse(self) -> None:
        self.send(b"E", b"SFATAL\0Mpassword authentication failed\0\0")


def clear(peer: Peer) -> None:
    peer.startup()
    peer.authentication(3)
    if peer.answer() == b"secret\0":
        peer.ready()
    else:
        peer.refuse()


def md5(peer: Peer) -> None:
    peer.startup()
    peer.authentication(5, b"salt")
    inner = hashlib.md5(b"secretglue", usedforsecurity=False).hexdigest().encode()
    wanted = b"md5" + hashlib.md5(inner + b"salt", usedforsecurity=False).hexdigest().encode() + b"\0"
    if peer.answer() == wanted:
        peer.ready()
    else:
        peer.refuse()


def scram(peer: Peer, lie: bool = False) -> None:
    peer.startup()
    peer.authentication(10, b"SCRAM-SHA-256\0\0")
    first = peer.answer().partition(b"n,,")[2].decode()
    server_first = f"r={first.split('r=')[1]}XYZ,s={base64.b64encode(SALT).decode()},i=4096"
    peer.authentication(11, server_first.encode())
    unproven, _, proof = peer.answer().decode().partition(",p=")
    salted = hashlib.pbkdf2_hmac("sha256", b"secret", SALT, 4096)
    signed = f"{first},{server_first},{unproven}".encode()
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
    if bytes(a ^ b for a, b in zip(base64.b64decode(proof), signature, strict=True)) != client_key:
        peer.refuse()
        return
    if lie:
        peer.authentication(12, b"v=" + base64.b64encode(b"no"))
        return
    verifier = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
    peer.authentication(12, b"v=" + base64.b64encode(verifier))
    peer.ready()


@contextmanager
def serving(talk: Callable[[Peer], None]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                peer = Peer(connection)
                with contextlib.suppress(OSError):  # the client may leave in the middle
                    talk(peer)
                    peer.stream.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


@pytest.mark.parametrize("talk", [clear, md5, scram], ids=["clear text", "md5", "scram"])
@pytest.mark.parametrize("password", ["secret", "wrong"])
def test_the_right_password_gets_in_and_a_wrong_one_does_not(talk: Callable[[Peer], None], password: str) -> None:
    with serving(talk) as port:
        if password == "secret":
            login("127.0.0.1", port, "operations", "glue", password)
        else:
            with pytest.raises(LoginError, match="password authentication failed"):
                login("127.0.0.1", port, "operations", "glue", password)


def kerberos(peer: Peer) -> None:
    peer.startup()
    peer.authentication(7)


def web_server(peer: Peer) -> None:
    peer.startup()
    peer.stream.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    peer.stream.flush()


def liar(peer: Peer) -> None:
    scram(peer, lie=True)


def closing(peer: Peer) -> None:
    peer.startup()


@pytest.mark.parametrize(
    ("talk", "text"),
    [
        (kerberos, "authentication method 7"),
        (web_server, "does not answer as a PostgreSQL server does"),
        (liar, "does not know the password"),
        (closing, "closed the connection"),
    ],
    ids=["unknown authentication", "no PostgreSQL", "a server that does not know the password", "closed"],
)
def test_what_is_no_login_is_an_error(talk: Callable[[Peer], None], text: str) -> None:
    with serving(talk) as port, pytest.raises(LoginError, match=text):
        login("127.0.0.1", port, "operations", "glue", "secret")


def test_no_server_is_an_error_that_names_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(LoginError, match=f"127.0.0.1:{port} cannot be reached"):
        login("127.0.0.1", port, "operations", "glue", "secret")
