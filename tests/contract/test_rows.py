"""SplitRows, Join, Union and mergeDynamicFrame."""

from __future__ import annotations

from typing import Any

import pytest
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import Join, SplitRows, Union

from tests.contract.cases import Case, check, in_any_order, records_of, schema_of, sorted_records, table

SPLIT = "aws-glue-api-crawler-pyspark-transforms-SplitRows"
JOIN = "aws-glue-api-crawler-pyspark-transforms-join"
UNION = "aws-glue-api-crawler-pyspark-transforms-union"
METHOD = "aws-glue-api-crawler-pyspark-extensions-dynamic-frame"
NUMBERED = tuple({"id": i, "n": f"n{i}", "data": {"pineapple": i * 50}} for i in range(1, 13))


@pytest.mark.page(SPLIT)
@pytest.mark.parametrize(
    ("tests", "first"),
    [
        pytest.param({"id": {">": 10}}, [11, 12], id="greater"),
        pytest.param({"id": {"<": 3}}, [1, 2], id="less"),
        pytest.param({"id": {">=": 11}}, [11, 12], id="greater-or-equal"),
        pytest.param({"id": {"<=": 2}}, [1, 2], id="less-or-equal"),
        pytest.param({"id": {"=": 5}}, [5], id="equal"),
        pytest.param({"id": {"!=": 5}}, [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12], id="not-equal"),
        pytest.param({"id": {">": 3, "<": 6}}, [4, 5], id="between"),
        pytest.param({"id": {">": 3}, "n": {"=": "n5"}}, [5], id="two-columns"),
        pytest.param({"data.pineapple": {">": "100", "<": "200"}}, [3], id="text-constants-on-a-nested-number"),
        pytest.param({"n": {">": "n8"}}, [9], id="text"),
    ],
)
def test_split_rows(of_json: Any, tests: dict[str, Any], first: list[int]) -> None:
    frames = of_json(*NUMBERED).split_rows(tests, "high", "low")
    assert [r["id"] for r in records_of(frames["high"])] == first
    assert [r["id"] for r in records_of(frames["low"])] == [r["id"] for r in NUMBERED if r["id"] not in first]


@pytest.mark.page(SPLIT)
def test_split_rows_puts_records_without_the_field_among_the_others(of_json: Any) -> None:
    frames = SplitRows.apply(of_json({"v": 1}, {"v": None}, {"w": 2}, {"v": 5}), {"v": {">": 2}}, "high", "low")
    assert sorted_records(records_of(frames["high"])) == sorted_records([{"v": 5}])
    assert sorted_records(records_of(frames["low"])) == sorted_records([{"v": 1}, {"v": None}, {"w": 2}])


@pytest.mark.page(SPLIT)
def test_split_rows_refuses_an_unknown_operator(of_json: Any) -> None:
    with pytest.raises(Exception, match="~"):
        of_json(*NUMBERED).split_rows({"id": {"~": 1}}, "a", "b")["a"].count()


PEOPLE = ({"id": 1, "name": "a"}, {"id": 2, "name": "b"}, {"id": None, "name": "z"})
ORDERS = (
    {"order": 10, "person": 1},
    {"order": 11, "person": 1},
    {"order": 12, "person": 3},
    {"order": 13, "person": None},
)


