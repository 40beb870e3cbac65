"""The comparison of an answer with a printed table: kind to how psql prints, deaf to nothing else."""

from __future__ import annotations

import importlib.util
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

_FILE = Path(__file__).resolve().parents[3] / "tools" / "printed_results.py"
_SPEC = importlib.util.spec_from_file_location("printed_results", _FILE)
assert _SPEC is not None and _SPEC.loader is not None
_MODULE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_MODULE)
differs = _MODULE.differs

SAME: list[tuple[str, list[list[str]], list[tuple[Any, ...]]]] = [
    ("NULL is blank", [[""]], [(None,)]),
    ("NULL is written out", [["NULL"]], [(None,)]),
    ("a row of NULLs leaves no line", [], [(None,)]),
    ("booleans are letters", [["t"]], [(True,)]),
    ("booleans are words", [["false"]], [(False,)]),
    ("a decimal's zeros", [["2.50"]], [(Decimal("2.5"),)]),
    ("a float as printed", [["0.523598775598"]], [(0.5235987755982989,)]),
    ("trailing blanks", [["abc"]], [("abc   ",)]),
    ("a timestamp without fraction", [["2008-01-01 06:06:00"]], [(datetime(2008, 1, 1, 6, 6),)]),
    ("a timestamp with zeros", [["2008-01-01 06:06:00.0"]], [(datetime(2008, 1, 1, 6, 6),)]),
    ("a date", [["2008-01-01"]], [(date(2008, 1, 1),)]),
    ("bytes in hexadecimal", [["6162"]], [(b"ab",)]),
]
OTHER: list[tuple[str, list[list[str]], list[tuple[Any, ...]]]] = [
    ("a whole number is no rounded one", [["3"]], [(3.5,)]),
    ("another decimal", [["3.50"]], [(Decimal("3.51"),)]),
    ("text is no NULL", [["x"]], [(None,)]),
    ("NULL is no empty text", [["NULL"]], [("",)]),
    ("a row too many", [["1"]], [(1,), (2,)]),
    ("a row too few", [["1"], ["2"]], [(1,)]),
    ("a column too many", [["1"]], [(1, 2)]),
    ("another time", [["2008-01-01 06:06:00"]], [(datetime(2008, 1, 1, 6, 7),)]),
    ("another float", [["0.5236"]], [(0.5,)]),
]


@pytest.mark.parametrize(("rows", "answer"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
def test_the_same(rows: list[list[str]], answer: list[tuple[Any, ...]]) -> None:
    assert differs(["c"], rows, None, answer, ordered=True) is None


@pytest.mark.parametrize(("rows", "answer"), [case[1:] for case in OTHER], ids=[case[0] for case in OTHER])
def test_not_the_same(rows: list[list[str]], answer: list[tuple[Any, ...]]) -> None:
    assert differs(["c"], rows, None, answer, ordered=True)


def test_order_counts_only_where_the_query_asks_for_one() -> None:
    assert differs(["c"], [["1"], ["2"]], None, [(2,), (1,)], ordered=False) is None
    assert differs(["c"], [["1"], ["2"]], None, [(2,), (1,)], ordered=True)


def test_a_page_may_print_the_first_rows_of_more() -> None:
    assert differs(["c"], [["1"]], 3, [(1,), (2,), (3,)], ordered=True) is None
    assert differs(["c"], [["1"]], 4, [(1,), (2,), (3,)], ordered=True)


@pytest.mark.parametrize(
    ("answer", "same"),
    [([(7,), (1,), (2,), (8,)], True), ([(1,), (3,)], False), ([(1,)], False)],
    ids=["more rows", "one of them missing", "fewer rows"],
)
def test_a_row_of_dots_stands_for_others(answer: list[tuple[Any, ...]], same: bool) -> None:
    assert (differs(["c"], [["1"], ["2"], ["..."]], None, answer, ordered=False) is None) is same
