"""The partition expression, case by case, without a server."""

from __future__ import annotations

import pytest
from moto.glue.exceptions import InvalidInputException, InvalidStateException

from lakeshift.local.glue.catalog.expression import partition_filter

_KEYS = [
    ("year", "int"),
    ("part-key", "string"),
    ("price", "decimal(10,2)"),
    ("day", "date"),
    ("at", "timestamp"),
    ("big", "long"),
]
_VALUES = ["2020", "it's", "3.50", "2020-02-01", "2020-02-01 10:00:00.5", "9000000000"]


@pytest.mark.parametrize(
    ("expression", "kept"),
    [
        ("", True),
        ("   ", True),
        ("year = 2020", True),
        ("year=2020", True),
        ("year = '2020'", True),
        ("YEAR = 2020", True),
        ("(year) = 2020", True),
        ("((year = 2020))", True),
        ("2020 = year", True),
        ("2019 < year", True),
        ("year <> 2020", False),
        ("year != 2021", True),
        ("not year = 2020", False),
        ("year = 2020 and not (year = 2021 or year = 2020)", False),
        ("year = 1 or year = 2020 and year = 2", False),
        ("(year = 1 or year = 2020) and year > 2", True),
        ("year in (1, 2020)", True),
        ("year not in (1, 2020)", False),
        ("year between 2019 and 2021", True),
        ("year not between 2019 and 2021", False),
        ("year between 2021 and 2019", False),
        ("year > -1", True),
        ("part-key = 'it''s'", True),
        (r"part-key = 'it\'s'", True),
        ("`part-key` = 'it''s'", True),
        ("part-key like 'it%'", True),
        ("part-key like 'it__'", True),
        ("part-key like 'i.'", False),
        ("part-key not like 'x%'", True),
        ("part-key is not null", True),
        ("part-key is null", False),
        ("price = 3.5", True),
        ("price > 10", False),
        ("day >= '2020-01-31'", True),
        ("day = date '2020-02-01'", True),
        ("at < timestamp '2020-02-01 10:00:01'", True),
        ("at > '2020-02-01 10:00:00'", True),
        ("big = 9000000000", True),
    ],
)
def test_the_grammar(expression: str, kept: bool) -> None:
    assert partition_filter(expression, _KEYS)(_VALUES) is kept


@pytest.mark.parametrize(
    "expression",
    [
        'part-key = "x"',
        "year == 2020",
        "year",
        "year = 2020 year",
        "year = 2020 and",
        "(year = 2020",
        "year in ()",
        "year not = 1",
        "year = part-key",
        "year = 'x'",
        "day = '2020-13-01'",
        "nosuch = 1",
        "day like '2020%'",
        "part-key = 'open",
        "year = 1; drop",
    ],
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(InvalidInputException):
        partition_filter(expression, _KEYS)(_VALUES)


def test_a_value_that_is_not_of_its_type_is_an_invalid_state() -> None:
    with pytest.raises(InvalidStateException) as caught:
        partition_filter("year = 1", _KEYS)(["x", *_VALUES[1:]])
    assert caught.value.message == '"x" is not an integer.'


@pytest.mark.parametrize(
    ("expression", "kept"),
    [("year is null", True), ("year = 2020", False), ("not year = 2020", False), ("year = 1 or part-key = 'a'", True)],
)
def test_hives_null_partition_is_unknown(expression: str, kept: bool) -> None:
    values = ["__HIVE_DEFAULT_PARTITION__", "a", "1", "2020-01-01", "2020-01-01 00:00:00", "1"]
    assert partition_filter(expression, _KEYS)(values) is kept


def test_a_key_of_a_type_no_key_may_have_is_refused() -> None:
    with pytest.raises(InvalidInputException) as caught:
        partition_filter("x = 1", [("x", "array<int>")])(["1"])
    assert caught.value.message == "Unknown type : 'array<int>'"
