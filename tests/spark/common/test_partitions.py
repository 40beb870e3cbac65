from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from common import partitions, quarantine, snapshots
from common.history import next_history
from common.objects import Objects
from tests.unit.common.fakes import FakeS3

pytestmark = pytest.mark.spark

TEXTS = "record string, source_file string"


def test_only_touched_partitions_are_replaced(spark: SparkSession, tmp_path: Path) -> None:
    url = str(tmp_path / "t")
    schema = "v int, day date"
    first = spark.createDataFrame([(1, date(2013, 1, 1)), (2, date(2013, 1, 2)), (3, date(2013, 1, 2))], schema)
    partitions.overwrite_partitions(first, url, ["day"])
    untouched = next((tmp_path / "t" / "day=2013-01-01").glob("*.parquet"))
    before = untouched.stat().st_mtime_ns
    partitions.overwrite_partitions(spark.createDataFrame([(9, date(2013, 1, 2))], schema), url, ["day"])
    everything = spark.read.schema(schema).parquet(url)
    assert sorted(row["v"] for row in everything.collect()) == [1, 9]
    assert untouched.stat().st_mtime_ns == before
    read = partitions.read_dates(spark, url, schema, "day", [date(2013, 1, 2)])
    assert [row["v"] for row in read.collect()] == [9]
    assert partitions.dates_of(everything, "day") == [date(2013, 1, 1), date(2013, 1, 2)]


def test_the_dates_of_a_table_are_those_of_its_folders() -> None:
    days = ("2013-01-01", "2013-01-02", "__HIVE_DEFAULT_PARTITION__")
    objects = Objects(FakeS3(b={f"t/day={day}/part/1.parquet": b"x" for day in days} | {"t/other/1": b"x"}))
    assert partitions.dates_there(objects, "s3://b/t", "day") == {date(2013, 1, 1), date(2013, 1, 2)}
    assert partitions.dates_there(objects, "s3://b/none", "day") == set()


def test_days_around() -> None:
    days = partitions.around([date(2013, 1, 1), date(2013, 1, 2)], before=1, after=1)
    assert days == [date(2012, 12, 31), date(2013, 1, 1), date(2013, 1, 2), date(2013, 1, 3)]


def test_quarantine_keeps_the_raw_text_and_a_rerun_of_the_run_replaces_it(spark: SparkSession, tmp_path: Path) -> None:
    rejected = spark.createDataFrame([('{"a": "\u00e9', "bad", "f")], quarantine.FIELDS)
    for _ in range(2):
        quarantine.write_rejected(rejected, str(tmp_path / "q"), "jr_1")
    assert quarantine.held_records(spark, str(tmp_path / "q")).collect() == rejected.collect()


def test_a_tally_tells_what_becomes_of_each_record(spark: SparkSession) -> None:
    good = [(None, False, "a"), (None, False, "b"), (None, False, "b")]
    bad = [("bad", False, None), ("worse", False, "a"), ("worse", False, "b")]
    again = [(None, True, "a"), ("bad", True, "b")]
    records = spark.createDataFrame(good + bad + again, "reason string, duplicate boolean, day string")
    told = quarantine.Tally(3, 2, 2, {"bad": 1, "worse": 2})
    assert quarantine.tally(records, ["day"]) == told
    assert quarantine.tally(records) == replace(told, largest=3)
    assert quarantine.tally(records.limit(0)) == quarantine.Tally()


def test_a_good_record_keeps_its_columns_and_a_rejected_one_its_text(spark: SparkSession) -> None:
    records = spark.createDataFrame([("r1", "f", 1, None), ("r2", "f", None, "bad")], f"{TEXTS}, v int, reason string")
    kept = quarantine.texts_of_rejected(records)
    assert kept.columns == records.columns
    assert kept.collect() == [(None, None, 1, None), ("r2", "f", None, "bad")]


def test_a_snapshot_takes_changes_in_place_of_what_it_held(spark: SparkSession) -> None:
    schema = "id string, v string"
    held = spark.createDataFrame([("a", "1"), ("b", None), ("c", "3")], schema)
    rows = [
        ("a", "1", None, False), ("b", None, None, False), ("c", "4", None, False), ("d", "5", None, False),
        ("e", "", "bad", False),
    ]  # fmt: skip
    frame = spark.createDataFrame(rows, f"{schema}, reason string, duplicate boolean")
    told = snapshots.flag_unchanged(frame, "id", ["id", "v"], held)
    assert {row["id"] for row in told.where("duplicate").collect()} == {"a", "b"}
    changed = told.where("reason is null and not duplicate")
    following = snapshots.merged(held, changed, "id", ["id", "v"])
    assert set(following.collect()) == {("a", "1"), ("b", None), ("c", "4"), ("d", "5")}
    assert set(snapshots.merged(None, changed, "id", ["id", "v"]).collect()) == {("c", "4"), ("d", "5")}


def test_history_closes_changed_and_ended_versions_and_repeats_nothing(spark: SparkSession) -> None:
    schema = "id string, v string, valid_from timestamp, valid_to timestamp"
    told = "id", "v", "cast(valid_from as string)", "cast(valid_to as string)"
    current = spark.createDataFrame([("a", "1"), ("b", None), ("c", "3")], "id string, v string")
    first = next_history(spark.createDataFrame([], schema), current, "id", ["v"], "2013-01-01 00:00:00")
    later = spark.createDataFrame([("a", "2"), ("b", None), ("d", "4")], "id string, v string")
    second = next_history(first, later, "id", ["v"], "2013-02-01 00:00:00")
    start, change = "2013-01-01 00:00:00", "2013-02-01 00:00:00"
    expected = {
        ("a", "1", start, change), ("a", "2", change, None), ("b", None, start, None),
        ("c", "3", start, change), ("d", "4", change, None),
    }  # fmt: skip
    assert set(second.selectExpr(*told).collect()) == expected
    again = next_history(second, later, "id", ["v"], "2013-03-01 00:00:00")
    assert set(again.selectExpr(*told).collect()) == expected
