"""Paths, types and shapes: the pure parts of the record model."""

from __future__ import annotations

import decimal

import pytest
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.arrow_encode import encode, encode_structs
from lakeshift.glue_runtime.engine.paths import join_path, quote_name, split_path
from lakeshift.glue_runtime.engine.presence import hidden_name, visible
from lakeshift.glue_runtime.engine.shapes import framed, merge, merge_all, record_type, shape_of, type_of, wider
from lakeshift.glue_runtime.engine.type_text import parse_type
from lakeshift.glue_runtime.engine.types import MARK, glue_name, has_choice, tree, without_marks


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a", ("a",)),
        ("a.b", ("a", "b")),
        ("`this.old.name`", ("this.old.name",)),
        ("address.`geo.loc`.lat", ("address", "geo.loc", "lat")),
        ("myList[].price", ("myList", "price")),
        ("provider id", ("provider id",)),
    ],
)
def test_split_path(text: str, names: tuple[str, ...]) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html"""
    assert split_path(text) == names
    assert split_path(join_path(names)) == names


def test_only_names_with_a_dot_are_quoted() -> None:
    assert (quote_name("a.b"), quote_name("a b")) == ("`a.b`", "a b")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("String", "string"),
        ("Long", "bigint"),
        ("bigint", "bigint"),
        ("INT", "int"),
        ("varchar(20)", "string"),
        ("decimal(38,0)", "decimal(38,0)"),
        ("numeric(5, 2)", "decimal(5,2)"),
        ("decimal", "decimal(10,2)"),
        ("array<struct<a:int>>", "array<struct<a:int>>"),
        ("struct<a:map<string,decimal(5,2)>,`b:c`:array<date>>", "struct<a:map<string,decimal(5,2)>,b:c:array<date>>"),
        ("struct<>", "struct<>"),
        ("timestamp", "timestamp"),
    ],
)
def test_type_names(name: str, expected: str) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-ApplyMapping.html"""
    assert parse_type(name).simpleString() == expected


@pytest.mark.parametrize("name", ["", "guess", "array", "struct<a>", "list<int>", "decimal(a,b)"])
def test_what_is_no_type_is_an_error(name: str) -> None:
    with pytest.raises(ValueError, match="Unknown type"):
        parse_type(name)


def test_shapes_merge_like_records() -> None:
    left, right = (
        encode_structs([{"a": 1, "b": {"c": 1}}])[1],
        encode_structs([{"a": "x", "b": {"d": [1.5]}, "e": None}])[1],
    )
    schema = record_type(merge({"struct": left}, {"struct": right}))
    choice = f"struct<{MARK}int:int,{MARK}string:string>"
    assert schema.simpleString() == f"struct<a:{choice},b:struct<c:int,d:array<double>>,e:void>"
    assert has_choice(schema)
    assert without_marks(schema).simpleString().startswith("struct<a:struct<int:int,string:string>")


def test_a_field_with_explicit_nulls_and_absent_keys_has_a_hidden_field() -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-filter.html"""
    chunks = [encode_structs(records)[1] for records in ([{"a": 1, "b": None, "c": 1}], [{"a": None, "b": None}, {}])]
    schema, absent = framed(merge_all({"struct": fields} for fields in chunks))
    assert schema.names == ["a", hidden_name("a"), "b", hidden_name("b"), "c"]
    assert absent == {("a",), ("b",), ("c",)}
    assert visible(schema).names == ["a", "b", "c"]


@pytest.mark.parametrize(
    "text",
    [
        "struct<a:int,b:array<struct<c:string>>>",
        "struct<m:map<string,double>,d:decimal(5,2)>",
        "struct<t:timestamp,l:bigint,b:boolean,y:tinyint,s:smallint>",
    ],
)
def test_shape_and_type_are_inverse(text: str) -> None:
    schema = parse_type(text)
    assert type_of(shape_of(schema)) == schema


def test_decimals_widen_to_hold_both() -> None:
    _, shape = encode([decimal.Decimal("123.4"), decimal.Decimal("0.123")])
    assert type_of(shape) == t.DecimalType(6, 3)
    assert wider((4, 1), (3, 3)) == (6, 3)


def test_tree_is_printed_as_glue_prints_it() -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-EvaluateDataQuality.html"""
    choice = t.StructType([t.StructField(MARK + "string", t.StringType()), t.StructField(MARK + "long", t.LongType())])
    schema = t.StructType(
        [
            t.StructField("name", t.StringType()),
            t.StructField("provider id", choice),
            t.StructField("links", t.ArrayType(t.StructType([t.StructField("note", t.StringType())]))),
            t.StructField("EvaluatedMetrics", t.MapType(t.StringType(), t.DoubleType())),
        ]
    )
    assert tree(schema) == (
        "root\n"
        "|-- name: string\n"
        "|-- provider id: choice\n"
        "|    |-- long\n"
        "|    |-- string\n"
        "|-- links: array\n"
        "|    |-- element: struct\n"
        "|    |    |-- note: string\n"
        "|-- EvaluatedMetrics: map\n"
        "|    |-- keyType: string\n"
        "|    |-- valueType: double\n"
    )


@pytest.mark.parametrize(
    ("name", "glue"), [("tinyint", "byte"), ("smallint", "short"), ("null", "null"), ("date", "date")]
)
def test_glue_names(name: str, glue: str) -> None:
    assert glue_name(parse_type(name)) == glue
