"""Values and results as a person reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from lakeshift.redshift.result import Result, ResultColumn, as_table
from lakeshift.redshift.tables import as_text, text_table
from lakeshift.redshift.types import SqlType

TEXTS: list[tuple[str, Any, str | None]] = [
    ("null", None, None),
    ("true", True, "true"),
    ("false", False, "false"),
    ("a whole number", 7, "7"),
    ("a decimal keeps its zeros", Decimal("1.50"), "1.50"),
    ("a decimal has no exponent", Decimal("1E+3"), "1000"),
    ("a double", 0.5, "0.5"),
    ("a date", date(2020, 1, 2), "2020-01-02"),
    ("a time", time(1, 2, 3), "01:02:03"),
    ("a timestamp", datetime(2020, 1, 2, 3, 4, 5), "2020-01-02 03:04:05"),
    ("a timestamp with its fraction", datetime(2020, 1, 2, 3, 4, 5, 120000), "2020-01-02 03:04:05.120000"),
    ("a timestamp of UTC", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC), "2020-01-02 03:04:05+00"),
    ("bytes", b"\x00\xff", "00ff"),
    ("an object", {"a": [1, None]}, '{"a":[1,null]}'),
    ("text", "abc", "abc"),
]


@pytest.mark.parametrize(("value", "text"), [case[1:] for case in TEXTS], ids=[case[0] for case in TEXTS])
def test_as_text(value: Any, text: str | None) -> None:
    assert as_text(value) == text


TABLES: list[tuple[str, list[tuple[Any, ...]], str]] = [
    ("numbers to the right", [(1, "a"), (20, "b")], "n  | t\n---+--\n 1 | a\n20 | b\n(2 rows)"),
    ("text to the left, null empty", [("x", None)], "n | t\n--+--\nx |\n(1 row)"),
    ("no rows", [], "n | t\n--+--\n(0 rows)"),
    ("a truth value is no number", [(True, "a")], " n   | t\n-----+--\ntrue | a\n(1 row)"),
    ("a line break stays in its cell", [("a\nb", 1)], " n   | t\n-----+--\na\\nb | 1\n(1 row)"),
]


@pytest.mark.parametrize(("rows", "text"), [case[1:] for case in TABLES], ids=[case[0] for case in TABLES])
def test_text_table(rows: list[tuple[Any, ...]], text: str) -> None:
    assert [line.rstrip() for line in text_table(["n", "t"], rows).splitlines()] == [
        line.rstrip() for line in text.splitlines()
    ]


RESULTS = [
    ("rows", Result("SELECT", (ResultColumn("n", SqlType("integer")),), [(1,)], 1), "n\n-\n1\n(1 row)"),
    ("a count", Result("INSERT", row_count=3), "INSERT 3"),
    ("none touched", Result("DELETE", row_count=0), "DELETE 0"),
    ("no count", Result("CREATE TABLE"), "CREATE TABLE"),
]


@pytest.mark.parametrize(("result", "text"), [case[1:] for case in RESULTS], ids=[case[0] for case in RESULTS])
def test_as_table(result: Result, text: str) -> None:
    assert as_table(result) == text


def test_an_empty_result_set_is_one() -> None:
    assert Result("SELECT", (ResultColumn("n", SqlType("integer")),)).has_result_set
    assert not Result("INSERT", row_count=1).has_result_set
