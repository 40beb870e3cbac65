"""What a Python function set, by kind of value, on its way to Spark; and single columns on their way to records."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lakeshift.glue_runtime.engine.arrow_decode import ABSENT
from lakeshift.glue_runtime.engine.crossing import Crossing
from lakeshift.glue_runtime.engine.row_results import StrangeError, by_kind

MOMENT = dt.datetime(1960, 1, 1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("value", "state", "number", "fraction", "text"),
    [
        (ABSENT, 0, None, None, None),
        (None, 1, None, None, None),
        (3, 2, 3, None, None),
        (2**31 - 1, 2, 2**31 - 1, None, None),
        (2**31, 8, 2**31, None, None),
        (-(2**31) - 1, 8, -(2**31) - 1, None, None),
        (-(2**63), 8, -(2**63), None, None),
        (2.5, 3, None, 2.5, None),
        ("x", 4, None, None, "x"),
        (True, 5, 1, None, None),
        (dt.date(1969, 12, 31), 6, -1, None, None),
        (MOMENT, 7, -315611815999995, None, None),
        (MOMENT.replace(tzinfo=dt.timezone(dt.timedelta(hours=1))), 7, -315615415999995, None, None),
    ],
)
def test_a_value_by_its_kind(value: Any, state: int, number: Any, fraction: Any, text: str | None) -> None:
    for values in ([value], [value, "y", None, 7], [value, True, 0.5, ABSENT]):
        found = [part.to_pylist()[0] for part in by_kind(values)]
        assert found == [state, number, fraction, text]


def test_what_is_not_a_number_is_no_null() -> None:
    states, _, fractions, _ = by_kind([1.5, math.nan, None])
    assert states.to_pylist() == [3, 3, 1]
    assert fractions.null_count == 1
    assert math.isnan(fractions[1].as_py())


@pytest.mark.parametrize("value", [[1], {"a": 1}, b"x", 2**63, np.int64(1), dt.timedelta(1)])
def test_other_values_do_not_cross_alone(value: Any) -> None:
    with pytest.raises(StrangeError):
        by_kind([1, value])


def test_records_of_columns_with_nulls_and_absent_keys() -> None:
    crossing = Crossing(("a", "b"), (lambda series: series.tolist(), lambda series: series.tolist()))
    mask = [0, 1, 2, 1 << 2, 2 << 2 | 1]
    series = [pd.Series([1, 2, 3, 4, 5]), pd.Series(list("vwxyz")), pd.Series(mask)]
    assert list(crossing.records(series, dict)) == [
        {"a": 1, "b": "v"},
        {"a": None, "b": "w"},
        {"b": "x"},
        {"a": 4, "b": None},
        {"a": None},
    ]


def test_records_without_a_column() -> None:
    assert list(Crossing((), ()).records([pd.Series([0, 0])], dict)) == [{}, {}]
