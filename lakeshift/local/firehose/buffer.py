"""The buffer of one delivery stream: journals that fill, wait, are delivered or given up; and its place in a source."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lakeshift.local.firehose.journal import Journal, Positions
from lakeshift.local.firehose.source import Source

__all__ = ["Buffer"]

_PLACE: Final = "source.json"
_EXPIRED: Final = "expired"


@dataclass(slots=True)
class Buffer:
    """Below ``folder``; ``failing_since`` and ``retry_at`` in seconds of the local AWS's clock."""

    folder: Path
    lock: threading.RLock = field(default_factory=threading.RLock)
    delivering: threading.Lock = field(default_factory=threading.Lock)
    open: Journal | None = None
    full: list[Journal] = field(default_factory=list)
    retry_at: float = 0.0
    failing_since: float | None = None
    positions: Positions | None = None
    counted: dict[str, int] = field(default_factory=dict)

    def restore(self) -> None:
        """Take up what an earlier server left."""
        self.full = [Journal(path) for path in sorted(self.folder.glob("*.journal"))]
        self.full.sort(key=lambda journal: journal.oldest or 0.0)
        place = self.folder / _PLACE
        kept: Positions | None = json.loads(place.read_text()) if place.exists() else None
        for journal in self.full:
            kept = journal.positions or kept
        self.positions = kept

    def take(self, records: list[bytes], size: int, now: float) -> None:
        """Accept records; a journal that reached ``size`` bytes is closed. Raises OSError where they are not kept."""
        with self.lock:
            self._opened().append(records, now)
            self._count("IncomingRecords", len(records), "IncomingBytes", sum(map(len, records)))
            self._close_at(size)

    def begin(self, source: Source) -> None:
        """Start where the source ends now."""
        with self.lock:
            self._keep(source.latest())

    def pull(self, source: Source, size: int, now: float) -> None:
        """Read the source on; records and place are kept together. Raises SourceError, OSError."""
        with self.lock:
            before = self.positions or {}
            records, after = source.read(before)
            if records:
                self._opened().append_from_source(records, after, now)
                volume = sum(len(record.data) for record in records)
                self._count(
                    "DataReadFromKinesisStream.Records", len(records), "DataReadFromKinesisStream.Bytes", volume
                )
                self.positions = after
                self._close_at(size)
            elif after != before:
                self._keep(after)

    def close_open(self) -> None:
        """What is open waits for its delivery from now on."""
        with self.lock:
            if self.open is not None:
                self.full.append(self.open)
                self.open = None

    def drop(self, journal: Journal) -> None:
        """The journal is delivered; the place it was read up to is kept before it goes."""
        with self.lock:
            if journal.positions:
                self._write(journal.positions)
            journal.remove()
            self.full.remove(journal)

    def give_up(self, journal: Journal, reason: str) -> Path:
        """Put the journal aside with the reason; returns where it is now."""
        with self.lock:
            folder = self.folder / _EXPIRED
            folder.mkdir(exist_ok=True)
            if journal.positions:
                self._write(journal.positions)
            (folder / f"{journal.path.stem}.reason").write_text(reason)
            aside = journal.path.replace(folder / journal.path.name)
            self.full.remove(journal)
            return aside

    def forget(self) -> None:
        """Drop everything that is buffered, and the place in the source."""
        with self.lock:
            self.close_open()
            for journal in self.full:
                journal.remove()
            self.full = []
            self.positions = None
            (self.folder / _PLACE).unlink(missing_ok=True)

    def counts(self) -> dict[str, int]:
        """What came in since the last call."""
        with self.lock:
            told, self.counted = self.counted, {}
            return told

    def _opened(self) -> Journal:
        if self.open is None:
            self.open = Journal.create(self.folder)
        return self.open

    def _close_at(self, size: int) -> None:
        if self.open is not None and self.open.size >= size:
            self.close_open()

    def _keep(self, positions: Positions) -> None:
        self.positions = positions
        self._write(positions)

    def _write(self, positions: Positions) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f"{_PLACE}.part"
        with part.open("w") as stream:
            json.dump(positions, stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(self.folder / _PLACE)

    def _count(self, *pairs: str | int) -> None:
        for name, number in zip(pairs[::2], pairs[1::2], strict=True):
            self.counted[str(name)] = self.counted.get(str(name), 0) + int(number)
