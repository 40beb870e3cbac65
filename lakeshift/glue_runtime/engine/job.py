"""The running job: its bookmark option, what its sources read, and the commit."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from lakeshift.glue_runtime.bookmark_store import BookmarkStore, StoredBookmark
from lakeshift.glue_runtime.bookmarks import (
    MAX_BAND,
    FileFact,
    JdbcBookmark,
    S3Bookmark,
    advance,
    between,
    bounded,
    pending,
    within_band,
)

__all__ = ["JobState", "current"]

_log = logging.getLogger(__name__)
File = TypeVar("File", bound=FileFact)


def _milliseconds() -> int:
    return int(time.time() * 1000)


@dataclass
class JobState:
    """One run's view of the bookmark; ``option`` is ``job-bookmark-enable``, ``-pause`` or ``-disable``."""

    name: str = ""
    run_id: str = ""
    option: str = "job-bookmark-disable"
    initialized: bool = False
    store: BookmarkStore | None = None
    before: StoredBookmark = field(default_factory=StoredBookmark)
    until: StoredBookmark | None = None
    after: dict[str, dict[str, Any]] = field(default_factory=dict)
    now: Callable[[], int] = _milliseconds
    open_store: Callable[[str], BookmarkStore] = BookmarkStore

    def init(self, name: str, arguments: Mapping[str, str]) -> None:
        """Begin the job: read the bookmark where the option asks for it."""
        self.name, self.run_id = name, str(arguments.get("JOB_RUN_ID") or "")
        self.option = str(arguments.get("job_bookmark_option") or "job-bookmark-disable")
        self.initialized, self.after, self.until = True, {}, None
        self.store = None if self.option == "job-bookmark-disable" else self.open_store(name)
        if self.store is None:
            return
        start, end = arguments.get("job_bookmark_from"), arguments.get("job_bookmark_to")
        if self.option == "job-bookmark-pause" and start and end:
            self.before, self.until = self.store.read_as_of(start), self.store.read_as_of(end)
        else:
            self.before = self.store.read()

    def remembers(self, context: str) -> bool:
        """Whether a source with this transformation context goes by the bookmark."""
        return self.store is not None and bool(context)

    def select_files(
        self,
        context: str,
        files: Sequence[File],
        *,
        max_files: int | None = None,
        max_bytes: int | None = None,
        band: int | None = None,
        max_in_band: int | None = None,
    ) -> list[File]:
        """Return which of a source's ``files`` this run reads, and note the state to commit.

        ``max_files`` and ``max_bytes`` bound the run (boundedFiles, boundedSize); ``band`` is the width of the
        consistency window in milliseconds (maxBand) and ``max_in_band`` how many of its files one run takes.
        https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-s3-home.html
        """
        if not self.remembers(context):
            return list(files)
        now, band = self.now(), MAX_BAND if band is None else band
        state = self._s3(self.before, context)
        if self.until is not None:
            return between(state, self._s3(self.until, context), files, now, band)
        waiting = pending(state, files, now, band)
        taken = within_band(bounded(waiting, max_files, max_bytes), max_in_band, now, band)
        complete = len(taken) == len(waiting)
        self.after[context] = advance(state, taken, complete=complete, now=now, band=band).to_json()
        _log.info("bookmark %s/%s: %d of %d files are new", self.name, context, len(taken), len(files))
        return taken

    @staticmethod
    def _s3(stored: StoredBookmark, context: str) -> S3Bookmark | None:
        state = stored.contexts.get(context)
        return S3Bookmark.of_json(state) if state and state.get("type") == "s3" else None

    def jdbc(self, context: str) -> JdbcBookmark | None:
        """Return what is remembered of a JDBC source, or None."""
        return self._jdbc(self.before, context)

    def jdbc_until(self, context: str) -> JdbcBookmark | None:
        """Return where a paused bookmark's range ends for a JDBC source; None outside a range, or before any row."""
        return None if self.until is None else self._jdbc(self.until, context)

    @staticmethod
    def _jdbc(stored: StoredBookmark, context: str) -> JdbcBookmark | None:
        state = stored.contexts.get(context)
        return JdbcBookmark.of_json(state) if state and state.get("type") == "jdbc" else None

    @property
    def ranged(self) -> bool:
        """Whether the run reads a range that earlier runs have read (``--job-bookmark-from`` and ``-to``)."""
        return self.until is not None

    def note_jdbc(self, context: str, state: JdbcBookmark) -> None:
        """Note the state to commit for a JDBC source."""
        self.after[context] = state.to_json()

    def counter(self, context: str) -> int:
        """Return the last number a transform gave out, in this run or earlier, 0 at first (Relationalize's keys)."""
        if not self.remembers(context):
            return 0
        state = self.after.get(context) or self.before.contexts.get(context)
        return int(state["last"]) if state and state.get("type") == "counter" else 0

    def note_counter(self, context: str, last: int) -> None:
        """Note the number to go on from in the next run."""
        if self.remembers(context):
            self.after[context] = {"type": "counter", "last": last}

    def commit(self) -> None:
        """Store what the sources noted: all contexts at once or none."""
        if self.store is not None and self.option == "job-bookmark-enable":
            contexts = {**self.before.contexts, **self.after}
            version = self.store.commit(self.before.version, self.run_id, contexts)
            self.before, self.after = StoredBookmark(version, contexts), {}


current = JobState()
"""The job of this process: a process runs one."""
