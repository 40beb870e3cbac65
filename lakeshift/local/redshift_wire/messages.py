"""A client's message read field by field."""

from __future__ import annotations

import struct

from lakeshift.redshift import RedshiftError

__all__ = ["Body"]

_NUMBERS = {2: "!H", 4: "!I"}


class Body:
    """The body of one message; raises RedshiftError 08P01 where it ends too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def _take(self, size: int) -> bytes:
        found = self._data[self._at : self._at + size]
        if len(found) < size:
            raise RedshiftError("insufficient data left in message", "08P01")
        self._at += size
        return found

    def text(self) -> str:
        """A NUL-ended string."""
        end = self._data.find(b"\0", self._at)
        if end < 0:
            raise RedshiftError("invalid string in message", "08P01")
        found = self._data[self._at : end]
        self._at = end + 1
        try:
            return found.decode()
        except UnicodeDecodeError:
            raise RedshiftError('invalid byte sequence for encoding "UTF8"', "22021") from None

    def kind(self) -> bytes:
        """One byte."""
        return self._take(1)

    def number(self, size: int) -> int:
        """A number of that many bytes."""
        return int(struct.unpack(_NUMBERS[size], self._take(size))[0])

    def numbers(self, size: int) -> list[int]:
        """A counted list of numbers."""
        return [self.number(size) for _ in range(self.number(2))]

    def values(self) -> list[bytes | None]:
        """A counted list of values, None for NULL."""
        found: list[bytes | None] = []
        for _ in range(self.number(2)):
            (length,) = struct.unpack("!i", self._take(4))
            found.append(None if length < 0 else self._take(length))
        return found
