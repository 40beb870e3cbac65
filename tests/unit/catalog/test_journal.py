"""The catalog's journal: whole lines or none, the same tree whatever was written and rewritten."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeshift.errors import LakeshiftError
from lakeshift.local.glue.catalog.journal import Change, Journal, Node

_CHANGES: list[Change] = [
    (("a",), {"n": 1}),
    (("a", "tables", "t"), {"n": 2}),
    (("a", "tables", "t", "partitions", "['1']"), {"n": 3}),
    (("b",), {"n": 4}),
]


def _read(path: Path) -> list[Change]:
    journal = Journal(path)
    found = list(journal.read().walk())
    journal.close()
    return found


def _write(path: Path, *lines: list[Change]) -> None:
    journal = Journal(path)
    for line in lines:
        journal.append(line)
    journal.close()


@pytest.mark.parametrize(
    ("more", "left"),
    [
        pytest.param([], _CHANGES, id="what-is-written-is-read"),
        pytest.param(
            [(("b",), {"n": 5})], [*_CHANGES[:3], (("b",), {"n": 5})], id="a-document-is-replaced-in-its-turn"
        ),
        pytest.param([(("a",), None)], _CHANGES[3:], id="a-removal-takes-all-below"),
        pytest.param([(("a", "tables"), None)], [_CHANGES[0], _CHANGES[3]], id="a-branch-goes-its-owner-stays"),
        pytest.param([(("x", "y"), None)], _CHANGES, id="removing-what-is-not-there"),
    ],
)
def test_lines_make_a_tree(tmp_path: Path, more: list[Change], left: list[Change]) -> None:
    path = tmp_path / "j"
    _write(path, _CHANGES, more)
    assert _read(path) == left


def test_a_line_cut_anywhere_is_lost_alone_and_the_next_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "j"
    _write(path, _CHANGES[:2])
    whole = path.stat().st_size
    _write(path, _CHANGES[2:])
    bytes_ = path.read_bytes()
    for size in range(whole, len(bytes_)):
        path.write_bytes(bytes_[:size])
        assert _read(path) == _CHANGES[:2]
        _write(path, _CHANGES[3:])
        assert _read(path) == [*_CHANGES[:2], _CHANGES[3]]


def test_a_damaged_line_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "j"
    _write(path, _CHANGES[:1], _CHANGES[1:])
    path.write_bytes(b"X" + path.read_bytes()[1:])
    with pytest.raises(LakeshiftError, match=r"Line 1 of the catalog's journal .*make clean"):
        _read(path)


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "j"
    _write(path, _CHANGES[:1])
    journal = Journal(path)
    write = os.write

    def half(stream: int, data: bytes) -> int:
        if len(data) < 30:
            raise OSError("No space left on device")
        return write(stream, data[: len(data) - 20])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OSError, match="No space"):
        journal.append(_CHANGES[1:])
    monkeypatch.undo()
    journal.append(_CHANGES[3:])
    journal.close()
    assert _read(path) == [_CHANGES[0], _CHANGES[3]]


def test_a_rewrite_keeps_what_lives_and_drops_history(tmp_path: Path) -> None:
    path = tmp_path / "j"
    _write(path, *([(("a",), {"n": number})] for number in range(50)), _CHANGES)
    before = path.stat().st_size
    journal = Journal(path)
    journal.rewrite()
    journal.append([(("c",), {"n": 9})])
    journal.close()
    assert path.stat().st_size < before / 5
    assert _read(path) == [*_CHANGES, (("c",), {"n": 9})]


_PLACES = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(tuple)
_ONE = st.tuples(_PLACES, st.one_of(st.none(), st.integers(0, 9)))


@given(changes=st.lists(_ONE, max_size=30), again=st.integers(0, 30))
def test_writing_out_a_tree_gives_the_tree(changes: list[Any], again: int) -> None:
    tree, copied = Node(), Node()
    for place, document in changes[:again]:
        tree.apply(place, document)
    for place, document in tree.walk():
        copied.apply(place, document)
    for place, document in changes[again:]:
        tree.apply(place, document)
        copied.apply(place, document)
    assert list(tree.walk()) == list(copied.walk())


def test_a_journal_of_mostly_history_rewrites_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lakeshift.local.glue.catalog.journal._SLACK", 200)
    path = tmp_path / "j"
    journal = Journal(path)
    sizes = []
    for number in range(100):
        journal.append([(("a",), {"n": number})], history=1 if number else 0)
        sizes.append(path.stat().st_size)
    journal.append([(("b", str(number)), {"n": number}) for number in range(100)])
    grown = path.stat().st_size
    journal.append([(("c",), 1)])
    journal.close()
    assert max(sizes) < 300
    assert path.stat().st_size > grown  # what lives is not written again
    assert len(_read(path)) == 102
