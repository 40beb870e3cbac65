"""Buffers of all streams: filled by requests or from their source, delivered by size, by time, or when asked."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from lakeshift.local.clock import CLOCK, Clock
from lakeshift.local.firehose.buffer import Buffer
from lakeshift.local.firehose.conversion import Conversion
from lakeshift.local.firehose.destination import Destination
from lakeshift.local.firehose.failures import CONVERSION
from lakeshift.local.firehose.journal import Journal
from lakeshift.local.firehose.objects import Batch, Output, Schema, outputs
from lakeshift.local.firehose.source import Source

__all__ = ["Buffers", "Delivered", "Outside", "Stream"]

_LOG: Final = logging.getLogger(__name__)
_TICK: Final = timedelta(seconds=0.25)  # between looks at the buffers
_PAUSE: Final = 5.0  # seconds before a failed delivery is tried again
_LONGEST: Final = 24 * 3600.0  # https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html


@dataclass(frozen=True, slots=True)
class Stream:
    """What a delivery needs to know of a stream."""

    name: str
    version: str
    destination: Destination
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one flush did."""

    records: int
    objects: int


def _no_schema(conversion: Conversion) -> Schema:
    raise LookupError(f"There is no catalog to find {conversion.table.database}.{conversion.table.table} in.")


@dataclass(frozen=True, slots=True)
class Outside:
    """What the buffers ask of the world around them.

    ``put`` writes an object to a bucket, ``find`` gives the stream of a name, ``sourced`` the names of those that
    read a Kinesis stream, ``schema`` the table of a conversion, ``measure`` takes a stream's metrics, ``tell`` hears
    when its deliveries begin to fail.
    """

    put: Callable[[str, Output], None]
    find: Callable[[str], Stream | None]
    sourced: Callable[[], Iterable[str]] = tuple
    schema: Callable[[Conversion], Schema] = _no_schema
    measure: Callable[[str, dict[str, float]], None] = lambda _name, _metrics: None
    tell: Callable[[Stream, Exception], None] = lambda _stream, _error: None
    clock: Clock = CLOCK


