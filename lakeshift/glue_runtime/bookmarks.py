"""What a job bookmark remembers of a source, and what is left to read because of it; pure.

S3 sources go by modification time. A run at time ``T`` takes what changed after the last high mark, and also the files
of the last ``MAX_BAND`` before that mark which it did not see then (a listing may be late); so every file that shows
up within the band is read once, and a changed file is read again.
https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

__all__ = [
    "MAX_BAND",
    "FileFact",
    "JdbcBookmark",
    "S3Bookmark",
    "advance",
    "between",
    "bounded",
    "pending",
    "within_band",
]

MAX_BAND: Final = 900_000
"""Width of the consistency window in milliseconds (``maxBand``)."""


class FileFact(Protocol):
    """A file as a listing shows it: path, size in bytes, modification time in milliseconds since 1970."""

    @property
    def path(self) -> str:
        """Its address."""

    @property
    def size(self) -> int:
        """Its size in bytes."""

    @property
    def modified(self) -> int:
        """Its modification time in milliseconds."""


File = TypeVar("File", bound=FileFact)


def _mark(file: FileFact) -> str:
    return hashlib.blake2b(f"{file.path}\0{file.modified}".encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class S3Bookmark:
    """State of one transformation context: the high mark, and the files read of the band below it (mark → time)."""

    high: int
    recent: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the state as it is stored."""
        return {"type": "s3", "high": self.high, "recent": dict(self.recent)}

    @classmethod
    def of_json(cls, state: Mapping[str, Any]) -> S3Bookmark:
        """Read what `to_json` gave."""
        return cls(int(state["high"]), {str(k): int(v) for k, v in state["recent"].items()})

    def has_read(self, file: FileFact, band: int = MAX_BAND) -> bool:
        """Whether the runs up to this state took ``file``."""
        if file.modified > self.high:
            return False
        return file.modified <= self.high - band or _mark(file) in self.recent


def pending(state: S3Bookmark | None, files: Iterable[File], now: int, band: int = MAX_BAND) -> list[File]:
    """Return the files that a run at ``now`` (milliseconds) has to read, oldest first."""
    chosen = [f for f in files if f.modified <= now and (state is None or not state.has_read(f, band))]
    return sorted(chosen, key=lambda f: (f.modified, f.path))


def bounded(files: Sequence[File], max_files: int | None, max_bytes: int | None) -> list[File]:
    """Return the first of ``files`` that the bounds allow; at least one, so that a run makes progress."""
    if max_files is not None:
        return list(files[:max_files])
    if max_bytes is None:
        return list(files)
    taken: list[File] = []
    size = 0
    for file in files:
        size += file.size
        if taken and size > max_bytes:
            break
        taken.append(file)
    return taken


def within_band(files: Sequence[File], max_files: int | None, now: int, band: int = MAX_BAND) -> list[File]:
    """Return ``files`` (oldest first) without those beyond the first ``max_files`` of the last ``band`` milliseconds.

    What is left out belongs to the next run (``maxFilesInBand``): a bookmark keeps a list of what it read in the band.
    """
    if max_files is None:
        return list(files)
    settled = sum(f.modified <= now - band for f in files)
    return list(files[: settled + max_files])


def advance(
    state: S3Bookmark | None, taken: Sequence[FileFact], *, complete: bool, now: int, band: int = MAX_BAND
) -> S3Bookmark:
    """Return the state after a run that read ``taken``, the oldest pending files; ``complete`` when these were all."""
    before = state.high if state else 0
    high = max(before, now) if complete else max([before, *(f.modified for f in taken)])
    known = dict(state.recent) if state else {}
    known.update({_mark(f): f.modified for f in taken})
    return S3Bookmark(high, {mark: at for mark, at in known.items() if at > high - band})


def between(
    low: S3Bookmark | None, high: S3Bookmark | None, files: Iterable[File], now: int, band: int = MAX_BAND
) -> list[File]:
    """Return the files that runs after ``low`` up to ``high`` read: a paused bookmark's range."""
    chosen = pending(low, files, now, band)
    return [f for f in chosen if high is not None and high.has_read(f, band)]


@dataclass(frozen=True)
class JdbcBookmark:
    """State of one JDBC source: its key columns, their order, and the last values read (None before the first row)."""

    keys: tuple[str, ...]
    ascending: bool
    last: tuple[str, ...] | None

    def to_json(self) -> dict[str, Any]:
        """Return the state as it is stored."""
        last = None if self.last is None else list(self.last)
        return {"type": "jdbc", "keys": list(self.keys), "order": "asc" if self.ascending else "desc", "last": last}

    @classmethod
    def of_json(cls, state: Mapping[str, Any]) -> JdbcBookmark:
        """Read what `to_json` gave."""
        last = state["last"]
        return cls(tuple(state["keys"]), state["order"] == "asc", None if last is None else tuple(map(str, last)))
