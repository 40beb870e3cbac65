"""The bookmark store by itself."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lakeshift.local.glue.bookmarks.store import BookmarkStore, StaleVersionError, UnknownRunError


@pytest.mark.parametrize(
    "job_name",
    ["plain", "../up", ".hidden", "a/b", "x" * 255, "ünïcode" * 30, "a b"],
    ids=["plain", "parent", "dot", "slash", "long", "long after quoting", "space"],
)
def test_every_name_a_job_may_have_is_a_file_below_the_root(tmp_path: Path, job_name: str) -> None:
    root = tmp_path / "bookmarks"
    store = BookmarkStore(root)
    store.commit(job_name, 0, "jr_1", {})
    assert len(list(root.iterdir())) == 1
    assert list(tmp_path.iterdir()) == [root]
    found = store.get(job_name)
    assert found is not None
    assert found.job_name == job_name


def test_names_that_differ_only_in_odd_characters_are_two_bookmarks(tmp_path: Path) -> None:
    store = BookmarkStore(tmp_path)
    store.commit("a/b", 0, "jr_1", {})
    assert store.get("a%2Fb") is None


def test_of_two_runs_that_read_the_same_version_one_commits(tmp_path: Path) -> None:
    store = BookmarkStore(tmp_path)
    outcomes: list[str] = []
    barrier = threading.Barrier(8)

    def commit(number: int) -> None:
        barrier.wait()
        try:
            store.commit("job", 0, f"jr_{number}", {"source": {"run": number}})
            outcomes.append("stored")
        except StaleVersionError:
            outcomes.append("stale")

    threads = [threading.Thread(target=commit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["stale"] * 7 + ["stored"]


def test_the_last_fifty_states_can_be_gone_back_to_and_no_older(tmp_path: Path) -> None:
    store = BookmarkStore(tmp_path)
    for version in range(51):
        store.commit("job", version, f"jr_{version}", {"source": {"mark": version}})
    assert store.of_run("job", "jr_1").contexts == {"source": {"mark": 1}}
    with pytest.raises(UnknownRunError):
        store.of_run("job", "jr_0")


def test_a_deleted_bookmark_starts_anew_and_deleting_none_is_no_error(tmp_path: Path) -> None:
    store = BookmarkStore(tmp_path)
    store.commit("job", 0, "jr_1", {})
    store.delete("job")
    store.delete("job")
    assert store.get("job") is None
    assert store.reset("job") is None
