"""UnnestFrame, Relationalize, Unbox, and DynamoDB's JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from awsglue import gluetypes
from awsglue.transforms import Relationalize, Unbox, UnnestFrame

from tests.contract.cases import Case, check, records_of, schema_of, table

UNNEST = "aws-glue-api-crawler-pyspark-transforms-UnnestFrame"
RELATIONALIZE = "aws-glue-api-crawler-pyspark-transforms-Relationalize"
UNBOX = "aws-glue-api-crawler-pyspark-transforms-Unbox"
METHOD = "aws-glue-api-crawler-pyspark-extensions-dynamic-frame"
SIMPLIFY = "aws-glue-api-crawler-pyspark-transforms-simplify-ddb-json"


@table(
    Case(
        "structs-by-their-path",
        UNNEST,
        ({"a": {"b": {"c": 1}, "Zip.Code": 2}, "l": [1]},),
        lambda f: f.unnest(),
        ("|-- a.b.c: int", "|-- a.Zip.Code: int", "|-- l: array", "|    |-- element: int"),
        ({"a.b.c": 1, "a.Zip.Code": 2, "l": [1]},),
    ),
    Case(
        "by-the-transform",
        UNNEST,
        ({"address": {"state": "WA"}},),
        UnnestFrame.apply,
        ("|-- address.state: string",),
        ({"address.state": "WA"},),
    ),
    Case(
        "structs-in-arrays-are-named-after-the-array",
        UNNEST,
        ({"friends": [{"name": "x", "at": {"zip": 1}}]},),
        lambda f: f.unnest(),
        rows=({"friends": [{"friends.val.name": "x", "friends.val.at.zip": 1}]},),
    ),
    Case(
        "an-absent-struct-has-no-fields",
        UNNEST,
        ({"a": {"b": 1}, "n": 1}, {"n": 2}),
        lambda f: f.unnest(),
        rows=({"a.b": 1, "n": 1}, {"n": 2}),
    ),
    Case(
        "nulls-in-structs-stay",
        UNNEST,
        ({"a": {"b": None}, "n": 1}, {"n": 2}, {"a": {"b": 3}, "n": 3}),
        lambda f: f.unnest(),
        rows=({"a.b": None, "n": 1}, {"n": 2}, {"a.b": 3, "n": 3}),
    ),
    Case(
        "choices-stay",
        UNNEST,
        ({"a": {"b": 1}}, {"a": {"b": "x"}}),
        lambda f: f.unnest(),
        ("|-- a.b: choice", "|    |-- int", "|    |-- string"),
        ({"a.b": 1}, {"a.b": "x"}),
    ),
    Case(
        "a-struct-of-a-choice-is-unnested-beside-its-other-type",
        UNNEST,
        ({"a": {"b": 1}}, {"a": "x"}),
        lambda f: f.unnest(),
        ("|-- a: string", "|-- a.b: int"),
        ({"a.b": 1}, {"a": "x"}),
    ),
)
def test_unnest(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))


COMPANIES = (
    {
        "company": "DD",
        "employees": [{"name": "Foo", "email": "f@d", "tags": [1, 2]}, {"name": "Bar", "email": "b@d"}],
        "o": {"p": 1},
    },
    {"company": "EE", "employees": [{"name": "Baz", "email": "z@e", "tags": [3]}]},
    {"company": "FF"},
)


@pytest.fixture(scope="module")
def companies(of_json: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    tables = of_json(*COMPANIES).relationalize("company", str(tmp_path_factory.mktemp("staging")))
    return {name: records_of(tables[name]) for name in tables.keys()}  # noqa: SIM118 - a collection is no dict


@pytest.mark.page(RELATIONALIZE)
def test_relationalize_names_a_table_for_every_array(companies: dict[str, list[Any]]) -> None:
    assert set(companies) == {"company", "company_employees", "company_employees.val.tags"}


@pytest.mark.page(RELATIONALIZE)
def test_relationalize_flattens_the_root_and_keys_its_arrays(companies: dict[str, list[Any]]) -> None:
    root = {r["company"]: r for r in companies["company"]}
    assert root["DD"]["o.p"] == 1
    assert sorted(root[name]["employees"] for name in ("DD", "EE")) == [1, 2]
    assert root["FF"].get("employees") is None


@pytest.mark.page(RELATIONALIZE)
def test_relationalize_numbers_elements_and_names_their_fields(companies: dict[str, list[Any]]) -> None:
    keys = {r["company"]: r.get("employees") for r in companies["company"]}
    seen = {
        (r["id"], r["index"], r["employees.val.name"], r["employees.val.email"]) for r in companies["company_employees"]
    }
    assert seen == {(keys["DD"], 0, "Foo", "f@d"), (keys["DD"], 1, "Bar", "b@d"), (keys["EE"], 0, "Baz", "z@e")}


@pytest.mark.page(RELATIONALIZE)
def test_relationalize_pivots_arrays_within_arrays(companies: dict[str, list[Any]]) -> None:
    keys = {r["employees.val.name"]: r.get("employees.val.tags") for r in companies["company_employees"]}
    seen = {(r["id"], r["index"], r["employees.val.tags.val"]) for r in companies["company_employees.val.tags"]}
    assert seen == {(keys["Foo"], 0, 1), (keys["Foo"], 1, 2), (keys["Baz"], 0, 3)}
    assert keys["Bar"] is None


@pytest.mark.page(RELATIONALIZE)
def test_relationalized_tables_join(of_json: Any, tmp_path: Any) -> None:
    tables = Relationalize.apply(of_json(*COMPANIES), str(tmp_path), "company")
    joined = tables.select("company").join("employees", "id", tables.select("company_employees"))
    renamed = joined.rename_field("`employees.val.name`", "name").select_fields(["company", "name"])
    assert sorted((r["company"], r["name"]) for r in records_of(renamed)) == [
        ("DD", "Bar"),
        ("DD", "Foo"),
        ("EE", "Baz"),
    ]


@pytest.mark.page(RELATIONALIZE)
@pytest.mark.parametrize(
    ("given", "tables"),
    [
        pytest.param(({"a": 1},), {"roottable": [{"a": 1}]}, id="nothing-to-pivot"),
        pytest.param(
            ({"l": [[1, 2], [3]]},),
            {
                "roottable": [{"l": 1}],
                "roottable_l": [{"id": 1, "index": 0, "l.val": 1}, {"id": 1, "index": 1, "l.val": 2}],
                "roottable_l.val": [
                    {"id": 1, "index": 0, "l.val.val": 1},
                    {"id": 1, "index": 1, "l.val.val": 2},
                    {"id": 2, "index": 0, "l.val.val": 3},
                ],
            },
            id="array-of-arrays",
        ),
        pytest.param(
            ({"s": {"l": ["x"]}},),
            {"roottable": [{"s.l": 1}], "roottable_s.l": [{"id": 1, "index": 0, "s.l.val": "x"}]},
            id="array-in-a-struct",
        ),
        pytest.param(({"v": 1}, {"v": "x"}), {"roottable": [{"v": 1}, {"v": "x"}]}, id="choices-stay-choices"),
    ],
)
def test_relationalize_small(of_json: Any, tmp_path: Any, given: Any, tables: dict[str, Any]) -> None:
    made = Relationalize.apply(of_json(*given), str(tmp_path))
    assert {name: records_of(made[name]) for name in made.keys()} == tables  # noqa: SIM118


JSON_CELL = {"id": 1, "w": '{"strawberry": 220, "pears": null}'}


def schema_text(**types: Any) -> str:
    return json.dumps(gluetypes.StructType([gluetypes.Field(n, kind) for n, kind in types.items()]).jsonValue())


@table(
    Case(
        "json",
        UNBOX,
        (JSON_CELL,),
        lambda f: f.unbox("w", "json"),
        ("|-- id: int", "|-- w: struct", "|    |-- strawberry: int", "|    |-- pears: null"),
        ({"id": 1, "w": {"strawberry": 220, "pears": None}},),
    ),
    Case(
        "by-the-transform",
        UNBOX,
        (JSON_CELL,),
        lambda f: Unbox.apply(f, "w", "json"),
        rows=({"id": 1, "w": {"strawberry": 220, "pears": None}},),
    ),
    Case(
        "text-that-does-not-parse-makes-an-error-record",
        UNBOX,
        (JSON_CELL, {"id": 2, "w": '{"s": '}),
        lambda f: f.unbox("w", "json"),
        rows=({"id": 1, "w": {"strawberry": 220, "pears": None}},),
    ),
    Case(
        "records-without-the-field-pass",
        UNBOX,
        ({"id": 1}, {"id": 2, "w": None}, {"id": 3, "w": "{}"}),
        lambda f: f.unbox("w", "json"),
        rows=({"id": 1}, {"id": 2, "w": None}, {"id": 3, "w": {}}),
    ),
    Case(
        "nested-path", UNBOX, ({"a": {"w": "[1, 2]"}},), lambda f: f.unbox("a.w", "json"), rows=({"a": {"w": [1, 2]}},)
    ),
    Case(
        "csv",
        UNBOX,
        ({"w": "1|x"},),
        lambda f: f.unbox("w", "csv", separator="|"),
        ("|-- w: struct", "|    |-- col0: string", "|    |-- col1: string"),
        ({"w": {"col0": "1", "col1": "x"}},),
    ),
    Case(
        "csv-with-a-header",
        UNBOX,
        ({"w": "a,b\n1,x"},),
        lambda f: f.unbox("w", "csv", withHeader=True),
        rows=({"w": {"a": "1", "b": "x"}},),
    ),
    Case(
        "csv-skipping-its-first-line",
        UNBOX,
        ({"w": "a,b\n1,x"},),
        lambda f: f.unbox("w", "csv", skipFirst=True),
        rows=({"w": {"col0": "1", "col1": "x"}},),
    ),
    Case(
        "with-a-schema",
        UNBOX,
        (JSON_CELL,),
        lambda f: f.unbox(
            "w", "json", withSchema=schema_text(strawberry=gluetypes.StringType(), kiwi=gluetypes.IntegerType())
        ),
        rows=({"id": 1, "w": {"strawberry": "220"}},),
    ),
)
def test_unbox(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))


DDB = {
    "Item": {
        "parentMap": {"M": {"childMap": {"M": {"appName": {"S": "app"}, "updatedAt": {"N": "16"}}}}},
        "strings": {"SS": ["a", "b"]},
        "numbers": {"NS": ["1"]},
        "isDDBJson": {"BOOL": True},
        "nullValue": {"NULL": True},
    }
}


@table(
    Case(
        "unnest",
        METHOD,
        (DDB,),
        lambda f: f.unnest_ddb_json(),
        (
            "|-- parentMap.childMap.appName: string",
            "|-- parentMap.childMap.updatedAt: string",
            "|-- strings: array",
            "|    |-- element: string",
            "|-- numbers: array",
            "|    |-- element: string",
            "|-- isDDBJson: boolean",
            "|-- nullValue: null",
        ),
        (
            {
                "parentMap.childMap.appName": "app",
                "parentMap.childMap.updatedAt": "16",
                "strings": ["a", "b"],
                "numbers": ["1"],
                "isDDBJson": True,
                "nullValue": None,
            },
        ),
    ),
    Case(
        "simplify",
        SIMPLIFY,
        (DDB,),
        lambda f: f.simplify_ddb_json(),
        (
            "|-- parentMap: struct",
            "|    |-- childMap: struct",
            "|    |    |-- appName: string",
            "|    |    |-- updatedAt: string",
            "|-- strings: array",
            "|    |-- element: string",
            "|-- numbers: array",
            "|    |-- element: string",
            "|-- isDDBJson: boolean",
            "|-- nullValue: null",
        ),
        (
            {
                "parentMap": {"childMap": {"appName": "app", "updatedAt": "16"}},
                "strings": ["a", "b"],
                "numbers": ["1"],
                "isDDBJson": True,
                "nullValue": None,
            },
        ),
    ),
    Case(
        "a-list-of-one-type",
        SIMPLIFY,
        ({"Item": {"l": {"L": [{"S": "a"}, {"S": "b"}]}}},),
        lambda f: f.simplify_ddb_json(),
        ("|-- l: array", "|    |-- element: string"),
        ({"l": ["a", "b"]},),
    ),
    Case(
        "a-list-of-several-types-stays",
        SIMPLIFY,
        ({"Item": {"l": {"L": [{"S": "a"}, {"N": "1"}]}}},),
        lambda f: f.simplify_ddb_json(),
        rows=({"l": [{"S": "a"}, {"N": "1"}]},),
    ),
    Case(
        "a-list-of-maps-stays",
        SIMPLIFY,
        ({"Item": {"l": {"L": [{"M": {"x": {"S": "a"}}}]}}},),
        lambda f: f.simplify_ddb_json(),
        rows=({"l": [{"M": {"x": {"S": "a"}}}]},),
    ),
    Case(
        "attributes-that-some-items-lack",
        SIMPLIFY,
        ({"Item": {"a": {"S": "x"}, "b": {"N": "1"}}}, {"Item": {"a": {"S": "y"}}}),
        lambda f: f.simplify_ddb_json(),
        rows=({"a": "x", "b": "1"}, {"a": "y"}),
    ),
    Case(
        "an-attribute-of-several-types-is-a-choice",
        SIMPLIFY,
        ({"Item": {"a": {"S": "x"}}}, {"Item": {"a": {"BOOL": True}}}),
        lambda f: f.simplify_ddb_json(),
        ("|-- a: choice", "|    |-- boolean", "|    |-- string"),
        ({"a": "x"}, {"a": True}),
    ),
    Case(
        "without-a-column-Item",
        SIMPLIFY,
        ({"a": {"S": "x"}, "plain": 5},),
        lambda f: f.simplify_ddb_json(),
        rows=({"a": "x", "plain": 5},),
    ),
)
def test_dynamodb_json(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))


@pytest.mark.page(UNNEST)
def test_unnest_leaves_a_flat_frame_as_it_is(of_json: Any) -> None:
    assert schema_of(of_json({"a": 1, "b": "x"}).unnest()) == ["root", "|-- a: int", "|-- b: string"]
