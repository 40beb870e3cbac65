"""Digests of tables: equal for equal rows in any files and order, other for any other value."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks.table_digests import of_files

SCHEMA = {"name": "string", "late": "boolean", "delay": "int", "speed": "double", "seen": "timestamp", "day": "date"}
ROW = "'a' AS name, true AS late, 1 AS delay, 0.5 AS speed, TIMESTAMP '2013-01-01 10:00:00' AS seen"


def digest(home: Path, name: str, *rows: str) -> tuple[int, int]:
    """Each row in a file of its own, in a folder of its day."""
    for number, row in enumerate(rows):
        folder = home / name / "day=2013-01-01"
        folder.mkdir(parents=True, exist_ok=True)
        duckdb.sql(f"COPY (SELECT {row}) TO '{folder}/{number}.parquet'")
    return of_files(home / name, SCHEMA)


def test_the_order_of_rows_and_their_files_do_not_matter(tmp_path: Path) -> None:
    other = ROW.replace("'a'", "'b'")
    assert digest(tmp_path, "one", ROW, other) == digest(tmp_path, "two", other, ROW)
    assert digest(tmp_path, "twice", ROW, ROW)[0] == 2


@pytest.mark.parametrize(
    ("value", "instead"),
    [
        pytest.param("'a'", "NULL", id="a null"),
        pytest.param("true", "false", id="a boolean"),
        pytest.param("1 AS delay", "2 AS delay", id="a number"),
        pytest.param("0.5", "0.502", id="a measure"),
        pytest.param("10:00:00", "10:00:01", id="a second"),
    ],
)
def test_another_value_is_another_digest(tmp_path: Path, value: str, instead: str) -> None:
    assert digest(tmp_path, "one", ROW) != digest(tmp_path, "other", ROW.replace(value, instead))
