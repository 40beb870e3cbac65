"""ResolveChoice and resolveChoice; toDF's own way with choices."""

from __future__ import annotations

from typing import Any

import pytest
from awsglue.dynamicframe import ResolveOption
from awsglue.gluetypes import LongType, StringType
from awsglue.transforms import ResolveChoice

from tests.contract.cases import Case, check, table

PAGE = "aws-glue-api-crawler-pyspark-transforms-ResolveChoice"
METHOD = "aws-glue-api-crawler-pyspark-extensions-dynamic-frame"
TYPES = "aws-glue-api-crawler-pyspark-extensions-types"
BIG = 10_000_100_010
MEDICARE = ({"provider id": BIG, "n": 1}, {"provider id": "INC", "n": 2}, {"n": 3})
LIST = ({"myList": [{"price": 100.0}, {"price": "$100.00"}]},)
BOTH = ({"a": 1, "b": "x"}, {"a": "y", "b": 2.5})


def specs(*given: Any) -> Any:
    return lambda frame: frame.resolveChoice(specs=list(given))


def choice(action: str, **more: Any) -> Any:
    return lambda frame: frame.resolveChoice(choice=action, **more)


@table(
    Case(
        "a-field-of-two-types-is-a-choice",
        PAGE,
        MEDICARE,
        schema=("|-- provider id: choice", "|    |-- long", "|    |-- string", "|-- n: int"),
        rows=({"provider id": BIG, "n": 1}, {"provider id": "INC", "n": 2}, {"n": 3}),
    ),
    Case(
        "cast",
        PAGE,
        MEDICARE,
        specs(("provider id", "cast:long")),
        ("|-- provider id: long", "|-- n: int"),
        ({"provider id": BIG, "n": 1}, {"provider id": None, "n": 2}, {"n": 3}),
    ),
    Case(
        "cast-to-string",
        PAGE,
        MEDICARE,
        specs(("provider id", "cast:string")),
        rows=({"provider id": str(BIG), "n": 1}, {"provider id": "INC", "n": 2}, {"n": 3}),
    ),
    Case(
        "cast-of-a-field-that-is-no-choice",
        METHOD,
        MEDICARE[:1],
        specs(("n", "cast:String")),
        ("|-- provider id: long", "|-- n: string"),
        ({"provider id": BIG, "n": "1"},),
    ),
    Case(
        "project-keeps-one-type",
        PAGE,
        MEDICARE,
        specs(("provider id", "project:long")),
        ("|-- provider id: long", "|-- n: int"),
        ({"provider id": BIG, "n": 1}, {"n": 2}, {"n": 3}),
    ),
    Case(
        "project-the-other",
        PAGE,
        MEDICARE,
        specs(("provider id", "project:string")),
        ("|-- provider id: string", "|-- n: int"),
        ({"n": 1}, {"provider id": "INC", "n": 2}, {"n": 3}),
    ),
    Case(
        "make_cols",
        PAGE,
        MEDICARE,
        specs(("provider id", "make_cols")),
        ("|-- provider id_long: long", "|-- provider id_string: string", "|-- n: int"),
        ({"provider id_long": BIG, "n": 1}, {"provider id_string": "INC", "n": 2}, {"n": 3}),
    ),
    Case(
        "make_struct",
        PAGE,
        MEDICARE,
        specs(("provider id", "make_struct")),
        ("|-- provider id: struct", "|    |-- long: long", "|    |-- string: string", "|-- n: int"),
        ({"provider id": {"long": BIG}, "n": 1}, {"provider id": {"string": "INC"}, "n": 2}, {"n": 3}),
    ),
    Case(
        "in-the-elements-of-an-array",
        PAGE,
        LIST,
        specs(("myList[].price", "cast:double")),
        ("|-- myList: array", "|    |-- element: struct", "|    |    |-- price: double"),
        ({"myList": [{"price": 100.0}, {"price": None}]},),
    ),
    Case(
        "make_cols-in-the-elements-of-an-array",
        PAGE,
        LIST,
        specs(("myList[].price", "make_cols")),
        rows=({"myList": [{"price_double": 100.0}, {"price_string": "$100.00"}]},),
    ),
    Case(
        "in-a-struct",
        PAGE,
        ({"s": {"v": 1}}, {"s": {"v": "x"}}),
        specs(("s.v", "cast:string")),
        ("|-- s: struct", "|    |-- v: string"),
        ({"s": {"v": "1"}}, {"s": {"v": "x"}}),
    ),
    Case(
        "several-specs",
        PAGE,
        BOTH,
        specs(("a", "cast:string"), ("b", "project:double")),
        ("|-- a: string", "|-- b: double"),
    ),
    Case(
        "choices-without-a-spec-stay",
        PAGE,
        BOTH,
        specs(("a", "cast:string")),
        ("|-- a: string", "|-- b: choice", "|    |-- double", "|    |-- string"),
    ),
    Case(
        "one-spec-as-a-tuple",
        METHOD,
        BOTH,
        lambda f: f.resolveChoice(specs=("a", "cast:string")),
        ("|-- a: string", "|-- b: choice", "|    |-- double", "|    |-- string"),
    ),
    Case(
        "make_cols-for-all",
        PAGE,
        BOTH,
        choice("make_cols"),
        ("|-- a_int: int", "|-- a_string: string", "|-- b_double: double", "|-- b_string: string"),
    ),
    Case(
        "make_struct-for-all",
        PAGE,
        BOTH,
        choice("make_struct"),
        (
            "|-- a: struct",
            "|    |-- int: int",
            "|    |-- string: string",
            "|-- b: struct",
            "|    |-- double: double",
            "|    |-- string: string",
        ),
    ),
    Case(
        "cast-for-all",
        METHOD,
        BOTH,
        choice("cast:string"),
        ("|-- a: string", "|-- b: string"),
        ({"a": "1", "b": "x"}, {"a": "y", "b": "2.5"}),
    ),
    Case(
        "project-for-all",
        METHOD,
        BOTH,
        choice("project:string"),
        ("|-- a: string", "|-- b: string"),
        ({"b": "x"}, {"a": "y"}),
    ),
    Case(
        "make_cols-of-a-field-that-is-no-choice-changes-nothing",
        PAGE,
        MEDICARE[:1],
        specs(("n", "make_cols")),
        ("|-- provider id: long", "|-- n: int"),
    ),
    Case(
        "a-path-that-is-nowhere-changes-nothing",
        PAGE,
        MEDICARE[:1],
        specs(("zz", "cast:int")),
        ("|-- provider id: long", "|-- n: int"),
    ),
    Case(
        "by-the-transform",
        PAGE,
        BOTH,
        lambda f: ResolveChoice.apply(f, choice="make_cols"),
        ("|-- a_int: int", "|-- a_string: string", "|-- b_double: double", "|-- b_string: string"),
    ),
    Case(
        "specs-and-choice-together-are-an-error",
        METHOD,
        BOTH,
        lambda f: f.resolveChoice(specs=[("a", "make_cols")], choice="make_cols"),
        raises="both specified",
    ),
    Case("neither-is-an-error", METHOD, BOTH, lambda f: f.resolveChoice(), raises="both missing"),
    Case("an-unknown-action-is-an-error", METHOD, BOTH, specs(("a", "guess")), raises="guess"),
    Case(
        "a-choice-with-a-struct",
        PAGE,
        ({"v": {"x": 1}}, {"v": "t"}),
        specs(("v", "make_cols")),
        ("|-- v_struct: struct", "|    |-- x: int", "|-- v_string: string"),
        ({"v_struct": {"x": 1}}, {"v_string": "t"}),
    ),
    Case(
        "a-struct-of-a-choice-becomes-json-text",
        PAGE,
        ({"v": {"x": 1}}, {"v": "t"}),
        specs(("v", "cast:string")),
        ("|-- v: string",),
        ({"v": '{"x":1}'}, {"v": "t"}),
    ),
    Case(
        "int-and-long-are-a-choice",
        TYPES,
        ({"v": 1}, {"v": BIG}),
        schema=("|-- v: choice", "|    |-- int", "|    |-- long"),
    ),
    Case(
        "int-and-long-cast",
        TYPES,
        ({"v": 1}, {"v": BIG}),
        specs(("v", "cast:long")),
        ("|-- v: long",),
        ({"v": 1}, {"v": BIG}),
    ),
    Case(
        "int-and-double-are-a-choice",
        TYPES,
        ({"v": 1}, {"v": 1.5}),
        schema=("|-- v: choice", "|    |-- double", "|    |-- int"),
    ),
    Case("null-makes-no-choice", TYPES, ({"v": 1}, {"v": None}), schema=("|-- v: int",), rows=({"v": 1}, {"v": None})),
    Case(
        "structs-merge-instead-of-a-choice",
        TYPES,
        ({"s": {"a": 1}}, {"s": {"b": "x"}}),
        schema=("|-- s: struct", "|    |-- a: int", "|    |-- b: string"),
        rows=({"s": {"a": 1}}, {"s": {"b": "x"}}),
    ),
    Case(
        "arrays-merge-their-elements",
        TYPES,
        ({"l": [1]}, {"l": ["x"]}),
        schema=("|-- l: array", "|    |-- element: choice", "|    |    |-- int", "|    |    |-- string"),
        rows=({"l": [1]}, {"l": ["x"]}),
    ),
)
def test_resolve_choice(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))


