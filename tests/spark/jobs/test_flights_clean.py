"""A batch of the sample's own kind, its dirt included: everything ends in one of three places, and once."""

from __future__ import annotations

import json

import pytest
from pyspark.sql import DataFrame, SparkSession

from common import duplicates, flights
from jobs import flights_clean

pytestmark = pytest.mark.spark

EVENT = {
    "event_time": "2013-01-02T08:00:00Z", "carrier": "UA", "flight": 1, "origin": "EWR", "dest": "IAH",
    "tailnum": "N14228", "distance": 1400, "hour": 5, "minute": 15, "arr_delay": 11,
    "time_hour": "2013-01-01T10:00:00Z", "year": 2013, "month": 1, "day": 1,
}  # fmt: skip


def line(**changes: object) -> str:
    return json.dumps(EVENT | changes)


BATCH = [
    line(), line(flight=2), line(flight=3, arr_delay="12"),  # good
    line(), line(flight=2),  # sent twice
    line(flight=2, event_time="2013-01-02T07:00:00Z"),  # an older version of a known one
    line()[:-9], line()[:25],  # truncated
    line(arr_delay="two"), line(time_hour="yesterday"), line(flight=None),
]  # fmt: skip
REASONS = {"malformed_json": 2, "bad_integer:arr_delay": 1, "bad_timestamp:time_hour": 1, "missing:flight": 1}


def lines(spark: SparkSession, records: list[str], file: str = "s3://raw/flights/1") -> DataFrame:
    return spark.createDataFrame([(record, file) for record in records], "record string, source_file string")


def told(events: DataFrame) -> tuple[int, int, dict[str, int]]:
    """Rows out, duplicates, and rejected by reason."""
    rows = events.select("reason", duplicates.DUPLICATE).collect()
    rejected: dict[str, int] = {}
    for row in rows:
        if row["reason"] and not row["duplicate"]:
            rejected[row["reason"]] = rejected.get(row["reason"], 0) + 1
    out = sum(not row["duplicate"] and row["reason"] is None for row in rows)
    return out, sum(row["duplicate"] for row in rows), rejected


def test_every_line_ends_in_one_of_three_places(spark: SparkSession) -> None:
    assert told(flights_clean.transform(lines(spark, BATCH), None, None)) == (3, 3, REASONS)


def test_a_batch_read_again_after_a_kill_is_all_duplicates(spark: SparkSession) -> None:
    """The first attempt wrote everything and was killed before it committed its bookmark."""
    first = flights_clean.transform(lines(spark, BATCH), None, None)
    held = first.where("reason is null and not duplicate").select(*flights.CLEAN_COLUMNS)
    rejected = first.where("reason is not null and not duplicate").select("record", "reason", "source_file")
    assert told(flights_clean.transform(lines(spark, BATCH), held, rejected)) == (0, len(BATCH), {})


def test_a_batch_half_written_before_a_kill_is_completed(spark: SparkSession) -> None:
    first = flights_clean.transform(lines(spark, BATCH), None, None)
    held = first.where("reason is null and not duplicate and flight = 1").select(*flights.CLEAN_COLUMNS)
    out, again, rejected = told(flights_clean.transform(lines(spark, BATCH), held, None))
    assert (out, again, rejected) == (2, 4, REASONS)


def test_a_later_file_brings_duplicates_corrections_and_new_flights(spark: SparkSession) -> None:
    first = flights_clean.transform(lines(spark, BATCH), None, None)
    held = first.where("reason is null and not duplicate").select(*flights.CLEAN_COLUMNS)
    batch = [line(), line(flight=2, event_time="2014-01-02T10:00:00Z", arr_delay=99), line(flight=10001), line()[:25]]
    events = flights_clean.transform(lines(spark, batch, "s3://raw/flights/2"), held, None)
    assert told(events) == (2, 1, {"malformed_json": 1})
