"""Files that were read once: which change is seen, and what is not trusted."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.read_files import ReadFiles

_LATER = 60.0  # seconds after a change, in which it has settled


def later() -> float:
    return time.time() + _LATER


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "2013-01-01.jsonl"
    path.write_bytes(b"{}\n{}\n")
    return path


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "read.json"


def noted(file: Path, record: Path | None, now: Callable[[], float] = later) -> None:
    """Read the file and keep what that told."""
    seen = ReadFiles(record, now)
    seen.read(file)
    seen.keep()


def test_a_file_that_was_left_alone_is_known(file: Path, record: Path) -> None:
    noted(file, record)
    known = ReadFiles(record).known(file)
    assert known == ReadFiles(None).read(file)[1]
    assert known is not None
    assert (known.lines, known.bytes) == (2, 6)


def _put_over(path: Path, content: bytes) -> None:
    """Move another file over it, which has its size and its times."""
    held, other = path.stat(), path.with_name("other")
    other.write_bytes(content)
    os.utime(other, ns=(held.st_atime_ns, held.st_mtime_ns))
    other.replace(path)


def _written_within(path: Path, content: bytes) -> None:
    """Write into the file itself, and put its time back."""
    held = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(held.st_atime_ns, held.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "appended to": lambda path: path.open("ab").write(b"{}\n"),
    "the same size, put over it with the same times": lambda path: _put_over(path, b"[]\n[]\n"),
    "the same size, written within, its time put back": lambda path: _written_within(path, b"[]\n[]\n"),
    "only its time set": lambda path: os.utime(path, (0, 0)),
    "away and another in its place": lambda path: (path.rename(path.with_name("away")), path.write_bytes(b"{}\n{}\n")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_file_is_not_known_once_it_was(file: Path, record: Path, change: Callable[[Path], object]) -> None:
    noted(file, record)
    change(file)
    assert ReadFiles(record).known(file) is None


@pytest.mark.parametrize("age", [-1.0, 0.0, 2.9], ids=["in the future", "now", "within a tick of the coarsest clock"])
def test_nothing_is_noted_of_a_file_that_was_changed_just_now(file: Path, record: Path, age: float) -> None:
    noted(file, record, lambda: file.stat().st_ctime + age)
    assert ReadFiles(record).known(file) is None


def test_nothing_is_noted_of_a_file_that_changes_while_it_is_read(
    file: Path, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = os.fstat

    def told_and_then_changed(descriptor: int) -> os.stat_result:
        told = ask(descriptor)
        file.write_bytes(b"{}\n{}\n{}\n")
        return told

    monkeypatch.setattr(os, "fstat", told_and_then_changed)
    noted(file, record)
    assert ReadFiles(record).known(file) is None


def test_without_a_record_nothing_is_known(file: Path) -> None:
    noted(file, None)
    assert ReadFiles(None).known(file) is None


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"x": 1}', '{"x": {"file": {}}}', '{"x": {"file": {"inode": 1}, "content": {}}}'],
)
def test_a_record_that_cannot_be_understood_is_as_none(file: Path, record: Path, content: str) -> None:
    record.write_text(content)
    assert ReadFiles(record).known(file) is None
    noted(file, record)
    assert ReadFiles(record).known(file) is not None


def test_files_that_nobody_asks_for_are_forgotten(file: Path, record: Path) -> None:
    noted(file, record)
    other = file.with_name("2013-01-02.jsonl")
    other.write_bytes(b"")
    noted(other, record)
    assert list(json.loads(record.read_text())) == [str(other)]


def test_a_file_that_is_asked_for_stays_known(file: Path, record: Path) -> None:
    noted(file, record)
    for _ in range(2):
        seen = ReadFiles(record)
        assert seen.known(file) is not None
        seen.keep()
