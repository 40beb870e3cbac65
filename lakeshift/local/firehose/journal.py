"""The buffer of one stream, kept in a file: what was accepted is delivered, also by the server after this one.

A batch is appended whole before it is acknowledged. A file that was cut off in the middle of a batch by a kill loses
that batch alone, which was never acknowledged.
"""

from __future__ import annotations

import os
import struct
import time
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lakeshift.local.firehose.objects import Record

__all__ = ["Journal"]

_HEADER: Final = struct.Struct("<QIII")  # arrival in milliseconds, records, bytes that follow, their checksum
_LENGTH: Final = struct.Struct("<I")


class Journal:
    """One append-only file; its name is the identity of the delivery it will become."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.identity = uuid.UUID(path.stem)
        self.size = 0
        self.oldest: float | None = None
        self._cut()

    @classmethod
    def create(cls, folder: Path) -> Journal:
        """A new empty one in ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{uuid.uuid4()}.journal"
        path.touch()
        return cls(path)

    def append(self, records: list[bytes]) -> None:
        """Keep the records, durably against a kill of this process, before they are acknowledged."""
        now = time.time()
        body = b"".join(part for data in records for part in (_LENGTH.pack(len(data)), data))
        header = _HEADER.pack(int(now * 1000), len(records), len(body), zlib.crc32(body))
        with self.path.open("ab", buffering=0) as stream:
            if stream.write(header + body) != len(header) + len(body):
                raise OSError(f"The disk is full: {self.path} took a part of a batch.")
        self.size += sum(map(len, records))
        self.oldest = self.oldest or now

    def records(self) -> list[Record]:
        """Every whole batch's records, in order of arrival."""
        return [record for _, batch in self._batches() for record in batch]

    def remove(self) -> None:
        """Forget the records: they are delivered."""
        self.path.unlink(missing_ok=True)

    def _cut(self) -> None:
        end = 0
        for position, batch in self._batches():
            end = position
            self.size += sum(len(record.data) for record in batch)
            self.oldest = self.oldest or batch[0].arrived / 1000
        if self.path.stat().st_size > end:
            os.truncate(self.path, end)

    def _batches(self) -> Iterator[tuple[int, list[Record]]]:
        """Each whole batch with the position after it."""
        with self.path.open("rb") as stream:
            while len(head := stream.read(_HEADER.size)) == _HEADER.size:
                arrived, count, length, checksum = _HEADER.unpack(head)
                body = stream.read(length)
                if len(body) < length or zlib.crc32(body) != checksum:
                    return
                yield stream.tell(), list(_split(body, count, arrived))


def _split(body: bytes, count: int, arrived: int) -> Iterator[Record]:
    at = 0
    for _ in range(count):
        (length,) = _LENGTH.unpack_from(body, at)
        at += _LENGTH.size
        yield Record(body[at : at + length], arrived)
        at += length
