from __future__ import annotations

import json

import pytest
from pyspark.sql import SparkSession

from common import flights

pytestmark = pytest.mark.spark

EVENT = {
    "event_time": "2013-01-02T08:00:00Z", "carrier": "UA", "flight": 1545, "origin": "EWR", "dest": "IAH",
    "tailnum": "N14228", "sched_dep_time": 515, "dep_time": 517, "dep_delay": 2, "sched_arr_time": 819,
    "arr_time": 830, "arr_delay": 11, "air_time": 227, "distance": 1400, "hour": 5, "minute": 15,
    "time_hour": "2013-01-01T10:00:00Z", "year": 2013, "month": 1, "day": 1,
}  # fmt: skip
LINE = json.dumps(EVENT)
CASES = {
    "good": (LINE, None),
    "number as text is cast": (json.dumps(EVENT | {"dep_delay": "12"}), None),
    "a cancelled flight is good": (json.dumps(EVENT | {"dep_time": None, "dep_delay": None}), None),
    "new columns are welcome": (json.dumps(EVENT | {"operated_by": "regional", "extra": {}}), None),
    "truncated by one character": (LINE[:-1], "malformed_json"),
    "truncated early": (LINE[:20], "malformed_json"),
    "two records in a line": (LINE + LINE, "malformed_json"),
    "garbage integer": (json.dumps(EVENT | {"dep_delay": "two"}), "bad_integer:dep_delay"),
    "garbage timestamp": (json.dumps(EVENT | {"time_hour": "yesterday"}), "bad_timestamp:time_hour"),
    "absent required field": (json.dumps({k: v for k, v in EVENT.items() if k != "flight"}), "missing:flight"),
    "blank required field": (json.dumps(EVENT | {"carrier": " "}), "missing:carrier"),
    "no such day": (json.dumps(EVENT | {"day": 31, "month": 2}), "bad_date:flight_date"),
    "date far from hour": (json.dumps(EVENT | {"day": 9}), "inconsistent:flight_date"),
}


def test_a_line_is_a_good_event_or_has_its_reason_and_keeps_its_text(spark: SparkSession) -> None:
    given = [(line, told) for told, (line, _) in CASES.items()]
    rows = flights.events_from_lines(spark.createDataFrame(given, "record string, source_file string")).collect()
    assert {row["source_file"]: (row["record"], row["reason"]) for row in rows} == CASES


def test_an_event_has_its_id_date_region_and_the_agreed_schema(spark: SparkSession) -> None:
    late = EVENT | {"time_hour": "2013-01-02T02:00:00Z", "hour": 21, "dep_time": None}
    lines = spark.createDataFrame([(LINE, "f"), (json.dumps(late), "f")], "record string, source_file string")
    events = flights.events_from_lines(lines)
    expected = [tuple(part.split()) for part in flights.CLEAN_SCHEMA.split(", ")]
    assert events.select(*flights.CLEAN_COLUMNS).dtypes == expected
    found = events.selectExpr("flight_id", "cast(flight_date as string)", "region", "cancelled").collect()
    assert set(found) == {
        ("UA-1545-EWR-2013-01-01T10:00:00Z", "2013-01-01", "EWR", False),
        ("UA-1545-EWR-2013-01-02T02:00:00Z", "2013-01-01", "EWR", True),
    }


def test_lines_are_put_together_again_and_blank_ones_left_out(spark: SparkSession) -> None:
    rows = [("a", None, "f"), ("", None, "f"), ("  ", None, "f"), ("b", "c", "f")]
    frame = spark.createDataFrame(rows, "col0 string, col1 string, source_file string")
    assert sorted(row["record"] for row in flights.whole_lines(frame).collect()) == ["a", "b\u0001c"]


def test_an_empty_source_has_no_lines(spark: SparkSession) -> None:
    empty = spark.createDataFrame([], "")
    assert flights.whole_lines(empty).count() == 0
