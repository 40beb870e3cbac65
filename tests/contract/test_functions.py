"""What the library has for DataFrames: column functions, ApplyMapping, frames of RDDs; and its pure Python parts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from awsglue import functions, gluetypes, transforms
from awsglue.dataframe_transforms import ApplyMapping

from tests.contract.cases import records_of

CONTEXT = "aws-glue-api-crawler-pyspark-extensions-glue-context"
TRANSFORM = "aws-glue-api-crawler-pyspark-transforms-GlueTransform"
MAPPING = "aws-glue-api-crawler-pyspark-transforms-ApplyMapping"
TYPES = "aws-glue-api-crawler-pyspark-extensions-types"
READER = "aws-glue-api-crawler-pyspark-extensions-dynamic-frame-reader"


@pytest.mark.page(CONTEXT)
@pytest.mark.parametrize(
    ("make", "seen"),
    [
        pytest.param(lambda f, d: functions.namedStruct(d.a, d.b), [(1, "x")], id="namedStruct"),
        pytest.param(lambda f, d: functions.namedStruct([d.a, d.b]), [(1, "x")], id="namedStruct-of-a-list"),
        pytest.param(lambda f, d: functions.replaceArrayElement(d.l, d.a, 1), [[5, 1, 7]], id="replaceArrayElement"),
    ],
)
def test_column_functions(spark: Any, make: Any, seen: list[Any]) -> None:
    data = spark.sql("select 1 a, 'x' b, array(5, 6, 7) l")
    found = [row.made for row in data.select(make(None, data).alias("made")).collect()]
    assert [tuple(value) if isinstance(value, tuple) else value for value in found] == seen


@pytest.mark.page(CONTEXT)
def test_explode_with_index(spark: Any) -> None:
    data = spark.sql("select array('p', 'q') l")
    assert [tuple(r) for r in data.select(functions.explodeWithIndex(data.l)).collect()] == [(0, "p"), (1, "q")]


@pytest.mark.page(MAPPING)
@pytest.mark.parametrize(
    ("mappings", "schema", "rows"),
    [
        pytest.param([("a", "int", "b", "string")], "struct<b:string>", [("1",)], id="rename-and-cast"),
        pytest.param([("a", "int", "s.t", "long")], "struct<s:struct<t:bigint>>", [((1,),)], id="nest"),
        pytest.param(("o.k", "string", "k", "string"), "struct<k:string>", [("v",)], id="one-tuple-unnest"),
    ],
)
def test_apply_mapping_of_a_data_frame(spark: Any, recwarn: Any, mappings: Any, schema: str, rows: list[Any]) -> None:
    made = ApplyMapping.apply(spark.sql("select 1 a, named_struct('k', 'v') o"), mappings)
    assert made.schema.simpleString() == schema
    assert [tuple(row) for row in made.collect()] == rows


@pytest.mark.page(READER)
def test_a_frame_of_an_rdd(glue: Any, spark: Any) -> None:
    rdd = spark.sparkContext.parallelize([(1, "x"), (2, None)], 1)
    frame = glue.create_dynamic_frame.from_rdd(rdd, "named", schema=["a", "b"])
    assert frame.name == "named"
    assert records_of(frame) == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]


@pytest.mark.page(TRANSFORM)
def test_all_transforms_are_listed_and_named() -> None:
    assert {t.name() for t in transforms.get_transforms()} == set(transforms.__all__)
    assert transforms.get_transform("applymapping").name() == "ApplyMapping"
    assert transforms.get_transform("nothing") is None


@pytest.mark.page(TRANSFORM)
@pytest.mark.parametrize("name", ["ApplyMapping", "DropFields", "ResolveChoice", "Relationalize", "Filter", "Map"])
def test_transforms_describe_themselves(name: str) -> None:
    described = json.loads(transforms.describe_transform(name))
    assert described["transform"]["name"] == name
    assert described["transform"]["returns"]["type"]


@pytest.mark.page(TYPES)
@pytest.mark.parametrize(
    ("left", "right", "merged"),
    [
        pytest.param(gluetypes.IntegerType(), gluetypes.NullType(), "int", id="null-gives-way"),
        pytest.param(gluetypes.IntegerType(), gluetypes.StringType(), "choice", id="two-types-are-a-choice"),
        pytest.param(gluetypes.IntegerType(), gluetypes.IntegerType(), "int", id="one-type"),
    ],
)
def test_merging_types(left: Any, right: Any, merged: str) -> None:
    assert gluetypes.mergeDataTypes(left, right).typeName() == merged
