"""The bookmark's algebra against a plain model: every visible file is read exactly once."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeshift.glue_runtime.bookmarks import JdbcBookmark, S3Bookmark, advance, between, bounded, pending

BAND = 100


@dataclass(frozen=True)
class File:
    path: str
    size: int
    modified: int


def run(
    state: S3Bookmark | None, files: list[File], now: int, limit: int | None = None
) -> tuple[list[File], S3Bookmark]:
    waiting = pending(state, files, now, BAND)
    taken = bounded(waiting, limit, None)
    return taken, advance(state, taken, complete=len(taken) == len(waiting), now=now, band=BAND)


@pytest.mark.parametrize(
    ("modified", "seen", "now", "taken"),
    [
        pytest.param(1_001, False, 2_000, True, id="changed-after-the-mark"),
        pytest.param(1_000, False, 2_000, True, id="in-the-band-and-not-seen"),
        pytest.param(1_000, True, 2_000, False, id="in-the-band-and-seen"),
        pytest.param(900, False, 2_000, False, id="at-the-far-end-of-the-band"),
        pytest.param(901, False, 2_000, True, id="just-inside-the-band"),
        pytest.param(2_001, False, 2_000, False, id="not-yet"),
    ],
)
def test_which_files_a_run_takes(modified: int, seen: bool, now: int, taken: bool) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html"""
    file = File("a", 1, modified)
    _, state = run(None, [file] if seen else [], 1_000)
    assert (pending(state, [file], now, BAND) == [file]) is taken


def test_a_changed_file_is_read_again() -> None:
    _, state = run(None, [File("a", 1, 950)], 1_000)
    assert pending(state, [File("a", 2, 990)], 1_100, BAND) == [File("a", 2, 990)]


def test_bounds_take_the_oldest_and_leave_the_rest_for_the_next_run() -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/bounded-execution.html"""
    files = [File(str(i), 10, 500) for i in range(5)]
    taken: list[list[str]] = []
    state: S3Bookmark | None = None
    for now in (1_000, 1_001, 1_002, 1_003):
        some, state = run(state, files, now, limit=2)
        taken.append([f.path for f in some])
    assert taken == [["0", "1"], ["2", "3"], ["4"], []]


@pytest.mark.parametrize(("size", "number"), [(5, 1), (10, 1), (25, 2), (100, 5)])
def test_bounded_size_takes_at_least_one(size: int, number: int) -> None:
    assert len(bounded([File(str(i), 10, i) for i in range(5)], None, size)) == number


def test_a_paused_range_is_what_the_runs_in_it_read() -> None:
    files = [File("a", 1, 10), File("b", 1, 1_010), File("c", 1, 2_010)]
    _, first = run(None, files[:1], 1_000)
    _, second = run(first, files[:2], 2_000)
    assert between(first, second, files, 3_000, BAND) == [files[1]]
    assert between(None, second, files, 3_000, BAND) == files[:2]
    assert between(first, None, files, 3_000, BAND) == []


def test_states_survive_their_json() -> None:
    _, state = run(None, [File("a", 1, 950)], 1_000)
    assert S3Bookmark.of_json(state.to_json()) == state
    jdbc = JdbcBookmark(("a", "b"), ascending=False, last=("1", "x"))
    assert JdbcBookmark.of_json(jdbc.to_json()) == jdbc


# A history: files appear, runs come in between, some bounded, some failing before their commit.
events = st.lists(
    st.one_of(
        st.tuples(st.just("file"), st.just(None), st.integers(0, 40)),
        st.tuples(st.just("run"), st.sampled_from([None, 1, 2]), st.booleans()),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(events)
def test_every_file_is_committed_exactly_once(history: list[tuple[str, int | None, int]]) -> None:
    now, files, committed = 1_000, [], []
    state: S3Bookmark | None = None
    for number, (kind, limit, third) in enumerate(history):
        if kind == "file":
            now += third
            files.append(File(f"f{number}", 1, now))
            continue
        now += 7
        taken, after = run(state, files, now, limit)
        if third:  # the run committed
            state = after
            committed += taken
    taken, state = run(state, files, now + 2 * BAND)
    committed += taken
    assert sorted(f.path for f in committed) == sorted(f.path for f in files)
    assert pending(state, files, now + 2 * BAND + 1, BAND) == []


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, BAND - 1)), min_size=1, max_size=20), st.integers(1, BAND))
def test_nothing_listed_within_the_band_is_lost(arrivals: list[tuple[int, int]], step: int) -> None:
    """A file may be listed late by less than the band: it is still read, and only once."""
    now, files = 1_000, []
    for gap, lateness in arrivals:
        now += gap
        files.append((File(f"f{len(files)}", 1, now), now + lateness))
    clock, state, taken = 1_000, None, []
    while clock <= now + 3 * BAND:
        some, state = run(state, [f for f, listed_at in files if listed_at <= clock], clock)
        taken += some
        clock += step
    # A run sees a late file while its time is in the band of the mark of the run before.
    reachable = [f for f, listed_at in files if listed_at + step <= f.modified + BAND + step]
    assert sorted(f.path for f in taken) == sorted(f.path for f in reachable)
