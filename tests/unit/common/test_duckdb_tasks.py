"""Lines in, Parquet out: nothing lost, doubled or half there, whichever task an attempt died in."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from common import duckdb_lines, duckdb_tasks
from common.duckdb_flights import FLIGHTS
from common.duckdb_tasks import DuckDbMissingError, Outcome, TooManyRowsError, grouped, run_tasks

EVENT = {
    "event_time": "2013-01-02T08:00:00Z", "carrier": "UA", "flight": 1, "origin": "EWR", "dest": "IAH",
    "time_hour": "2013-01-01T10:00:00Z", "year": 2013, "month": 1, "day": 1, "arr_delay": 11,
}  # fmt: skip
NEWER = "2013-01-03T10:00:00Z"


def line(**changes: object) -> str:
    return json.dumps(EVENT | changes)


class Context:
    """A SparkContext whose tasks run here, one after the other; a task may be made to die at first."""

    defaultParallelism = 2  # noqa: N815 - SparkContext's own name

    def __init__(self, dies: int | None = None) -> None:
        self.dies, self.rounds = dies, []

    def parallelize(self, items: list[Any], slices: int) -> Context:
        assert slices == len(items)
        self.items = items
        return self

    def map(self, work: Callable[[Any], Any]) -> Context:
        self.work = work
        return self

    def collect(self) -> list[Any]:
        self.rounds.append([item[0] for item in self.items])
        done = []
        for place, item in enumerate(self.items):
            if place == self.dies:
                raise RuntimeError("the task died")
            done.append(self.work(item))
        return done


class Folder:
    def __init__(self, root: Path, *files: list[str], packed: bool = False) -> None:
        self.root = root
        self.files: dict[str, int] = {}
        (root / "raw").mkdir()
        for number, lines in enumerate(files):
            path = root / "raw" / f"{number}.json{'.gz' * packed}"
            text = "\n".join([*lines, ""]).encode()
            path.write_bytes(gzip.compress(text) if packed else text)
            self.files[str(path)] = path.stat().st_size

    def run(self, context: Context | None = None, name: str = "run-1") -> Outcome:
        target, rejected = f"{self.root}/flights", f"{self.root}/rejected"
        return run_tasks(context or Context(), FLIGHTS, self.files, target, rejected, name)

    def rows(self) -> list[tuple[Any, ...]]:
        query = f"SELECT flight, arr_delay FROM read_parquet('{self.root}/flights/*/*/*.parquet') ORDER BY ALL"
        return duckdb.sql(query).fetchall()

    def rejected(self) -> list[tuple[str, str]]:
        found = [json.loads(text) for path in self.root.glob("rejected/*") for text in path.open()]
        return sorted((one["reason"], one["record"]) for one in found)


@pytest.mark.parametrize(
    ("content", "rows", "rejected"),
    [
        pytest.param(f"{line()}\r\n{line(flight=2)}\r\n", 2, [], id="carriage-return-and-line-feed"),
        pytest.param(f"{line()}\n{line(flight=2)}\r\n\r\n{line(flight=3)}", 3, [], id="both-kinds-in-a-file"),
        pytest.param(f"{line()}\r{line(flight=2)}", 2, [], id="carriage-return-alone"),
        pytest.param(f"\n  \n\n{line()}\n\n", 1, [], id="blank-lines-are-no-records"),
        pytest.param(f'{line()}\n{{"a": "b,c', 1, ['{"a": "b,c'], id="an-open-quote"),
        pytest.param(f"{line()}\x00{line(flight=2)}\n", 0, [f"{line()}\x00{line(flight=2)}"], id="a-null-in-a-line"),
        pytest.param(f"\x00\r\n{line()}\r\n\n", 1, ["\x00"], id="a-null-and-line-ends"),
        pytest.param(f"\U0010ffff,\t|\n{line()}", 1, ["\U0010ffff,\t|"], id="what-other-files-separate-by"),
        pytest.param(line(tailnum="N" * 3_000_000), 1, [], id="a-line-of-three-megabytes"),
        pytest.param("", 0, [], id="nothing"),
    ],
)
def test_a_line_is_whole_whatever_is_in_it(content: str, rows: int, rejected: list[str], tmp_path: Path) -> None:
    given = Folder(tmp_path, [])
    path = next(iter(given.files))
    Path(path).write_bytes(content.encode())
    given.files[path] = len(content.encode())
    outcome = given.run()
    assert (outcome.rows, outcome.lines) == (rows, rows + len(rejected))
    assert [record for _, record in given.rejected()] == rejected


def test_a_line_too_long_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_lines, "_LONGEST_LINE", 3_000_000)
    with pytest.raises(duckdb.InvalidInputException, match="Maximum line size"):
        Folder(tmp_path, [line(tailnum="N" * 4_000_000)]).run()


def test_every_line_ends_in_one_of_three_places(tmp_path: Path) -> None:
    bad = [line()[:25], line() + line(flight=9), line(arr_delay="two"), line(flight=None), line(month=13)]
    given = Folder(tmp_path, [line(), line(), line(flight=2, arr_delay="12"), ""], [*bad, line(flight=3)])
    outcome = given.run()
    assert (outcome.lines, outcome.rows, outcome.duplicates) == (9, 3, 1)
    assert outcome.rejected == {
        "malformed_json": 2, "bad_integer:arr_delay": 1, "missing:flight": 1, "bad_date:flight_date": 1,
    }  # fmt: skip
    assert given.rows() == [(1, 11), (2, 12), (3, 11)]
    assert [record for _, record in given.rejected()].count(line()[:25]) == 1
    assert sorted(path.name for path in (tmp_path / "flights").iterdir()) == ["flight_date=2013-01-01"]


@pytest.mark.parametrize("late", [pytest.param(0, id="the-first-file"), pytest.param(1, id="the-second-file")])
def test_copies_in_files_of_two_tasks_are_found_and_the_newest_stays(tmp_path: Path, late: int) -> None:
    files = [[line(), line(flight=2)], [line(flight=3), line(flight=4)]]
    files[late].append(line(flight=2 if late else 3, event_time=NEWER, arr_delay=99))
    given, context = Folder(tmp_path, *files), Context()
    outcome = given.run(context)
    assert (outcome.rows, outcome.duplicates) == (4, 1)
    assert (2 if late else 3, 99) in given.rows()
    assert len(given.rows()) == 4
    assert context.rounds == [[0, 1], [1 - late]]  # only what the task that lost a row has staged is written again


def test_the_same_line_in_two_tasks_stays_once(tmp_path: Path) -> None:
    given = Folder(tmp_path, [line()], [line()])
    outcome = given.run()
    assert (outcome.lines, outcome.rows, outcome.duplicates) == (2, 1, 1)
    assert given.rows() == [(1, 11)]


def test_nothing_is_visible_of_a_run_whose_task_died_and_a_rerun_has_all(tmp_path: Path) -> None:
    given = Folder(tmp_path, [line()], [line(flight=2)])
    with pytest.raises(RuntimeError, match="died"):
        given.run(Context(dies=1))
    seen = [path for path in (tmp_path / "flights").rglob("*.parquet") if "_temporary" not in path.parts]
    assert not seen
    given.run()
    assert given.rows() == [(1, 11), (2, 11)]
    assert not (tmp_path / "flights" / "_temporary").exists()


def test_a_rerun_replaces_what_a_killed_run_of_the_same_name_had_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Folder(tmp_path, [line()], [line(flight=2)])
    move, moved = duckdb_tasks.move, []

    def killed(source: str, target: str) -> None:
        if moved:
            raise KeyboardInterrupt
        move(source, target)
        moved.append(target)

    monkeypatch.setattr(duckdb_tasks, "move", killed)
    with pytest.raises(KeyboardInterrupt):
        given.run()
    monkeypatch.undo()
    given.run()
    assert given.rows() == [(1, 11), (2, 11)]


def test_another_run_adds_beside_the_first(tmp_path: Path) -> None:
    given = Folder(tmp_path, [line()])
    given.run(name="run-1")
    Path(next(iter(given.files))).write_text(line(flight=2) + "\n")
    given.run(name="run-2")
    assert given.rows() == [(1, 11), (2, 11)]


def test_packed_files_are_read(tmp_path: Path) -> None:
    assert Folder(tmp_path, [line()], [line(flight=2)], packed=True).run().rows == 2


def test_no_files_are_no_rows(tmp_path: Path) -> None:
    assert Folder(tmp_path).run() == Outcome()


def test_more_rows_than_the_driver_can_compare_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_tasks, "MOST_ROWS", 1)
    with pytest.raises(TooManyRowsError, match="2 rows are more than the 1"):
        Folder(tmp_path, [line(), line(flight=2)]).run()


def test_a_python_without_duckdb_is_told_what_to_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(DuckDbMissingError, match="--additional-python-modules duckdb=="):
        Folder(tmp_path, [line()]).run()


@pytest.mark.parametrize(
    ("sizes", "least", "groups"),
    [
        pytest.param([10, 10, 10, 10], 2, [["a", "b"], ["c", "d"]], id="equal-bytes"),
        pytest.param([90, 10, 10, 10], 2, [["a"], ["b", "c", "d"]], id="a-large-file-alone"),
        pytest.param([10], 2, [["a"]], id="fewer-files-than-tasks"),
        pytest.param([0, 0], 2, [["a"], ["b"]], id="empty-files"),
        pytest.param([1, 1, 98], 3, [["a"], ["b"], ["c"]], id="no-task-without-files"),
    ],
)
def test_files_are_grouped_by_size(sizes: list[int], least: int, groups: list[list[str]]) -> None:
    assert grouped(dict(zip("abcd", sizes, strict=False)), least) == groups


def test_a_packed_file_counts_for_its_lines() -> None:
    assert grouped({"a.json.gz": 10, "b.json": 40, "c.json": 40}, 2) == [["a.json.gz"], ["b.json", "c.json"]]
