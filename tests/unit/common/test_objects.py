from __future__ import annotations

import pytest

from common.objects import Objects, split_url
from tests.unit.common.fakes import FakeS3


@pytest.mark.parametrize(
    ("url", "parts"), [("s3://b/k/e y", ("b", "k/e y")), ("s3://b", ("b", "")), ("s3://b/", ("b", ""))]
)
def test_a_url_is_bucket_and_key(url: str, parts: tuple[str, str]) -> None:
    assert split_url(url) == parts


@pytest.mark.parametrize("url", ["", "b/k", "http://b/k", "s3://", "s3:///k", "file:///etc"])
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="no s3://bucket/key URL"):
        split_url(url)


def test_all_pages_are_listed_in_order() -> None:
    objects = Objects(FakeS3(b={f"t/{n}": b"x" for n in range(5)}))
    assert [item.url for item in objects.under("s3://b/t/")] == [f"s3://b/t/{n}" for n in range(5)]
    assert objects.any_under("s3://b/t/")
    assert not objects.any_under("s3://b/none/")


def test_folders_are_those_right_below_hidden_ones_left_out() -> None:
    keys = ("t/c=1/x/y", "t/c=1/z", "t/c=2/y", "t/c=3/y", "t/_temporary/y", "t/.hive/y", "t/file", "other/c=4/y")
    objects = Objects(FakeS3(b=dict.fromkeys(keys, b"x")))
    assert list(objects.folders("s3://b/t/")) == ["c=1", "c=2", "c=3"]
    assert list(objects.folders("s3://b/none/")) == []


def test_a_missing_document_is_none_even_beside_a_longer_name() -> None:
    objects = Objects(FakeS3(b={"state.json.old": b"{}"}))
    assert objects.read_json("s3://b/state.json") is None
    objects.write_json("s3://b/state.json", {"b": 1, "a": 2})
    assert objects.read_json("s3://b/state.json") == {"a": 2, "b": 1}


def test_deleting_tells_how_many_and_what_was_refused() -> None:
    s3 = FakeS3(b={"x": b"", "y": b"", "locked": b""}, c={"z": b""})
    assert Objects(s3).delete(["s3://b/x", "s3://c/z"]) == 2
    assert set(s3.objects) == {("b", "y"), ("b", "locked")}
    with pytest.raises(OSError, match="S3 kept locked in b"):
        Objects(s3).delete(["s3://b/locked"])
