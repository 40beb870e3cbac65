"""A bookmark file is the old one or the new one, wherever the writer is cut."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

from lakeshift.local.glue.bookmarks import durable
from lakeshift.local.glue.bookmarks.durable import read_json, write_json
from lakeshift.local.glue.bookmarks.store import BookmarkStore

CUTS = range(12)  # more than the steps of one write


class Cut(BaseException):
    """The process is gone: nothing after this point happens."""


class Disk:
    """Counts the writer's steps and cuts it at one of them; after the cut no step does anything any more."""

    def __init__(self, patch: pytest.MonkeyPatch, at: int) -> None:
        self._left, self._dead = at, False
        self._wrap(patch, os, "fsync")
        self._wrap(patch, Path, "replace")
        self._wrap(patch, Path, "unlink")
        self._wrap(patch, Path, "mkdir")
        self._half(patch)

    @property
    def was_cut(self) -> bool:
        return self._dead

    def step(self) -> None:
        if self._dead or self._left == 0:
            self._dead = True
            raise Cut
        self._left -= 1

    def _wrap(self, patch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def stepped(*arguments: Any, **more: Any) -> Any:
            self.step()
            return real(*arguments, **more)

        patch.setattr(owner, name, stepped)

    def _half(self, patch: pytest.MonkeyPatch) -> None:
        """Cut inside the write of the bytes: half of them are on the disk."""
        real = durable.json.dump

        def half(document: Any, stream: Any, **more: Any) -> None:
            whole = io.StringIO()
            real(document, whole, **more)
            text = whole.getvalue()
            stream.write(text[: len(text) // 2])
            stream.flush()
            self.step()
            stream.write(text[len(text) // 2 :])

        patch.setattr(durable.json, "dump", half)


@pytest.mark.parametrize("at", CUTS, ids=lambda at: f"cut before step {at}")
def test_a_cut_writer_leaves_the_old_document_or_the_new_one(tmp_path: Path, at: int) -> None:
    store = BookmarkStore(tmp_path)
    old = store.commit("job", 0, "jr_1", {"source": {"mark": 1}})
    with pytest.MonkeyPatch.context() as patch:
        disk = Disk(patch, at)
        answered = False
        try:
            store.commit("job", 1, "jr_2", {"source": {"mark": 2, "more": "x" * 1000}})
            answered = True
        except Cut:
            assert disk.was_cut
    found = BookmarkStore(tmp_path).get("job")
    assert found is not None
    assert found == old or (found.version, found.contexts["source"]["mark"]) == (2, 2)
    if answered:
        assert found.version == 2
    retried = BookmarkStore(tmp_path).commit("job", found.version, "jr_3", {})
    assert retried.version == found.version + 1


def test_the_simulator_reaches_every_step_and_then_the_write_completes(tmp_path: Path) -> None:
    outcomes = []
    for at in CUTS:
        with pytest.MonkeyPatch.context() as patch:
            Disk(patch, at)
            try:
                write_json(tmp_path / f"{at}.json", {"a": 1})
                outcomes.append("written")
            except Cut:
                outcomes.append("cut")
    assert outcomes[0] == "cut"
    assert outcomes[-1] == "written"
    assert outcomes == sorted(outcomes)  # "cut" comes before "written": no step is missed


def test_a_full_disk_leaves_the_old_document_and_no_draft(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"old": True})

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            write_json(tmp_path / "a.json", {"old": False})
    assert read_json(tmp_path / "a.json") == {"old": True}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_torn_file_is_an_error_not_an_empty_bookmark(tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text('{"states": [')
    with pytest.raises(ValueError, match="Expecting value"):
        BookmarkStore(tmp_path).get("job")
