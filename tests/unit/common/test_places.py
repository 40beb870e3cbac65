from __future__ import annotations

from pathlib import Path

import boto3
import pytest

from common.places import move, place_of, remove
from tests.unit.common.fakes import FakeS3


@pytest.fixture(params=["s3", "path"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder in a bucket and one of this machine: both are the same to their users."""
    if request.param == "path":
        return f"{tmp_path}/lake"
    s3 = FakeS3(lake={})
    monkeypatch.setattr(boto3, "client", lambda _: s3)
    return "s3://lake"


def put(url: str, tmp_path: Path, content: str = "x") -> None:
    (tmp_path / "given").write_text(content)
    place_of(url).put(tmp_path / "given")


def held(url: str, tmp_path: Path) -> str | None:
    try:
        return place_of(url).fetched(tmp_path / "got").read_text()
    except (KeyError, FileNotFoundError):
        return None


def test_what_is_put_is_fetched(root: str, tmp_path: Path) -> None:
    put(f"{root}/a/b", tmp_path, "text")
    assert held(f"{root}/a/b", tmp_path) == "text"


def test_a_moved_file_takes_the_place_of_what_was_there(root: str, tmp_path: Path) -> None:
    put(f"{root}/_temporary/new", tmp_path, "new")
    put(f"{root}/a", tmp_path, "old")
    move(f"{root}/_temporary/new", f"{root}/a")
    assert (held(f"{root}/a", tmp_path), held(f"{root}/_temporary/new", tmp_path)) == ("new", None)


def test_files_below_a_folder_are_removed_by_their_name_but_for_those_kept(root: str, tmp_path: Path) -> None:
    names = ["d=1/run1-a", "d=1/run2-a", "d=2/run1-a", "run1-kept"]
    for name in names:
        put(f"{root}/t/{name}", tmp_path)
    remove(f"{root}/t/", lambda name: name.startswith("run1-"), kept={f"{root}/t/run1-kept"})
    assert [name for name in names if held(f"{root}/t/{name}", tmp_path)] == ["d=1/run2-a", "run1-kept"]


def test_removing_below_a_folder_that_is_not_there_is_nothing(root: str) -> None:
    remove(f"{root}/nothing/")