@pytest.mark.page(JOIN)
@pytest.mark.parametrize(
    ("left", "right", "keys", "schema", "rows"),
    [
        pytest.param(
            PEOPLE,
            ORDERS,
            (["id"], ["person"]),
            ["id: int", "name: string", "order: int", "person: int"],
            [{"id": 1, "name": "a", "order": 10, "person": 1}, {"id": 1, "name": "a", "order": 11, "person": 1}],
            id="equal-keys-both-kept-nulls-never-match",
        ),
        pytest.param(
            ({"zip": 1, "a": "x"},),
            ({"zip": 1, "customers": 5},),
            (["zip"], ["zip"]),
            ["zip: int", "a: string", ".zip: int", "customers: int"],
            [{"zip": 1, "a": "x", ".zip": 1, "customers": 5}],
            id="the-second-frames-duplicate-gets-a-dot",
        ),
        pytest.param(
            ({"a": 1, "b": 2}, {"a": 1, "b": 3}),
            ({"c": 1, "d": 3, "e": "x"},),
            (["a", "b"], ["c", "d"]),
            ["a: int", "b: int", "c: int", "d: int", "e: string"],
            [{"a": 1, "b": 3, "c": 1, "d": 3, "e": "x"}],
            id="several-keys",
        ),
        pytest.param(
            ({"k": {"id": 1}, "a": 2},),
            ({"r": 1, "s": 5},),
            (["k.id"], ["r"]),
            None,
            [{"k": {"id": 1}, "a": 2, "r": 1, "s": 5}],
            id="nested-key",
        ),
        pytest.param(
            ({"i.d": 1, "a": 2},),
            ({"r": 1, "s": 5},),
            (["`i.d`"], ["r"]),
            None,
            [{"i.d": 1, "a": 2, "r": 1, "s": 5}],
            id="key-with-a-dot",
        ),
        pytest.param(
            ({"id": 1, "a": 2}, {"id": 2}),
            ({"r": 2, "s": None}, {"r": 1}),
            ("id", "r"),
            None,
            [{"id": 1, "a": 2, "r": 1}, {"id": 2, "r": 2, "s": None}],
            id="absent-keys-stay-absent",
        ),
    ],
)
def test_join(of_json: Any, left: Any, right: Any, keys: Any, schema: Any, rows: Any) -> None:
    made = of_json(*left).join(*keys, of_json(*right))
    if schema is not None:
        assert in_any_order(schema_of(made)[1:]) == in_any_order(f"|-- {line}" for line in schema)
    assert sorted_records(records_of(made)) == sorted_records(rows)


@pytest.mark.page(JOIN)
def test_join_by_the_transform_and_drop_the_dotted_field(of_json: Any) -> None:
    made = Join.apply(of_json({"zip": 1, "a": 2}), of_json({"zip": 1, "b": 3}), "zip", "zip").drop_fields(["`.zip`"])
    assert records_of(made) == [{"zip": 1, "a": 2, "b": 3}]


@pytest.mark.page(JOIN)
def test_join_with_itself(of_json: Any) -> None:
    frame = of_json({"id": 1, "boss": 2}, {"id": 2, "boss": None})
    assert records_of(frame.join(["boss"], ["id"], frame)) == [{"id": 1, "boss": 2, ".id": 2, ".boss": None}]


@pytest.mark.page(JOIN)
def test_join_needs_as_many_keys_on_both_sides(of_json: Any) -> None:
    with pytest.raises(Exception, match=r"(?i)key"):
        of_json({"a": 1, "b": 1}).join(["a", "b"], ["c"], of_json({"c": 1})).count()


@pytest.mark.page(JOIN)
def test_the_schema_after_a_join_is_that_of_its_records(of_json: Any, glue: Any, spark: Any) -> None:
    right = DynamicFrame.fromDF(spark.createDataFrame([(1, None), (2, 5)], "r int, s long"), glue, "right")
    made = of_json({"id": 1}).join(["id"], ["r"], right)
    assert in_any_order(schema_of(made)[1:]) == ["id: int", "r: int", "s: null"]