class Buffers:
    """One journalled buffer a stream below ``folder``."""

    def __init__(self, folder: Path, outside: Outside) -> None:
        self._folder, self._outside = folder, outside
        self._buffers: dict[str, Buffer] = {}
        self._making = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._said: deque[tuple[float, str]] = deque(maxlen=1000)  # when, and what was delivered

    def restore(self) -> None:
        """Take up what an earlier server left, and what came into a source since."""
        for folder in sorted(self._folder.iterdir()) if self._folder.is_dir() else []:
            self._buffer(folder.name).restore()
        for name in self._outside.sourced():
            self._guarded(name, self._pull)

    def start(self) -> None:
        """Restore, and watch the clock."""
        self.restore()
        self._thread = threading.Thread(target=self._watch, name="firehose", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; what is not delivered stays in its journal."""
        self._stopping.set()
        self._outside.clock.wake()
        if self._thread is not None:
            self._thread.join()

    def append(self, stream: Stream, records: list[bytes]) -> None:
        """Accept the records; raises OSError where they cannot be kept."""
        self._buffer(stream.name).take(records, stream.destination.size, self._now())

    def begin(self, name: str, source: Source) -> None:
        """A new stream reads its source from now on."""
        self._buffer(name).begin(source)

    def flush(self, name: str) -> Delivered:
        """Deliver everything accepted so far; raises what writing an object raises, and then keeps the records."""
        self._pull(name)
        buffer = self._buffer(name)
        buffer.close_open()
        return self._deliver(name, buffer)

    def look(self) -> None:
        """Read the sources on, and deliver what is due by the clock; a failure is logged and tried again later."""
        for name in self._outside.sourced():
            self._guarded(name, self._pull)
        for name in list(self._buffers):
            self._guarded(name, self._deliver_due)

    def report(self) -> list[str]:
        """Deliver what is due; says what was delivered since the clock was moved (``clock.on_move``)."""
        self.look()
        return [line for when, line in list(self._said) if when >= self._outside.clock.moved_at]

    def forget(self, name: str) -> None:
        """Drop what is buffered: the stream was deleted."""
        buffer = self._buffer(name)
        with buffer.delivering:
            buffer.forget()

    def _now(self) -> float:
        return self._outside.clock.now().timestamp()

    def _buffer(self, name: str) -> Buffer:
        with self._making:
            return self._buffers.setdefault(name, Buffer(self._folder / name))

    def _watch(self) -> None:
        clock = self._outside.clock
        while not self._stopping.is_set():
            self.look()
            clock.wait_until(clock.now() + _TICK, self._stopping.is_set)

    def _guarded(self, name: str, step: Callable[[str], object]) -> None:
        try:
            step(name)
        except Exception as error:
            self._buffer(name).retry_at = self._now() + _PAUSE
            _LOG.error("Stream %s was not delivered, and will be tried again: %s", name, error)

    def _pull(self, name: str) -> None:
        stream = self._outside.find(name)
        if stream is not None and stream.source is not None:
            self._buffer(name).pull(stream.source, stream.destination.size, self._now())

    def _deliver_due(self, name: str) -> None:
        buffer, stream, now = self._buffer(name), self._outside.find(name), self._now()
        if stream is None or now < buffer.retry_at:
            return
        with buffer.lock:
            if buffer.open is not None and _is_due(buffer.open, stream, now):
                buffer.close_open()
            waiting = [one for one in buffer.full if _is_due(one, stream, now)]
        if waiting:
            self._deliver(name, buffer)

    def _deliver(self, name: str, buffer: Buffer) -> Delivered:
        stream = self._outside.find(name)
        if stream is None:
            return Delivered(0, 0)
        records = objects = 0
        with buffer.delivering:
            while buffer.full:
                journal = buffer.full[0]
                try:
                    written = self._write(stream, journal)
                except Exception as error:
                    self._failed(stream, buffer, journal, error)
                    continue
                buffer.failing_since = None
                buffer.drop(journal)
                records += sum(output.records for output in written)
                objects += len(written)
                self._measure(stream, buffer, journal, written)
        if records:
            line = f"stream {name} delivered {records} records in {objects} objects"
            self._said.append((time.monotonic(), line))
        return Delivered(records, objects)

    def _write(self, stream: Stream, journal: Journal) -> list[Output]:
        batch = Batch(stream.name, stream.version, journal.identity, journal.records())
        conversion = stream.destination.conversion
        schema = self._outside.schema(conversion) if conversion is not None else Schema()
        written = outputs(batch, stream.destination, schema) if batch.records else []
        for output in written:
            self._outside.put(stream.destination.bucket, output)
        return written

    def _failed(self, stream: Stream, buffer: Buffer, journal: Journal, error: Exception) -> None:
        """Raise the error for another try, until they have failed for a day: then the journal is put aside."""
        now = self._now()
        if buffer.failing_since is None:
            buffer.failing_since = now
            self._outside.tell(stream, error)
        self._outside.measure(stream.name, {"DeliveryToS3.Success": 0.0})
        if now - buffer.failing_since < _LONGEST:
            raise error
        aside = buffer.give_up(journal, f"{type(error).__name__}: {error}")
        _LOG.error(
            "Stream %s could not be delivered for 24 hours; its records are in %s: %s", stream.name, aside, error
        )

    def _measure(self, stream: Stream, buffer: Buffer, journal: Journal, written: list[Output]) -> None:
        plain = [output for output in written if output.failed is None]
        metrics: dict[str, float] = {**buffer.counts()}
        if stream.destination.conversion is not None:
            failed = (output.records for output in written if output.failed == CONVERSION)
            metrics |= {"SucceedConversion.Records": sum(output.records for output in plain)}
            metrics |= {"FailedConversion.Records": sum(failed)}
        if plain:
            metrics |= {
                "DeliveryToS3.Success": 1.0,
                "DeliveryToS3.Records": sum(output.records for output in plain),
                "DeliveryToS3.Bytes": sum(len(output.body) for output in plain),
                "DeliveryToS3.ObjectCount": len(plain),
                "DeliveryToS3.DataFreshness": max(0.0, self._now() - (journal.oldest or self._now())),
            }
        self._outside.measure(stream.name, metrics)


def _is_due(journal: Journal, stream: Stream, now: float) -> bool:
    oldest = journal.oldest if journal.oldest is not None else 0.0
    return journal.size >= stream.destination.size or now - oldest >= stream.destination.interval
