"""Messages of the wire protocol, as bytes and back."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

__all__ = ["Closed", "Column", "Stream", "error_fields", "message", "row_description", "text"]

_MOST_BYTES: Final = 1 << 30
_STARTUP_BYTES: Final = 10_000


class Closed(Exception):  # noqa: N818 - it is no error
    """The client is gone."""


class Column(NamedTuple):
    """A column of RowDescription."""

    name: str
    oid: int
    size: int
    modifier: int
    format: int


def text(value: str) -> bytes:
    """A NUL-ended string."""
    return value.encode().replace(b"\0", b"") + b"\0"


def message(kind: bytes, body: bytes = b"") -> bytes:
    """A message of the server."""
    return kind + struct.pack("!I", len(body) + 4) + body


def row_description(columns: Sequence[Column]) -> bytes:
    """RowDescription."""
    body = struct.pack("!H", len(columns))
    for name, oid, size, modifier, form in columns:
        body += text(name) + struct.pack("!IHIhih", 0, 0, oid, size, modifier, form)
    return message(b"T", body)


def error_fields(severity: str, state: str, words: str, detail: str | None = None, hint: str | None = None) -> bytes:
    """The body of ErrorResponse and NoticeResponse."""
    fields = [("S", severity), ("C", state), ("M", words), ("D", detail), ("H", hint)]
    return b"".join(key.encode() + text(value) for key, value in fields if value) + b"\0"


class Stream:
    """A client's socket: whole messages in, buffered bytes out."""

    def __init__(self, client: socket.socket) -> None:
        self.socket = client
        self._in = client.makefile("rb", buffering=65536)
        self._out = bytearray()

    def replace(self, client: socket.socket) -> None:
        """Go on over TLS."""
        self.socket = client
        self._in = client.makefile("rb", buffering=65536)

    def _exactly(self, size: int) -> bytes:
        try:
            found: bytes = self._in.read(size)
        except (OSError, ValueError) as error:
            raise Closed from error
        if len(found) < size:
            raise Closed
        return found

    def startup(self) -> bytes:
        """A message without a type: startup, a request for TLS, or one to cancel."""
        (size,) = struct.unpack("!I", self._exactly(4))
        if not 8 <= size <= _STARTUP_BYTES:
            raise Closed
        return self._exactly(size - 4)

    def read(self) -> tuple[bytes, bytes]:
        """The next message's type and body."""
        kind = self._exactly(1)
        (size,) = struct.unpack("!I", self._exactly(4))
        if not 4 <= size <= _MOST_BYTES:
            raise Closed
        return kind, self._exactly(size - 4)

    def write(self, data: bytes | memoryview) -> None:
        """Keep for :meth:`flush`; a large one is sent at once."""
        self._out += data
        if len(self._out) > 1 << 20:
            self.flush()

    def flush(self) -> None:
        """Send what was written."""
        out, self._out = self._out, bytearray()
        if out:
            try:
                self.socket.sendall(out)
            except OSError as error:
                raise Closed from error

    def hang_up(self) -> None:
        """End the connection, from another thread."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the socket."""
        try:
            self._in.close()
        finally:
            self.socket.close()
