"""Buffers of all streams: filled by requests, delivered by size, by time, or when asked."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lakeshift.local.firehose.destination import Destination
from lakeshift.local.firehose.journal import Journal
from lakeshift.local.firehose.objects import Batch, outputs

__all__ = ["Buffers", "Delivered", "Stream"]

_LOG: Final = logging.getLogger(__name__)
_TICK: Final = 0.25  # seconds between looks at the clock
_PAUSE: Final = 5.0  # seconds before a failed delivery is tried again

Put = Callable[[str, str, bytes], None]


@dataclass(frozen=True, slots=True)
class Stream:
    """What a delivery needs to know of a stream."""

    name: str
    version: str
    destination: Destination


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one flush did."""

    records: int
    objects: int


@dataclass(slots=True)
class _Buffer:
    folder: Path
    lock: threading.Lock = field(default_factory=threading.Lock)
    delivering: threading.Lock = field(default_factory=threading.Lock)
    open: Journal | None = None
    full: list[Journal] = field(default_factory=list)
    retry_at: float = 0.0


class Buffers:
    """One journalled buffer a stream below ``folder``; ``put(bucket, key, body)`` writes an object."""

    def __init__(self, folder: Path, put: Put, find: Callable[[str], Stream | None]) -> None:
        self._folder, self._put, self._find = folder, put, find
        self._buffers: dict[str, _Buffer] = {}
        self._making = threading.Lock()
        self._stopping = threading.Event()
        self._clock: threading.Thread | None = None

    def start(self) -> None:
        """Take up what an earlier server left, and watch the clock."""
        for folder in sorted(self._folder.iterdir()) if self._folder.is_dir() else []:
            buffer = self._buffer(folder.name)
            buffer.full = [Journal(path) for path in sorted(folder.glob("*.journal"))]
        self._clock = threading.Thread(target=self._watch, name="firehose", daemon=True)
        self._clock.start()

    def stop(self) -> None:
        """Stop watching; what is not delivered stays in its journal."""
        self._stopping.set()
        if self._clock is not None:
            self._clock.join()

    def append(self, stream: Stream, records: list[bytes]) -> None:
        """Accept the records; raises OSError where they cannot be kept."""
        buffer = self._buffer(stream.name)
        with buffer.lock:
            if buffer.open is None:
                buffer.open = Journal.create(buffer.folder)
            buffer.open.append(records)
            if buffer.open.size >= stream.destination.size:
                _close(buffer)

    def flush(self, name: str) -> Delivered:
        """Deliver everything accepted so far; raises what writing an object raises, and then keeps the records."""
        buffer = self._buffer(name)
        with buffer.lock:
            _close(buffer)
        return self._deliver(name, buffer)

    def forget(self, name: str) -> None:
        """Drop what is buffered: the stream was deleted."""
        buffer = self._buffer(name)
        with buffer.delivering, buffer.lock:
            _close(buffer)
            for journal in buffer.full:
                journal.remove()
            buffer.full = []

    def _buffer(self, name: str) -> _Buffer:
        with self._making:
            return self._buffers.setdefault(name, _Buffer(self._folder / name))

    def _watch(self) -> None:
        while not self._stopping.wait(_TICK):
            for name, buffer in list(self._buffers.items()):
                try:
                    self._look(name, buffer, time.time())
                except Exception as error:
                    buffer.retry_at = time.time() + _PAUSE
                    _LOG.error("Stream %s was not delivered, and will be tried again: %s", name, error)

    def _look(self, name: str, buffer: _Buffer, now: float) -> None:
        stream = self._find(name)
        if stream is None or now < buffer.retry_at:
            return
        with buffer.lock:
            opened = buffer.open
            if opened is not None and opened.oldest is not None and now - opened.oldest >= stream.destination.interval:
                _close(buffer)
            waiting = [one for one in buffer.full if _is_due(one, stream, now)]
        if waiting:
            self._deliver(name, buffer)

    def _deliver(self, name: str, buffer: _Buffer) -> Delivered:
        stream = self._find(name)
        if stream is None:
            return Delivered(0, 0)
        records = objects = 0
        with buffer.delivering:
            while buffer.full:
                journal = buffer.full[0]
                batch = Batch(name, stream.version, journal.identity, journal.records())
                written = outputs(batch, stream.destination) if batch.records else []
                for output in written:
                    self._put(stream.destination.bucket, output.key, output.body)
                journal.remove()
                buffer.full.pop(0)
                records, objects = records + len(batch.records), objects + len(written)
        return Delivered(records, objects)


def _is_due(journal: Journal, stream: Stream, now: float) -> bool:
    oldest = journal.oldest if journal.oldest is not None else 0.0
    return journal.size >= stream.destination.size or now - oldest >= stream.destination.interval


def _close(buffer: _Buffer) -> None:
    if buffer.open is not None:
        buffer.full.append(buffer.open)
        buffer.open = None
