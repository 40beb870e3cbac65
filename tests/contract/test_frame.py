"""DynamicFrame itself: schema, show, count, errors and thresholds, partitions, DataFrames, Spigot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from awsglue import gluetypes
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import Coalesce, ErrorsAsDynamicFrame, Repartition, Spigot

from tests.contract.cases import Case, check, in_any_order, printed, records_of, schema_of, sorted_records, table

METHOD = "aws-glue-api-crawler-pyspark-extensions-dynamic-frame"
TYPES = "aws-glue-api-crawler-pyspark-extensions-types"
SPIGOT = "aws-glue-api-crawler-pyspark-transforms-spigot"
ERRORS = "aws-glue-api-crawler-pyspark-transforms-ErrorsAsDynamicFrame"
GETTING_STARTED = "aws-glue-programming-python-samples-legislators"
AUTHORS = (
    '{"id": 1, "name": "george", "surname": "washington", "height": 178}\n'
    '{"id": 2, "name": "benjamin", "surname": "franklin",\n'
    '{"id": 3, "name": "alexander", "surname": "hamilton", "height": 171}\n'
    '{"id": 4, "name": "john", "surname": "jay", "height": 190}',
)


@table(
    Case(
        "every-json-type",
        TYPES,
        ({"i": 1, "l": 2**40, "d": 1.5, "b": True, "s": "x", "n": None, "a": [1], "o": {"k": 1}},),
        schema=(
            "|-- i: int",
            "|-- l: long",
            "|-- d: double",
            "|-- b: boolean",
            "|-- s: string",
            "|-- n: null",
            "|-- a: array",
            "|    |-- element: int",
            "|-- o: struct",
            "|    |-- k: int",
        ),
        rows=({"i": 1, "l": 2**40, "d": 1.5, "b": True, "s": "x", "n": None, "a": [1], "o": {"k": 1}},),
    ),
    Case("an-absent-key-is-not-a-null", METHOD, ({"a": 1, "b": None}, {"a": 2}), rows=({"a": 1, "b": None}, {"a": 2})),
    Case(
        "both-in-one-field",
        METHOD,
        ({"b": None}, {}, {"b": 3}),
        schema=("|-- b: int",),
        rows=({"b": None}, {}, {"b": 3}),
    ),
    Case(
        "both-in-one-field-of-a-struct",
        METHOD,
        ({"s": {"b": None}}, {"s": {}}, {"s": {"b": 3}}, {}),
        rows=({"s": {"b": None}}, {"s": {}}, {"s": {"b": 3}}, {}),
    ),
    Case(
        "both-in-one-field-of-an-element",
        METHOD,
        ({"l": [{"b": None}, {}, {"b": 3}]},),
        rows=({"l": [{"b": None}, {}, {"b": 3}]},),
    ),
    Case(
        "names-are-case-sensitive",
        METHOD,
        ({"serialNumber": 1, "serialnumber": 2},),
        schema=("|-- serialNumber: int", "|-- serialnumber: int"),
        rows=({"serialNumber": 1, "serialnumber": 2},),
    ),
    Case(
        "select-one-of-names-that-differ-by-case",
        METHOD,
        ({"serialNumber": 1, "serialnumber": 2},),
        lambda f: f.select_fields(["serialnumber"]),
        ("|-- serialnumber: int",),
        ({"serialnumber": 2},),
    ),
    Case(
        "names-with-dots-and-spaces",
        METHOD,
        ({"a.b": 1, "c d": 2, "e`f": 3},),
        schema=("|-- a.b: int", "|-- c d: int", "|-- e`f: int"),
        rows=({"a.b": 1, "c d": 2, "e`f": 3},),
    ),
    Case(
        "a-malformed-record-takes-its-neighbour-along",
        METHOD,
        AUTHORS,
        rows=(
            {"id": 1, "name": "george", "surname": "washington", "height": 178},
            {"id": 4, "name": "john", "surname": "jay", "height": 190},
        ),
    ),
    Case("arrays-of-nulls-and-empty-arrays", TYPES, ({"a": [None]}, {"a": []}), rows=({"a": [None]}, {"a": []})),
    Case(
        "a-struct-or-an-array",
        TYPES,
        ({"v": {"a": 1}}, {"v": [{"a": "x"}]}),
        rows=({"v": {"a": 1}}, {"v": [{"a": "x"}]}),
    ),
)
def test_records_and_their_schema(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))


@pytest.mark.page(METHOD)
def test_print_schema_prints_a_tree(of_json: Any) -> None:
    frame = of_json({"name": "x", "provider id": 2**40, "links": [{"note": "n"}]}, {"provider id": "INC"})
    assert schema_of(frame) == [
        "root",
        "|-- name: string",
        "|-- provider id: choice",
        "|    |-- long",
        "|    |-- string",
        "|-- links: array",
        "|    |-- element: struct",
        "|    |    |-- note: string",
    ]


@pytest.mark.page(TYPES)
def test_schema_is_made_of_gluetypes(of_json: Any) -> None:
    schema = of_json({"a": 1, "b": [{"c": "x"}]}, {"a": "y"}).schema()
    assert isinstance(schema, gluetypes.StructType)
    choice = schema.getField("a").dataType
    assert isinstance(choice, gluetypes.ChoiceType)
    assert set(choice.choices) == {"int", "string"}
    element = schema.getField("b").dataType.elementType
    assert element.getField("c").dataType.typeName() == "string"
    assert not schema.hasField("zz")


@pytest.mark.page(METHOD)
def test_show_prints_so_many_records(of_json: Any) -> None:
    frame = of_json(*[{"n": i} for i in range(30)])
    assert len(printed(frame.show)) == 20
    assert records_of(frame, 3) == [{"n": 0}, {"n": 1}, {"n": 2}]


@pytest.mark.page(METHOD)
def test_count(of_json: Any) -> None:
    assert of_json(*[{"n": i} for i in range(30)]).count() == 30


@pytest.mark.page(METHOD)
def test_with_frame_schema_keeps_the_records(of_json: Any) -> None:
    frame = of_json({"a": 1})
    assert records_of(frame.with_frame_schema(frame.schema())) == [{"a": 1}]


@pytest.mark.page(METHOD)
@pytest.mark.parametrize(
    ("change", "number"),
    [
        pytest.param(lambda f: f.repartition(3), 3, id="repartition"),
        pytest.param(lambda f: f.repartition(3).coalesce(1), 1, id="coalesce"),
        pytest.param(lambda f: f.coalesce(3, shuffle=True), 3, id="coalesce-with-a-shuffle"),
        pytest.param(lambda f: Repartition.apply(f, 2), 2, id="by-the-transform-repartition"),
        pytest.param(lambda f: Coalesce.apply(f, 1), 1, id="by-the-transform-coalesce"),
    ],
)
def test_partitions(of_json: Any, change: Any, number: int) -> None:
    made = change(of_json(*[{"n": i} for i in range(30)]))
    assert made.getNumPartitions() == number
    assert made.count() == 30


@pytest.mark.page(METHOD)
def test_from_df_and_back(glue: Any, spark: Any) -> None:
    data = spark.createDataFrame([(1, None), (2, "x")], "a int, b string")
    frame = DynamicFrame.fromDF(data, glue, "named")
    assert frame.name == "named"
    assert in_any_order(schema_of(frame)[1:]) == ["a: int", "b: string"]
    assert records_of(frame) == [{"a": 1, "b": None}, {"a": 2, "b": "x"}]
    assert frame.toDF().schema == data.schema
    assert frame.toDF().collect() == data.collect()


@pytest.mark.page(METHOD)
def test_from_df_needs_no_name(glue: Any, spark: Any) -> None:
    assert DynamicFrame.fromDF(spark.range(2), glue).count() == 2


@pytest.mark.page(TYPES)
def test_the_types_of_a_data_frame(glue: Any, spark: Any) -> None:
    data = spark.sql(
        "select 1 i, 1L l, 1S sh, 1Y by, 1.5D d, 1.5F f, 1.50BD dc, true bo, 'x' s, X'00' bi, date'2020-01-01' da,"
        " timestamp'2020-01-01 00:00:00' ts, array(1) a, map('k', 1) m, named_struct('x', 1) st, null n"
    )
    lines = in_any_order(schema_of(DynamicFrame.fromDF(data, glue, "t"))[1:])
    decimals = [line for line in lines if line.startswith("dc: decimal")]  # how it is labelled no page tells
    assert len(decimals) == 1
    kinds = {"i": "int", "l": "long", "sh": "short", "by": "byte", "d": "double", "f": "float", "bo": "boolean"}
    kinds |= {"s": "string", "bi": "binary", "da": "date", "ts": "timestamp", "n": "null", "a": "array", "m": "map"}
    kinds |= {"a: array / element": "int", "m: map / keyType": "string", "m: map / valueType": "int"}
    kinds |= {"st": "struct", "st: struct / x": "int"}
    assert [line for line in lines if line not in decimals] == sorted(f"{n}: {kind}" for n, kind in kinds.items())


@pytest.mark.page(METHOD)
def test_to_df_has_no_trace_of_the_record_model(of_json: Any) -> None:
    data = of_json({"s": {"a": None}, "v": 1}, {"s": {}, "v": "x"}, {"s": {"a": 1}}).toDF()
    assert data.schema.simpleString() == "struct<s:struct<a:int>,v:struct<int:int,string:string>>"


@pytest.mark.page(METHOD)
def test_errors_as_dynamic_frame(of_json: Any) -> None:
    frame = of_json(*AUTHORS)
    assert (frame.count(), frame.errorsCount(), frame.stageErrorsCount()) == (2, 1, 1)
    (row,) = frame.errorsAsDynamicFrame().toDF().collect()
    assert row.error.dynamicRecord.asDict() == {"id": 2, "name": "benjamin", "surname": "franklin"}
    assert {"msg", "input", "bytesread", "callsite", "dynamicRecord"} <= set(row.error.asDict())


@pytest.mark.page(ERRORS)
def test_errors_by_the_transform(of_json: Any) -> None:
    frame = of_json({"w": "{"}, {"w": "{}"}).unbox("w", "json", info="my unbox")
    (error,) = [r["error"] for r in records_of(ErrorsAsDynamicFrame.apply(frame))]
    assert error["msg"].startswith("unbox failed")
    assert error["dynamicRecord"] == {"w": "{"}
    assert error["callsite"]["info"] == "my unbox"


@pytest.mark.page(ERRORS)
def test_a_frame_without_errors_has_none(of_json: Any) -> None:
    frame = of_json({"a": 1})
    assert (frame.errorsCount(), frame.stageErrorsCount(), frame.errorsAsDynamicFrame().count()) == (0, 0, 0)


def divides(record: Any) -> Any:
    record["q"] = 1 / record["n"]
    return record


@pytest.mark.page(METHOD)
def test_errors_of_all_stages_add_up_and_each_stage_knows_its_own(of_json: Any) -> None:
    first = of_json({"n": 0}, {"n": 1}, {"n": 2}, {"n": 4}).map(divides)
    assert (first.errorsCount(), first.stageErrorsCount()) == (1, 1)
    second = first.filter(lambda r: 1 // (r["n"] - 2) is not None)
    assert (second.count(), second.errorsCount(), second.stageErrorsCount()) == (2, 2, 1)
    third = second.select_fields(["n"])
    assert (third.errorsCount(), third.stageErrorsCount()) == (2, 0)
    assert sorted(r["error"]["dynamicRecord"]["n"] for r in records_of(third.errorsAsDynamicFrame())) == [0, 2]


@pytest.mark.page(METHOD)
@pytest.mark.parametrize(
    ("stage", "total", "fails"),
    [
        pytest.param(0, 0, False, id="no-thresholds"),
        pytest.param(2, 0, False, id="stage-at-its-threshold"),
        pytest.param(1, 0, True, id="stage-above"),
        pytest.param(0, 2, False, id="total-at-its-threshold"),
        pytest.param(0, 1, True, id="total-above"),
    ],
)
def test_thresholds(of_json: Any, stage: int, total: int, fails: bool) -> None:
    def run() -> None:
        made = of_json({"n": 0}, {"n": 0}, {"n": 1}).map(divides, stageThreshold=stage, totalThreshold=total)
        made.assertErrorThreshold()
        assert made.count() == 1

    if fails:
        with pytest.raises(Exception, match=r"(?i)error"):
            run()
    else:
        run()


@pytest.mark.page(SPIGOT)
def test_spigot_writes_a_sample_and_passes_the_records_on(of_json: Any, tmp_path: Path) -> None:
    frame = of_json(*[{"n": i, "s": {"t": "x"}} for i in range(30)])
    passed = Spigot.apply(frame, str(tmp_path / "spigot"), {"topk": 5})
    assert passed.count() == 30
    lines = [
        line
        for part in (tmp_path / "spigot").rglob("*")
        if part.is_file() and not part.name.startswith((".", "_"))
        for line in part.read_text().splitlines()
    ]
    assert len(lines) == 5
    assert set(json.loads(lines[0])) == {"n", "s"}


@pytest.mark.page(SPIGOT)
def test_spigot_without_options_writes_up_to_a_hundred(of_json: Any, tmp_path: Path) -> None:
    of_json(*[{"n": i} for i in range(120)]).spigot(str(tmp_path / "spigot")).count()
    parts = [
        part for part in (tmp_path / "spigot").rglob("*") if part.is_file() and not part.name.startswith((".", "_"))
    ]
    assert sum(len(part.read_text().splitlines()) for part in parts) == 100


@pytest.mark.page(GETTING_STARTED)
def test_the_legislators_walk(of_json: Any, tmp_path: Path) -> None:
    """Join persons, memberships and organizations, then relationalize."""
    persons = of_json(
        {"id": "p1", "name": "A", "links": [{"note": "n", "url": "u"}]}, {"id": "p2", "name": "B", "links": []}
    )
    memberships = of_json({"person_id": "p1", "organization_id": "o1"}, {"person_id": "p2", "organization_id": "o1"})
    organizations = of_json(
        {"id": "o1", "name": "House", "seats": 435, "other_names": []},
        {"id": "party", "name": "Party", "links": [{"note": "n", "url": "v"}]},
    )
    orgs = organizations.drop_fields(["other_names"]).rename_field("id", "org_id").rename_field("name", "org_name")
    joined = orgs.join(["org_id"], ["organization_id"], persons.join(["id"], ["person_id"], memberships))
    history = joined.drop_fields(["person_id", "org_id"])
    assert sorted_records(records_of(history.select_fields(["name", "org_name"]))) == sorted_records(
        [{"name": "A", "org_name": "House"}, {"name": "B", "org_name": "House"}]
    )
    assert sorted(history.toDF().columns) == ["id", "links", "name", "org_name", "organization_id", "seats"]
    tables = history.relationalize("hist_root", str(tmp_path))
    assert set(tables.keys()) == {"hist_root", "hist_root_links"}, "no legislature has links: these are the persons'"
    assert [r["links.val.url"] for r in records_of(tables.select("hist_root_links"))] == ["u"]