@pytest.mark.page(METHOD)
@pytest.mark.parametrize(
    ("options", "schema", "rows"),
    [
        pytest.param(
            None, "struct<v:struct<int:int,string:string>>", [((1, None),), ((None, "x"),)], id="all-to-structs"
        ),
        pytest.param(
            [ResolveOption("v", "KeepAsStruct")], "struct<v:struct<int:int,string:string>>", None, id="KeepAsStruct"
        ),
        pytest.param(
            [ResolveOption("v", "Project", StringType())], "struct<v:string>", [(None,), ("x",)], id="Project"
        ),
        pytest.param(
            [ResolveOption("v", "Project", LongType())],
            "struct<v:bigint>",
            [(None,), (None,)],
            id="Project-a-type-that-is-not-there",
        ),
    ],
)
def test_to_df(of_json: Any, options: Any, schema: str, rows: Any) -> None:
    data = of_json({"v": 1}, {"v": "x"}).toDF(options)
    assert data.schema.simpleString() == schema
    if rows is not None:
        assert [tuple(row) for row in data.collect()] == rows


@pytest.mark.page(METHOD)
@pytest.mark.parametrize(
    "options",
    [[ResolveOption("v", "Project")], [ResolveOption("v", "Cast", LongType())]],
    ids=["without-a-target", "cast"],
)
def test_to_df_refuses(of_json: Any, options: Any) -> None:
    with pytest.raises(Exception, match=r"Missing target type|Invalid conversion|Cast|resolve"):
        of_json({"v": 1}, {"v": "x"}).toDF(options)


@pytest.mark.page(PAGE)
@pytest.mark.needs_catalog
def test_match_catalog(of_json: Any, catalog_table: Any) -> None:
    catalog_table("contract_resolve", "t", {"a": "string", "b": "double"})
    made = of_json(*BOTH).resolveChoice(choice="match_catalog", database="contract_resolve", table_name="t")
    check(
        Case("", PAGE, schema=("|-- a: string", "|-- b: double"), rows=({"a": "1", "b": None}, {"a": "y", "b": 2.5})),
        made,
    )
