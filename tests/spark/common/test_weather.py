from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from common import duplicates, weather

pytestmark = pytest.mark.spark

COLUMNS = "origin string, time_hour string, temp string, wind_speed string"


def test_a_reading_is_typed_or_has_its_reason(spark: SparkSession) -> None:
    rows = [
        ("EWR", "2013-01-01T06:00:00Z", "39.02", None),
        ("EWR", "2013-01-01T07:00:00Z", "sensor?", "1.0"),
        (None, "2013-01-01T07:00:00Z", "1", "1.0"),
        ("JFK", "soon", "1", "1.0"),
    ]
    found = weather.readings(spark.createDataFrame(rows, COLUMNS), "lakeshift_raw.weather")
    assert [row["reason"] for row in found.collect()] == [
        None, "bad_double:temp", "missing:origin", "bad_timestamp:time_hour",
    ]  # fmt: skip
    assert found.select(*weather.CLEAN_COLUMNS).dtypes == [
        tuple(part.split()) for part in weather.CLEAN_SCHEMA.split(", ")
    ]
    good = found.selectExpr("temp", "humid", "cast(reading_date as string)", "record").first()
    assert good[:3] == (39.02, None, "2013-01-01")
    assert good["record"] == '{"origin":"EWR","time_hour":"2013-01-01T06:00:00Z","temp":"39.02"}'


def test_one_local_hour_twice_is_two_readings(spark: SparkSession) -> None:
    """At the end of daylight saving 01:00 comes twice: 05:00Z and 06:00Z."""
    rows = [("EWR", "2013-11-03T05:00:00Z", "50", "1"), ("EWR", "2013-11-03T06:00:00Z", "50", "1")]
    readings = weather.readings(spark.createDataFrame(rows, COLUMNS), "t")
    told = duplicates.settle_unversioned(readings, weather.KEY, weather.MEASURES, tie="record", conflict="c")
    assert told.where("not duplicate and reason is null").count() == 2
