from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from common.casting import Field, cast_fields

pytestmark = pytest.mark.spark

FIELDS = (
    Field("id", "string", required=True),
    Field("code", "code"),
    Field("n", "int"),
    Field("x", "double"),
    Field("at", "timestamp"),
    Field("day", "date"),
)
CASES = [
    ("a good row is typed", {"n": "12", "x": "1.5e-3", "at": "2013-01-01T10:00:00Z", "day": "2013-01-01"}, None),
    ("blanks around a value are not part of it", {"n": " 12 ", "code": " jfk "}, None),
    ("null words are no value", {"n": "NA", "x": "n/a", "at": "null", "day": ""}, None),
    ("a whole number may carry a point", {"n": "12.0"}, None),
    ("a sign is part of a number", {"n": "-7", "x": "+.5"}, None),
    ("a fraction is no integer", {"n": "12.7"}, "bad_integer:n"),
    ("a word is no integer", {"n": "two"}, "bad_integer:n"),
    ("a question is no integer", {"n": "n/a?"}, "bad_integer:n"),
    ("dashes are no integer", {"n": "--"}, "bad_integer:n"),
    ("an integer that does not fit 32 bits is bad", {"n": "99999999999"}, "bad_integer:n"),
    ("java's number suffix is no number", {"x": "12d"}, "bad_double:x"),
    ("infinity is no measure", {"x": "Infinity"}, "bad_double:x"),
    ("a word is no double", {"x": "sensor?"}, "bad_double:x"),
    ("a year alone is no timestamp", {"at": "2013"}, "bad_timestamp:at"),
    ("a time alone is no timestamp", {"at": "12:30"}, "bad_timestamp:at"),
    ("a word is no timestamp", {"at": "yesterday"}, "bad_timestamp:at"),
    ("a thirteenth month is no timestamp", {"at": "2013-13-45T99:00:00Z"}, "bad_timestamp:at"),
    ("a thirtieth of february is no date", {"day": "2013-02-30"}, "bad_date:day"),
    ("a required field must have a value", {"id": None}, "missing:id"),
    ("a null word is no value for a required field", {"id": " N/A "}, "missing:id"),
    ("missing is told before bad", {"id": None, "n": "two"}, "missing:id"),
    ("the first bad field is told", {"x": "no", "n": "two"}, "bad_integer:n"),
]


def test_every_failed_cast_has_its_reason_and_every_other_row_none(spark: SparkSession) -> None:
    names = [field.name for field in FIELDS]
    rows = [(told, tuple(({"id": "1"} | values).get(name) for name in names), None) for told, values, _ in CASES]
    raw = ", ".join(f"{name}: string" for name in names)
    frame = spark.createDataFrame(rows, f"told string, raw struct<{raw}>, reason string")
    found = {row["told"]: row["reason"] for row in cast_fields(frame, "raw", FIELDS).collect()}
    assert found == {told: reason for told, _, reason in CASES}


def test_values_are_typed_and_other_columns_kept(spark: SparkSession) -> None:
    raw = ("1", " jfk", "12.0", "39.02", "2013-01-01T10:00:00Z", "2013-01-01")
    schema = "record string, raw struct<id: string, code: string, n: string, x: string, at: string, day: string>"
    frame = spark.createDataFrame([("line", raw, None)], f"{schema}, reason string")
    typed = cast_fields(frame, "raw", FIELDS)
    assert dict(typed.dtypes) == {
        "record": "string", "id": "string", "code": "string", "n": "int", "x": "double", "at": "timestamp",
        "day": "date", "reason": "string",
    }  # fmt: skip
    assert typed.selectExpr("record", "code", "n", "x", "cast(at as string)", "cast(day as string)").first() == (
        "line", "JFK", 12, 39.02, "2013-01-01 10:00:00", "2013-01-01",
    )  # fmt: skip


def test_an_earlier_reason_stays(spark: SparkSession) -> None:
    schema = "raw struct<id: string>, reason string"
    frame = spark.createDataFrame([(None, "malformed_json")], schema)
    assert cast_fields(frame, "raw", FIELDS[:1]).first()["reason"] == "malformed_json"
