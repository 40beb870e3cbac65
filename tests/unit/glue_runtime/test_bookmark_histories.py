"""Random histories of a bookmarked job against a plain model: what is read, is read once, and nothing is left.

The runtime's own JobState works over the local Glue's own BookmarkStore; only HTTP between them is left out.
https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lakeshift.glue_runtime.bookmark_store import BookmarkVersionError, StoredBookmark
from lakeshift.glue_runtime.bookmarks import MAX_BAND
from lakeshift.glue_runtime.engine.job import JobState
from lakeshift.local.glue.bookmarks.store import Bookmark, BookmarkStore, StaleVersionError, UnknownRunError

EXAMPLES = int(os.environ.get("BOOKMARK_HISTORIES") or 80)


@dataclass(frozen=True)
class File:
    path: str
    size: int
    modified: int


class Store:
    """What the runtime's store does over HTTP, done directly."""

    def __init__(self, store: BookmarkStore) -> None:
        self.store = store

    def read(self) -> StoredBookmark:
        found = self.store.get("job") or Bookmark("job")
        return StoredBookmark(found.version, dict(found.contexts))

    def read_as_of(self, run_id: str) -> StoredBookmark:
        found = self.store.of_run("job", run_id)
        return StoredBookmark(found.version, dict(found.contexts))

    def commit(self, version: int, run_id: str, contexts: dict[str, dict[str, Any]]) -> int:
        try:
            return self.store.commit("job", version, run_id, contexts).version
        except StaleVersionError as error:
            raise BookmarkVersionError(str(error)) from error


@dataclass
class Run:
    state: JobState
    taken: list[File]
    context: str


@dataclass
class Epoch:
    """What a context has read since the last reset: the model of a bookmark."""

    read: set[File] = field(default_factory=set)


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.store = BookmarkStore(self.home)
        self.clock = 10 * MAX_BAND
        self.files: dict[str, File] = {}
        self.hidden: list[tuple[File, int]] = []  # written, but not in a listing before this time
        self.epochs: dict[str, Epoch] = {}
        self.after_run: dict[str, dict[str, set[File]]] = {}  # run id → what each context had read by then
        self.number = 0

    def teardown(self) -> None:
        try:
            self._drain_all()  # every history ends by reading what is left
        finally:
            shutil.rmtree(self.home)

    # The world

    def _listed(self) -> list[File]:
        for file, visible in list(self.hidden):
            if visible <= self.clock:
                self.hidden.remove((file, visible))
                self.files[file.path] = file
        return list(self.files.values())

    @rule(milliseconds=st.sampled_from([1, MAX_BAND // 3, MAX_BAND - 1, MAX_BAND, 2 * MAX_BAND]))
    def time_passes(self, milliseconds: int) -> None:
        self._listed()  # a file becomes visible in its time, whoever looks
        self.clock += milliseconds

    @rule(many=st.integers(1, 3), late=st.sampled_from([0, 0, 1, MAX_BAND // 2]))
    def files_arrive(self, many: int, late: int) -> None:
        for _ in range(many):
            self.number += 1
            self.hidden.append((File(f"f{self.number}", 10, self.clock), self.clock + late))

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def a_file_changes(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(self.files)))
        self.files[path] = File(path, self.files[path].size + 1, self.clock)

    # Runs

    def _begin(self, context: str, option: str = "job-bookmark-enable", **bounds: int) -> Run:
        self.number += 1
        # A listing never lags behind by as much as the band: every late file is seen by a run in its time.
        self.clock += 1
        state = JobState(now=lambda: self.clock, open_store=lambda _: Store(self.store))  # type: ignore[arg-type, return-value]
        state.init("job", {"JOB_RUN_ID": f"jr_{self.number}", "job_bookmark_option": option})
        taken = state.select_files(context, self._listed(), **bounds)
        assert len(set(taken)) == len(taken)
        return Run(state, taken, context)

    def _committed(self, run: Run) -> None:
        epoch = self.epochs.setdefault(run.context, Epoch())
        assert not epoch.read & set(run.taken), "a file was read twice"
        epoch.read |= set(run.taken)
        self.after_run[run.state.run_id] = {name: set(e.read) for name, e in self.epochs.items()}

    def _drain_all(self) -> None:
        for context in "ab":
            self._drain(context)

    def _drain(self, context: str) -> None:
        """A run that is late enough to see everything leaves nothing unread."""
        if self.hidden:
            self.clock = max(self.clock, *(visible for _, visible in self.hidden))
        run = self._begin(context)
        run.state.commit()
        self._committed(run)
        missed = set(self.files.values()) - self.epochs[context].read
        assert not missed, f"never read: {missed}"

    @rule(context=st.sampled_from("ab"), limit=st.sampled_from([None, 1, 2]), size=st.sampled_from([None, 15]))
    def a_run_succeeds(self, context: str, limit: int | None, size: int | None) -> None:
        bounds = {"max_files": limit} if limit else {"max_bytes": size} if size else {}
        run = self._begin(context, **bounds)  # type: ignore[arg-type]
        run.state.commit()
        self._committed(run)

    @rule(context=st.sampled_from("ab"))
    def a_run_fails_before_its_commit(self, context: str) -> None:
        self._begin(context)

    @rule(context=st.sampled_from("ab"))
    def a_paused_run_moves_nothing(self, context: str) -> None:
        before = self.store.get("job")
        run = self._begin(context, "job-bookmark-pause")
        run.state.commit()
        assert self.store.get("job") == before
        read = self.epochs.get(context, Epoch()).read
        assert not read & set(run.taken)

    @rule(context=st.sampled_from("ab"))
    def of_two_runs_at_once_one_commits(self, context: str) -> None:
        first, second = self._begin(context), self._begin(context)
        second.state.commit()
        self._committed(second)
        with pytest.raises(BookmarkVersionError):
            first.state.commit()

    @rule(context=st.sampled_from("ab"))
    def a_commit_whose_answer_was_lost_is_sent_again(self, context: str) -> None:
        run = self._begin(context)
        version, contexts = run.state.before.version, {**run.state.before.contexts, **run.state.after}
        Store(self.store).commit(version, run.state.run_id, contexts)
        run.state.commit()
        self._committed(run)

    @rule(first=st.sampled_from(["drain", "drain", "at once"]))
    def the_bookmark_is_reset(self, first: str) -> None:
        if first == "drain":
            self._drain_all()
        if self.store.reset("job") is not None:
            self.epochs, self.after_run = {}, dict(self.after_run)

    def _kept(self) -> list[str]:
        """Runs whose state the store still has: it keeps the last fifty."""
        kept = []
        for run_id in self.after_run:
            with contextlib.suppress(UnknownRunError):
                kept.append(self.store.of_run("job", run_id).run_id or "")
        return sorted(kept)

    @precondition(lambda self: self.after_run)
    @rule(data=st.data(), first=st.sampled_from(["drain", "drain", "at once"]))
    def the_bookmark_is_rewound(self, data: st.DataObject, first: str) -> None:
        if first == "drain":
            self._drain_all()
        kept = self._kept()
        if not kept:
            return
        run_id = data.draw(st.sampled_from(kept))
        self.store.reset("job", run_id)
        self.epochs = {name: Epoch(set(read)) for name, read in self.after_run[run_id].items()}

    @invariant()
    def the_stored_state_is_whole(self) -> None:
        assert not [path for path in self.home.iterdir() if path.suffix == ".unfinished"]


Histories.TestCase.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestHistories = Histories.TestCase