@pytest.mark.page(UNION)
@pytest.mark.parametrize(
    ("left", "right", "schema", "rows"),
    [
        pytest.param([{"a": 1}], [{"a": 2}], ["|-- a: int"], [{"a": 1}, {"a": 2}], id="one-schema"),
        pytest.param([{"a": 1}], [{"a": 1}], ["|-- a: int"], [{"a": 1}, {"a": 1}], id="duplicates-are-kept"),
        pytest.param(
            [{"v": 1}],
            [{"v": "x", "w": 1}],
            ["|-- v: choice", "|    |-- int", "|    |-- string", "|-- w: int"],
            [{"v": 1}, {"v": "x", "w": 1}],
            id="a-conflict-is-a-choice",
        ),
        pytest.param(
            [{"a": None, "b": 1}],
            [{"b": 2}],
            ["|-- a: null", "|-- b: int"],
            [{"a": None, "b": 1}, {"b": 2}],
            id="null-and-absent",
        ),
        pytest.param(
            [{"s": {"a": 1}}],
            [{"s": {"b": None}}],
            ["|-- s: struct", "|    |-- a: int", "|    |-- b: null"],
            [{"s": {"a": 1}}, {"s": {"b": None}}],
            id="structs-merge",
        ),
        pytest.param(
            [{"l": [{"a": 1}]}],
            [{"l": [{"a": "x", "b": 2}]}],
            None,
            [{"l": [{"a": 1}]}, {"l": [{"a": "x", "b": 2}]}],
            id="arrays-merge",
        ),
        pytest.param(
            [{"v": 1}, {"v": "x"}],
            [{"v": 2.5}],
            ["|-- v: choice", "|    |-- double", "|    |-- int", "|    |-- string"],
            [{"v": 1}, {"v": "x"}, {"v": 2.5}],
            id="choices-grow",
        ),
        pytest.param(
            [{"serialNumber": 1}],
            [{"serialnumber": 2}],
            ["|-- serialNumber: int", "|-- serialnumber: int"],
            [{"serialNumber": 1}, {"serialnumber": 2}],
            id="names-differ-by-case",
        ),
    ],
)
def test_union(of_json: Any, left: Any, right: Any, schema: Any, rows: Any) -> None:
    made = of_json(*left).union(of_json(*right))
    if schema is not None:
        assert in_any_order(schema_of(made)[1:]) == in_any_order(schema)
    assert sorted_records(records_of(made)) == sorted_records(rows)


@pytest.mark.page(UNION)
def test_the_transform_union_fails_as_the_library_has_it(of_json: Any) -> None:
    """Its `__call__` names variables that are not there; `DynamicFrame.union` is the way that works."""
    with pytest.raises(NameError, match="mappings"):
        Union.apply(of_json({"a": 1}), of_json({"a": 1}))


@pytest.mark.page(METHOD)
@pytest.mark.parametrize(
    ("source", "stage", "keys", "rows"),
    [
        pytest.param(
            [{"id": 1, "v": "a"}, {"id": 2, "v": "b"}],
            [{"id": 2, "v": "new"}],
            ["id"],
            [{"id": 1, "v": "a"}, {"id": 2, "v": "new"}],
            id="stage-over-source",
        ),
        pytest.param(
            [{"id": 1, "v": "a"}],
            [{"id": 9, "v": "z"}],
            "id",
            [{"id": 1, "v": "a"}, {"id": 9, "v": "z"}],
            id="records-only-in-stage-are-kept",
        ),
        pytest.param(
            [{"id": 1}, {"id": 1}], [{"id": 2}], ["id"], [{"id": 1}, {"id": 1}, {"id": 2}], id="duplicates-are-kept"
        ),
        pytest.param(
            [{"id": 1}, {"id": 2}],
            [{"id": 2, "w": 1}, {"id": 2, "w": 2}],
            ["id"],
            [{"id": 1}, {"id": 2, "w": 1}, {"id": 2, "w": 2}],
            id="schemas-may-differ",
        ),
        pytest.param(
            [{"a": 1, "b": 1, "v": 0}, {"a": 1, "b": 2, "v": 0}],
            [{"a": 1, "b": 2, "v": 9}],
            ["a", "b"],
            [{"a": 1, "b": 1, "v": 0}, {"a": 1, "b": 2, "v": 9}],
            id="several-keys",
        ),
        pytest.param(
            [{"k": {"id": 1}, "v": 0}],
            [{"k": {"id": 1}, "v": 9}],
            ["k.id"],
            [{"k": {"id": 1}, "v": 9}],
            id="nested-key",
        ),
    ],
)
def test_merge(of_json: Any, source: Any, stage: Any, keys: Any, rows: Any) -> None:
    made = of_json(*source).mergeDynamicFrame(of_json(*stage), keys)
    assert sorted_records(records_of(made)) == sorted_records(rows)


@table(
    Case(
        "repartition",
        "aws-glue-api-crawler-pyspark-transforms-repartition",
        NUMBERED,
        lambda f: f.repartition(3),
        rows=NUMBERED,
    ),
    Case(
        "coalesce", "aws-glue-api-crawler-pyspark-transforms-coalesce", NUMBERED, lambda f: f.coalesce(1), rows=NUMBERED
    ),
)
def test_partitions_keep_their_records(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))
