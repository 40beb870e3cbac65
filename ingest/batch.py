"""One batch: pages of a source to S3, then the manifest that says it is complete, then the checkpoint.

Stopped anywhere, the next run goes on with the same batch: pages before the checkpoint are not read again, a page after
it gives the same objects. A batch without a manifest is not complete. An upload that is repeated puts nothing, and is
told as duplicates.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from ingest.checkpoint import Checkpoint, OpenBatch, Place
from ingest.landing import Landing
from ingest.rows import Rules, sort_rows

__all__ = ["Loader", "Page", "Report", "Source", "manifest_key"]


@dataclass(frozen=True, slots=True)
class Page:
    """Records as lines, and the position after them, which JSON holds; nothing follows the ``last`` page."""

    lines: list[bytes]
    position: Any = None
    last: bool = False


class Source(Protocol):
    """What is loaded: a name, and pages from a position on (None for the first run).

    Where ``resumes`` is False, positions say nothing, and a stopped batch is read from its start again.
    """

    @property
    def name(self) -> str:
        """The source's name."""

    @property
    def resumes(self) -> bool:
        """Whether positions lead on."""

    def pages(self, position: Any) -> Iterator[Page]:
        """Every page after the position."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a batch did: ``rows_in = rows_out + rows_rejected + rows_duplicate``."""

    source: str
    batch: str
    rows_in: int
    rows_out: int
    rows_rejected: int
    rows_duplicate: int
    files: int
    bytes: int
    manifest: str | None

    def line(self) -> str:
        """As one line of JSON."""
        return json.dumps(asdict(self))


def manifest_key(source: str, batch: str) -> str:
    """Where a complete batch's manifest is, in the ops bucket."""
    return f"manifests/{source}/{batch}.json"


@dataclass(frozen=True, slots=True)
class Loader:
    """Loads a source's new records; ``now`` gives the time in UTC, ``progress`` hears of every landed page."""

    landing: Landing
    rules: Rules = field(default_factory=Rules)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    progress: Callable[[int], None] = lambda _rows: None

    def run(self, source: Source) -> Report:
        """Load everything after the checkpoint. Raises what the source raises, GaveUpError, ConflictError."""
        checkpoint = Checkpoint(self.landing.store, self.landing.ops, source.name)
        place = self._settled(checkpoint.load(), source)
        batch = place.batch or self._begin(source.name, place.position)
        if not source.resumes:
            batch = OpenBatch(batch.id, batch.start, batch.start)
        place.batch = batch
        checkpoint.save(place)
        for page in source.pages(batch.position) if not batch.ended else ():
            self._land(source.name, batch, page)
            if source.resumes:
                checkpoint.save(place)
            self.progress(len(page.lines))
        report = self._complete(source.name, batch)
        checkpoint.save(Place(batch.position))
        return report

    def _begin(self, source: str, position: Any) -> OpenBatch:
        at = self.now()
        told = hashlib.sha256(json.dumps([source, position, at.isoformat()]).encode()).hexdigest()
        return OpenBatch(f"{at:%Y%m%dT%H%M%SZ}-{told[:12]}", position, position)

    def _settled(self, place: Place, source: Source) -> Place:
        """A batch whose manifest is written is complete, though the run ended before it could say so."""
        if place.batch is None:
            return place
        written = self.landing.store.read(self.landing.ops, manifest_key(source.name, place.batch.id))
        return place if written is None else Place(json.loads(written[0])["window"]["to"])

    def _land(self, source: str, batch: OpenBatch, page: Page) -> None:
        found = sort_rows(page.lines, self.rules)
        today = self.now().date()
        for day, lines in found.by_day.items():
            if day is not None:
                batch.files.append(self.landing.put(source, day, lines, batch.id))
            else:
                batch.files.append(self.landing.put_once(source, today, lines, batch.id))
        if found.rejected:
            batch.rejected.append(self.landing.reject(source, today, found.rejected, batch.id))
        batch.rows_in += len(page.lines)
        batch.position, batch.ended = page.position, page.last

    def _complete(self, source: str, batch: OpenBatch) -> Report:
        fresh = {one.key: one for one in batch.files if one.new}
        rejected = sum(one.records for one in batch.rejected)
        rows_out = sum(one.records for one in fresh.values())
        key = manifest_key(source, batch.id) if fresh or any(one.new for one in batch.rejected) else None
        report = Report(
            source=source,
            batch=batch.id,
            rows_in=batch.rows_in,
            rows_out=rows_out,
            rows_rejected=rejected,
            rows_duplicate=batch.rows_in - rows_out - rejected,
            files=len(fresh),
            bytes=sum(one.bytes for one in fresh.values()),
            manifest=key,
        )
        if key is not None:
            told = {
                **asdict(report),
                "files": [asdict(one) for one in fresh.values()],
                "rejected": [asdict(one) for one in batch.rejected],
                "window": {"from": batch.start, "to": batch.position},
                "completed_at": self.now().isoformat(),
            }
            body = json.dumps(told, sort_keys=True).encode()
            self.landing.store.put_new(self.landing.ops, key, body, {}, "application/json")
        return report
