"""DuckDB's reading of a line and Spark's two are one: the same values and reasons, whatever is in the field."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest
from pyspark.sql import SparkSession

from common import formats
from common.casting import Field, cast_fields
from common.duckdb_casting import typed_lines
from common.duckdb_flights import FLIGHTS
from common.flights import CLEAN_COLUMNS, events_from_lines
from tests.spark.common.test_formats import LINES

pytestmark = pytest.mark.spark

FIELDS = (
    Field("a", "string", required=True),
    Field("b", "code"),
    Field("n", "int"),
    Field("x", "double"),
    Field("at", "timestamp"),
    Field("day", "date"),
)
VALUES: dict[str, list[Any]] = {
    "b": [" jfk ", "N/A", "nan", "None", "", "  ", "ü", 12, True, {"c": 1}],
    "n": ["12", " 12 ", "12.0", "12.", "12.7", "-7", "+7", "007", "two", "n/a?", "--", "99999999999", "2147483648",
          "-2147483648", "1e3", "0x1F", "1_000", ".5", ".", "", "null", 12, 12.0, True, None],
    "x": ["1.5e-3", "+.5", "5.", "12d", "Infinity", "NaN", "1e400", "0x1p3", "sensor?", "1_0", 39.02, -0.5, None],
    "at": ["2013-01-01T10:00:00Z", "2013-01-01 10:00", "2013-01-01T10:00Z", "2013-01-01T10:00:00.123456Z",
           "2013-01-01T10:00:00+05:30", "2013-01-01T10:00:00-0530", "2013-01-01T10:00:00+18:00",
           "2013-01-01T10:00:00+19:00", "2013-01-01T24:00:00Z", "2013-01-01T23:59:60Z", "2013-13-45T99:00:00Z",
           "2013-02-30T00:00:00Z", "2013", "12:30", "yesterday", "01/31/2013 10:00", 1357034400000, None],
    "day": ["2013-01-01", "2013-02-29", "2012-02-29", "2013-1-1", "2013-01-01T00:00:00", "yesterday", None],
}  # fmt: skip
RECORDS = [json.dumps({"a": "1", name: value}) for name, values in VALUES.items() for value in values]
RECORDS += [line for _, line, _ in LINES] + ['{"a": null, "n": "two"}', "", "   "]


def by_duckdb(select: str, records: list[str]) -> list[tuple[Any, ...]]:
    engine = duckdb.connect()
    engine.execute("SET timezone = 'UTC'")
    engine.execute("CREATE TABLE lines (record VARCHAR, source_file VARCHAR)")
    engine.executemany("INSERT INTO lines VALUES (?, 'f')", [[record] for record in records])
    return engine.execute(select).fetchall()


def by_spark(spark: SparkSession, records: list[str]) -> Any:
    lines = spark.createDataFrame([(record, "f") for record in records], "record string, source_file string")
    return lines.where("trim(record) <> ''")


def typed_by_spark(spark: SparkSession, integers: list[str]) -> dict[str, tuple[Any, ...]]:
    lines, names = by_spark(spark, RECORDS), [field.name for field in FIELDS]
    if integers:
        typed = cast_fields(formats.parse_typed_lines(lines, names, integers), "raw", FIELDS, typed_already="numbers")
    else:
        typed = cast_fields(formats.parse_json_lines(lines, names), "raw", FIELDS)
    columns = ["record", "a", "b", "n", "x", "unix_micros(at) at", "cast(day as string) day", "reason"]
    return {row["record"]: tuple(row) for row in typed.selectExpr(*columns).collect()}


def test_values_and_reasons_are_the_same(spark: SparkSession) -> None:
    spark_rows = typed_by_spark(spark, [])
    assert typed_by_spark(spark, ["n"]) == spark_rows
    select = f'SELECT record, a, b, n, x, epoch_us("at"), day::VARCHAR, reason FROM ({typed_lines(FIELDS)})'
    duckdb_rows = {row[0]: row for row in by_duckdb(select, RECORDS)}
    assert duckdb_rows == spark_rows
    assert len({row[-1] for row in spark_rows.values()}) > 5


def test_flights_are_the_same(spark: SparkSession) -> None:
    event = {
        "event_time": "2013-01-02T08:00:00Z", "carrier": " ua", "flight": 1, "origin": "EWR", "dest": "IAH",
        "time_hour": "2013-01-01T10:00:00Z", "year": 2013, "month": 1, "day": 1, "dep_time": 517, "arr_delay": "11",
    }  # fmt: skip
    changes: list[dict[str, Any]] = [
        {}, {"dep_time": None}, {"month": 13}, {"day": 30}, {"year": "2013.0"}, {"operated_by": "regional"},
        {"time_hour": "2012-12-31 23:00:00"}, {"time_hour": "2013-01-03T00:00:00Z"},
        {"flight": None}, {"arr_delay": "x"},
    ]  # fmt: skip
    records = [json.dumps(event | change) for change in changes]
    columns = [
        f"unix_micros({name})" if name in ("event_time", "time_hour") else f"cast({name} as string)"
        for name in (*CLEAN_COLUMNS, "reason")
    ]
    spark_rows = events_from_lines(by_spark(spark, records)).selectExpr("record", *columns).collect()
    cells = ", ".join(
        f"epoch_us({name})" if name in ("event_time", "time_hour") else f"{name}::VARCHAR"
        for name in (*CLEAN_COLUMNS, "reason")
    )
    duckdb_rows = by_duckdb(f"SELECT record, {cells} FROM ({FLIGHTS.rows})", records)
    assert sorted(map(repr, duckdb_rows)) == sorted(repr(tuple(row)) for row in spark_rows)
