"""Filter, Map and mapPartitions: Python functions over records."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterator
from typing import Any

import pytest
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import Filter, Map

from tests.contract.cases import Case, check, in_any_order, records_of, schema_of, table

FILTER = "aws-glue-api-crawler-pyspark-transforms-filter"
MAP = "aws-glue-api-crawler-pyspark-transforms-map"
METHOD = "aws-glue-api-crawler-pyspark-extensions-dynamic-frame"
PROVIDERS = (
    {"Provider State": "CA", "Provider City": "SACRAMENTO", "n": 1},
    {"Provider State": "AL", "Provider City": "DOTHAN", "n": 2},
    {"Provider State": "AL", "Provider City": "MOBILE", "n": 3},
)
STEDI = (
    {"email": "a", "shareWithResearchAsOfDate": 1655296678763},
    {"email": "b"},
    {"email": "c", "shareWithResearchAsOfDate": 0},
    {"email": "d", "shareWithResearchAsOfDate": None},
)


def states(record: Any) -> bool:
    return record["Provider State"] in ["CA", "AL"] and record["Provider City"] in ["SACRAMENTO", "MOBILE"]


def fails(record: Any) -> bool:
    if record["n"] == 2:
        raise RuntimeError("two")
    return record["n"] > 2


def looks_at_all(record: Any) -> bool:
    return any(value == "MOBILE" for value in record.values())


@table(
    Case(
        "by-two-columns",
        FILTER,
        PROVIDERS,
        lambda f: Filter.apply(frame=f, f=states),
        rows=(PROVIDERS[0], PROVIDERS[2]),
    ),
    Case("a-lambda", FILTER, PROVIDERS, lambda f: f.filter(lambda r: r["n"] > 1), rows=PROVIDERS[1:]),
    Case("fields-as-attributes", FILTER, PROVIDERS, lambda f: f.filter(lambda r: r.n == 1), rows=PROVIDERS[:1]),
    Case(
        "nested-fields-as-attributes",
        FILTER,
        ({"s": {"x": 1}}, {"s": {"x": 2}}),
        lambda f: f.filter(lambda r: r.s.x == 2),
        rows=({"s": {"x": 2}},),
    ),
    Case("a-function-of-the-whole-record", FILTER, PROVIDERS, lambda f: f.filter(looks_at_all), rows=PROVIDERS[2:]),
    Case(
        "a-missing-key-drops-the-record",
        FILTER,
        STEDI,
        lambda f: Filter.apply(frame=f, f=lambda r: r["shareWithResearchAsOfDate"] != 0),
        rows=(STEDI[0], STEDI[3]),
    ),
    Case(
        "a-missing-attribute-drops-the-record",
        FILTER,
        STEDI,
        lambda f: f.filter(lambda r: r.shareWithResearchAsOfDate != 0),
        rows=(STEDI[0], STEDI[3]),
    ),
    Case(
        "get-of-a-missing-key",
        FILTER,
        STEDI,
        lambda f: f.filter(lambda r: r.get("shareWithResearchAsOfDate") is None),
        rows=(STEDI[1], STEDI[3]),
    ),
    Case(
        "whether-a-key-is-there",
        FILTER,
        STEDI,
        lambda f: f.filter(lambda r: "shareWithResearchAsOfDate" in r),
        rows=(STEDI[0], STEDI[2], STEDI[3]),
    ),
    Case(
        "a-comparison-of-types-that-do-not-compare-drops",
        FILTER,
        ({"v": 1}, {"v": "x"}, {"v": 3}),
        lambda f: f.filter(lambda r: r["v"] > 2),
        ("|-- v: int",),
        ({"v": 3},),
    ),
    Case(
        "a-value-that-does-not-parse-drops",
        FILTER,
        ({"v": "1"}, {"v": "x"}),
        lambda f: f.filter(lambda r: int(r["v"]) > 0),
        rows=({"v": "1"},),
    ),
    Case("any-other-exception-makes-an-error-record", FILTER, PROVIDERS, lambda f: f.filter(fails), rows=PROVIDERS[2:]),
    Case(
        "a-choice-shows-what-the-record-holds",
        FILTER,
        ({"v": 1}, {"v": "x"}),
        lambda f: f.filter(lambda r: isinstance(r["v"], str)),
        ("|-- v: string",),
        ({"v": "x"},),
    ),
    Case(
        "a-field-only-dropped-records-had-is-gone",
        FILTER,
        ({"a": 1, "b": 1}, {"a": 2}),
        lambda f: f.filter(lambda r: r["a"] == 2),
        ("|-- a: int",),
        ({"a": 2},),
    ),
    Case("nothing-is-left", FILTER, PROVIDERS, lambda f: f.filter(lambda r: False), (), ()),
    Case(
        "after-another-filter",
        FILTER,
        PROVIDERS,
        lambda f: f.filter(lambda r: r["n"] > 1).filter(lambda r: r["n"] < 3),
        rows=PROVIDERS[1:2],
    ),
)
def test_filter(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))


def merge_address(record: Any) -> Any:
    record["Address"] = {}
    record["Address"]["Street"] = record["Provider Street Address"]
    record["Address"]["City"] = record["Provider City"]
    record["Address"]["Array"] = [record["Provider Street Address"], record["Provider City"]]
    del record["Provider Street Address"]
    del record["Provider City"]
    return record


def either(record: Any) -> Any:
    if record["n"] == 1:
        return record
    return {"other": record["n"]}


def whole(record: Any) -> Any:
    return {name.upper(): value for name, value in record.items()}


def sometimes(record: Any) -> Any:
    return None if record["n"] == 2 else record


def fails_on_two(record: Any) -> Any:
    if record["n"] == 2:
        raise RuntimeError("two")
    record["m"] = record["n"] * 2
    return record


def typed(record: Any) -> Any:
    record["v"] = "x" if record["n"] == 2 else record["n"]
    return record


def sets_an_attribute(record: Any) -> Any:
    record.m = 2
    return record


def shortens(record: Any) -> Any:
    record["friends"].pop()
    return record


MEDICARE = (
    {"DRG": "039", "Provider Street Address": "1108 ROSS", "Provider City": "DOTHAN", "k": {"x": 1}, "none": None},
)


@table(
    Case(
        "merge-columns-into-a-struct",
        MAP,
        MEDICARE,
        lambda f: Map.apply(frame=f, f=merge_address),
        (
            "|-- DRG: string",
            "|-- k: struct",
            "|    |-- x: int",
            "|-- none: null",
            "|-- Address: struct",
            "|    |-- Street: string",
            "|    |-- City: string",
            "|    |-- Array: array",
            "|    |    |-- element: string",
        ),
        (
            {
                "DRG": "039",
                "k": {"x": 1},
                "none": None,
                "Address": {"Street": "1108 ROSS", "City": "DOTHAN", "Array": ["1108 ROSS", "DOTHAN"]},
            },
        ),
    ),
    Case(
        "a-record-of-its-own",
        MAP,
        PROVIDERS[:1],
        lambda f: f.map(lambda r: {"x": r["n"] + 1}),
        ("|-- x: int",),
        ({"x": 2},),
    ),
    Case(
        "sometimes-the-record-sometimes-another",
        MAP,
        PROVIDERS[:2],
        lambda f: f.map(either),
        rows=(PROVIDERS[0], {"other": 2}),
    ),
    Case(
        "of-the-whole-record",
        MAP,
        PROVIDERS[:1],
        lambda f: f.map(whole),
        rows=({"PROVIDER STATE": "CA", "PROVIDER CITY": "SACRAMENTO", "N": 1},),
    ),
    Case("none-makes-an-error-record", MAP, PROVIDERS, lambda f: f.map(sometimes), rows=(PROVIDERS[0], PROVIDERS[2])),
    Case(
        "an-exception-makes-an-error-record",
        MAP,
        PROVIDERS,
        lambda f: f.map(fails_on_two),
        rows=({**PROVIDERS[0], "m": 2}, {**PROVIDERS[2], "m": 6}),
    ),
    Case(
        "results-of-two-types-are-a-choice",
        MAP,
        PROVIDERS[:2],
        lambda f: f.map(typed),
        (
            "|-- Provider State: string",
            "|-- Provider City: string",
            "|-- n: int",
            "|-- v: choice",
            "|    |-- int",
            "|    |-- string",
        ),
        ({**PROVIDERS[0], "v": 1}, {**PROVIDERS[1], "v": "x"}),
    ),
    Case(
        "untouched-nulls-and-absent-keys-stay",
        MAP,
        ({"n": 1, "a": None}, {"n": 2}, {"n": 3, "a": 5}),
        lambda f: f.map(fails_on_two),
        rows=({"n": 1, "a": None, "m": 2}, {"n": 3, "a": 5, "m": 6}),
    ),
    Case(
        "untouched-choices-stay",
        MAP,
        ({"n": 1, "v": 1}, {"n": 3, "v": "x"}),
        lambda f: f.map(fails_on_two),
        ("|-- n: int", "|-- v: choice", "|    |-- int", "|    |-- string", "|-- m: int"),
        ({"n": 1, "v": 1, "m": 2}, {"n": 3, "v": "x", "m": 6}),
    ),
    Case(
        "arrays-changed-in-place",
        MAP,
        ({"friends": [1, 2]}, {"friends": ["x"], "n": 1}),
        lambda f: f.map(shortens),
        rows=({"friends": [1]}, {"friends": [], "n": 1}),
    ),
    Case(
        "an-error-after-an-error-counts-once",
        MAP,
        PROVIDERS,
        lambda f: f.map(fails_on_two).map(lambda r: {"m": r["m"]}),
        rows=({"m": 2}, {"m": 6}),
    ),
    Case(
        "setting-attributes",
        MAP,
        ({"n": 1},),
        lambda f: f.map(sets_an_attribute),
        rows=({"n": 1, "m": 2},),
    ),
)
def test_map(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))


VALUES: dict[str, tuple[Any, str]] = {
    "int": (5, "int"),
    "long": (2**40, "long"),
    "float": (2.5, "double"),
    "bool": (True, "boolean"),
    "text": ("x", "string"),
    "datetime": (dt.datetime(2020, 1, 2, 3, 4, 5), "timestamp"),
    "date": (dt.date(2020, 1, 2), "date"),
    "decimal": (decimal.Decimal("12.50"), "decimal(4,2)"),
    "bytes": (b"abc", "binary"),
}


@pytest.mark.page(MAP)
def test_the_types_of_results(of_json: Any) -> None:
    given = {name: value for name, (value, _) in VALUES.items()}
    made = of_json({"n": 1}).map(lambda r: {**given, "list": [1], "dict": {"a": {"b": 1}}})
    expected = [f"|-- {name}: {kind}" for name, (_, kind) in VALUES.items()]
    expected += [
        "|-- list: array",
        "|    |-- element: int",
        "|-- dict: struct",
        "|    |-- a: struct",
        "|    |    |-- b: int",
    ]
    assert in_any_order(schema_of(made)[1:]) == in_any_order(expected)
    row = made.toDF().first()
    assert {name: bytes(row[name]) if name == "bytes" else row[name] for name in given} == given


@pytest.mark.page(MAP)
def test_what_a_function_is_given(glue: Any, spark: Any) -> None:
    data = spark.sql(
        "select 1 i, 2L l, 1.5D d, true b, 'x' s, date'2020-01-02' da, timestamp'2020-01-02 03:04:05' t,"
        " 1.50BD c, array(1, null) a, named_struct('x', 1, 'y', cast(null as int)) st, cast(null as string) n,"
        " map('k', 1) m"
    )
    made = DynamicFrame.fromDF(data, glue, "all").map(lambda r: {"seen": repr(sorted((k, v) for k, v in r.items()))})
    assert made.toDF().first().seen == repr(
        sorted(
            {
                "i": 1,
                "l": 2,
                "d": 1.5,
                "b": True,
                "s": "x",
                "da": dt.date(2020, 1, 2),
                "t": dt.datetime(2020, 1, 2, 3, 4, 5),
                "c": decimal.Decimal("1.50"),
                "a": [1, None],
                "st": {"x": 1, "y": None},
                "n": None,
                "m": {"k": 1},
            }.items()
        )
    )


def numbered(partition: int, envelopes: Iterator[Any]) -> Iterator[Any]:
    for envelope in envelopes:
        yield {"record": {**envelope["record"], "partition": partition}}


def doubled(envelopes: Iterator[Any]) -> Iterator[Any]:
    for envelope in envelopes:
        yield envelope
        yield {"record": dict(envelope["record"])}


@table(
    Case(
        "mapPartitions",
        METHOD,
        ({"n": 1}, {"n": 2}),
        lambda f: f.mapPartitions(doubled),
        rows=({"n": 1}, {"n": 1}, {"n": 2}, {"n": 2}),
    ),
    Case(
        "mapPartitionsWithIndex",
        METHOD,
        ({"n": 1},),
        lambda f: f.mapPartitionsWithIndex(numbered),
        rows=({"n": 1, "partition": 0},),
    ),
)
def test_partition_functions(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))


@pytest.mark.page(MAP)
def test_a_function_that_closes_over_values_and_modules(of_json: Any) -> None:
    rates = {"AL": 2, "CA": 3}
    day = dt.date(2020, 1, 1)

    def priced(record: Any) -> Any:
        record["price"] = rates[record["Provider State"]] * record["n"]
        record["day"] = (day + dt.timedelta(days=record["n"])).isoformat()
        return record

    found = records_of(of_json(*PROVIDERS).map(priced))
    assert [(r["price"], r["day"]) for r in found] == [(3, "2020-01-02"), (4, "2020-01-03"), (6, "2020-01-04")]
