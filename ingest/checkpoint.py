"""How far a source is loaded, kept in S3: ``s3://<ops>/checkpoints/<source>.json``; one run at a time may move it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from ingest.landing import Landed
from ingest.store import Store

__all__ = ["Checkpoint", "OpenBatch", "Place"]


@dataclass(slots=True)
class OpenBatch:
    """A batch that is not complete: where it began, where it is, and what it landed."""

    id: str
    start: Any
    position: Any
    files: list[Landed] = field(default_factory=list)
    rejected: list[Landed] = field(default_factory=list)
    rows_in: int = 0
    ended: bool = False


@dataclass(slots=True)
class Place:
    """The position after the last complete batch, and the one that was begun."""

    position: Any = None
    batch: OpenBatch | None = None


class Checkpoint:
    """The place of one source; ``save`` raises ConflictError where another run moved it since ``load``."""

    def __init__(self, store: Store, bucket: str, source: str) -> None:
        self._store, self._bucket = store, bucket
        self._key = f"checkpoints/{source}.json"
        self._etag: str | None = None

    def load(self) -> Place:
        """The kept place, or the start."""
        found = self._store.read(self._bucket, self._key)
        if found is None:
            return Place()
        body, self._etag = found
        kept = json.loads(body)
        return Place(kept["position"], _open(kept["batch"]) if kept["batch"] else None)

    def save(self, place: Place) -> None:
        """Keep the place."""
        self._etag = self._store.replace(self._bucket, self._key, asdict(place), self._etag)


def _open(kept: dict[str, Any]) -> OpenBatch:
    landed = {name: [Landed(**one) for one in kept[name]] for name in ("files", "rejected")}
    return OpenBatch(**{**kept, **landed})
