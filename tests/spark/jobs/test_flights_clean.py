"""A batch of the sample's own kind, its dirt included: everything ends in one of three places, and once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from common import duplicates, flights, touched
from jobs import flights_clean
from tests.spark.jobs.stages import stage
from tests.unit.common.fakes import FakeGlue

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


class Zone:
    """A clean zone that batches come to; of each it is told what becomes of it."""

    def __init__(self, spark: SparkSession, home: Path) -> None:
        self.spark, self.stage = spark, stage(spark, home, FakeGlue(), "run-1")

    def take(
        self, records: list[str], file: str = "s3://raw/flights/1", rejected: DataFrame | None = None
    ) -> DataFrame:
        events = flights_clean.transform(lines(self.spark, records, file)).cache()
        return duplicates.flag_held_records(flights_clean.beside_held(self.stage, events), rejected)

    def hold(self, events: DataFrame, which: str = "true") -> None:
        """Append the clean ones of the events."""
        good = events.where(f"reason is null and not duplicate and {which}").select(*flights.CLEAN_COLUMNS)
        good.write.mode("append").partitionBy(*flights.PARTITION_KEYS).parquet(f"{self.stage.arguments.clean}/flights")


@pytest.fixture(params=[touched._FEW, 0], ids=["late_ones_are_few", "late_ones_are_many"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, spark: SparkSession, tmp_path: Path) -> Zone:
    monkeypatch.setattr(touched, "_FEW", request.param)
    return Zone(spark, tmp_path)


def test_every_line_ends_in_one_of_three_places(zone: Zone) -> None:
    assert told(zone.take(BATCH)) == (3, 3, REASONS)


def test_a_batch_read_again_after_a_kill_is_all_duplicates(zone: Zone) -> None:
    """The first attempt wrote everything and was killed before it committed its bookmark."""
    first = zone.take(BATCH)
    zone.hold(first)
    rejected = first.where("reason is not null and not duplicate").select("record", "reason", "source_file")
    assert told(zone.take(BATCH, rejected=rejected)) == (0, len(BATCH), {})


def test_a_batch_half_written_before_a_kill_is_completed(zone: Zone) -> None:
    zone.hold(zone.take(BATCH), "flight = 1")
    assert told(zone.take(BATCH)) == (2, 4, REASONS)


def test_a_later_file_brings_duplicates_corrections_and_new_flights(zone: Zone) -> None:
    zone.hold(zone.take(BATCH))
    zone.hold(zone.take([line(flight=2, event_time="2014-01-02T09:00:00Z")], "s3://raw/flights/2"))
    batch = [
        line(), line(flight=2, event_time="2014-01-02T10:00:00Z", arr_delay=99), line(flight=10001), line()[:25],
        line(flight=2, event_time="2014-01-02T08:30:00Z"),  # newer than one version that is held, older than another
    ]  # fmt: skip
    assert told(zone.take(batch, "s3://raw/flights/3")) == (2, 2, {"malformed_json": 1})


def test_a_flight_of_a_date_that_is_not_held_is_not_looked_for(zone: Zone) -> None:
    zone.hold(zone.take(BATCH))
    next_day = line(day=2, time_hour="2013-01-02T10:00:00Z")
    events = zone.take([next_day, line()])
    assert told(events) == (1, 1, {})
    alone = flights_clean.transform(lines(zone.spark, [next_day]))
    assert flights_clean.beside_held(zone.stage, alone) is alone
