"""The buffer of one stream, kept in a file: what was accepted is delivered, also by the server after this one.

A batch is appended whole before it is acknowledged. A file that was cut off in the middle of a batch by a kill loses
that batch alone, which was never acknowledged. A batch read from a Kinesis stream holds the position it was read up
to: records and position are kept together or not at all.
"""

from __future__ import annotations

import json
import os
import struct
import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from lakeshift.local.firehose.failures import Record

__all__ = ["Journal", "Positions"]

_HEADER: Final = struct.Struct("<QIII")  # arrival in milliseconds, records, bytes that follow, their checksum
_LENGTH: Final = struct.Struct("<I")
_SOURCED: Final = 0x80000000  # beside the number of records: the first part is JSON about the source

Positions = dict[str, str]  # a Kinesis shard's last sequence number that was read


class Journal:
    """One append-only file; its name is the identity of the delivery it will become."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.identity = uuid.UUID(path.stem)
        self.size = 0
        self.oldest: float | None = None
        self.positions: Positions = {}
        self._cut()

    @classmethod
    def create(cls, folder: Path) -> Journal:
        """A new empty one in ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{uuid.uuid4()}.journal"
        path.touch()
        return cls(path)

    def append(self, records: Sequence[bytes], now: float) -> None:
        """Keep the records, durably against a kill of this process, before they are acknowledged."""
        self._write(list(records), len(records), now)
        self.size += sum(map(len, records))

    def append_from_source(self, records: Sequence[Record], positions: Positions, now: float) -> None:
        """Keep records of a Kinesis stream, and up to where it was read."""
        told = {
            "positions": positions,
            "sequences": [record.sequence for record in records],
            "arrived": [record.arrived for record in records],
        }
        body = [json.dumps(told).encode(), *(record.data for record in records)]
        self._write(body, len(records) | _SOURCED, now)
        self.size += sum(len(record.data) for record in records)
        self.positions = dict(positions)

    def _write(self, parts: Sequence[bytes], count: int, now: float) -> None:
        body = b"".join(part for data in parts for part in (_LENGTH.pack(len(data)), data))
        header = _HEADER.pack(int(now * 1000), count, len(body), zlib.crc32(body))
        with self.path.open("ab", buffering=0) as stream:
            if stream.write(header + body) != len(header) + len(body):
                raise OSError(f"The disk is full: {self.path} took a part of a batch.")
        self.oldest = self.oldest or now

    def records(self) -> list[Record]:
        """Every whole batch's records, in order of arrival."""
        return [record for _, batch, _ in self._batches() for record in batch]

    def remove(self) -> None:
        """Forget the records: they are delivered."""
        self.path.unlink(missing_ok=True)

    def _cut(self) -> None:
        end = 0
        for position, batch, told in self._batches():
            end = position
            self.size += sum(len(record.data) for record in batch)
            self.oldest = self.oldest or batch[0].arrived / 1000
            self.positions = told.get("positions", self.positions)
        if self.path.stat().st_size > end:
            os.truncate(self.path, end)

    def _batches(self) -> Iterator[tuple[int, list[Record], Mapping[str, Any]]]:
        """Each whole batch with the position after it, and what is told of its source."""
        with self.path.open("rb") as stream:
            while len(head := stream.read(_HEADER.size)) == _HEADER.size:
                arrived, count, length, checksum = _HEADER.unpack(head)
                body = stream.read(length)
                if len(body) < length or zlib.crc32(body) != checksum:
                    return
                parts = _split(body)
                told = json.loads(next(parts)) if count & _SOURCED else {}
                yield stream.tell(), list(_records(list(parts), arrived, told)), told


def _split(body: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(body):
        (length,) = _LENGTH.unpack_from(body, at)
        at += _LENGTH.size
        yield body[at : at + length]
        at += length


def _records(parts: list[bytes], arrived: int, told: Mapping[str, Any]) -> Iterator[Record]:
    sequences = told.get("sequences", [None] * len(parts))
    times = told.get("arrived", [arrived] * len(parts))
    for data, at, sequence in zip(parts, times, sequences, strict=True):
        yield Record(data, at, sequence)
