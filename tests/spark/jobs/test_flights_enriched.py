"""What is to be loaded, and that a kill at any point of writing neither loses nor doubles it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import StructType

from common import enrichment, flights, loads, marts_zone, partitions, touched, weather
from common.audit import AuditMismatchError
from jobs import flights_enriched
from tests.spark.jobs.stages import stage
from tests.unit.common.fakes import FakeGlue

pytestmark = pytest.mark.spark

Rows = dict[str, tuple[str, int]]  # flight id -> (day of January, delay)
FIRST: Rows = {"a": ("01", 1), "b": ("01", 2), "c": ("02", 3), "d": ("03", 4)}
SECOND: Rows = FIRST | {"b": ("01", 20), "c": ("02", 30), "e": ("03", 5)}
CHANGED = {"b": 20, "c": 30, "e": 5}


class KilledError(Exception):
    """Stands for a kill."""


def frame_of(spark: SparkSession, rows: list[tuple[Any, ...]], given: str, schema: str) -> DataFrame:
    """Rows of the columns ``given`` in a frame of ``schema``, whose other columns are null."""
    frame = spark.createDataFrame(rows, given)
    columns = [part.split() for part in schema.split(", ")]
    return frame.select(*((F.col(n) if n in frame.columns else F.lit(None)).cast(kind).alias(n) for n, kind in columns))


class Lake:
    """A lake on which flights come in and are loaded run by run; a run that is killed has not moved its bookmark."""

    def __init__(self, spark: SparkSession, home: Path) -> None:
        self.spark, self.home, self.catalog = spark, home, FakeGlue()
        self.received: Rows = {}
        self.new: set[str] = set()  # flights whose events the bookmark has not seen
        self.references = {
            table.name: spark.createDataFrame([], ", ".join(f"{name} {kind}" for name, kind in table.hive_columns))
            for table in flights_enriched.REFERENCES
        }
        frame_of(spark, [], "origin string", weather.CLEAN_SCHEMA).write.parquet(str(home / "clean/weather"))

    def receive(self, rows: Rows) -> None:
        """Append events of the flights that are new or have another delay."""
        hour = len(list((self.home / "clean").glob("flights/*/*/*.parquet")))
        told = {key: row for key, row in rows.items() if self.received.get(key) != row}
        values = [
            (key, f"2013-01-{day}", "EWR", delay, f"2013-02-01 {hour:02}:00:00") for key, (day, delay) in told.items()
        ]
        given = "flight_id string, flight_date string, region string, dep_delay int, event_time string"
        clean = frame_of(self.spark, values, given, flights.CLEAN_SCHEMA)
        if told:
            url = str(self.home / "clean/flights")
            clean.coalesce(1).write.mode("append").partitionBy("flight_date", "region").parquet(url)
        self.received, self.new = rows, self.new | told.keys()

    def load(self, rows: Rows, run: str, attempt: str = "jr_1") -> Any:
        self.receive(rows)
        one = stage(self.spark, self.home, self.catalog, run, attempt)
        values = [(key, date(2013, 1, int(rows[key][0]))) for key in sorted(self.new)]
        new = self.spark.createDataFrame(values, "flight_id string, flight_date date")
        made = flights_enriched.find_touched(one, new, new, [])
        if made.days:
            flights_enriched.enrich(one, made, self.references)
        one.audit.check()
        self.new = set()
        return one.audit

    def load_set(self, run: str) -> dict[str, int] | None:
        """Flight id -> delay of a run's load set; fails where a row is there twice."""
        place = loads.manifest_url(str(self.home / "marts"), run, "flights")
        document = stage(self.spark, self.home, self.catalog, run).objects.read_json(place)
        if document is None:
            return None
        urls = [entry["url"] for entry in document["entries"]]
        found = self.spark.read.schema(enrichment.SCHEMA).parquet(*urls).collect()
        assert len({row["flight_id"] for row in found}) == len(found)
        assert len(found) == sum(entry["meta"]["record_count"] for entry in document["entries"])
        for entry in document["entries"]:
            assert Path(entry["url"]).stat().st_size == entry["meta"]["content_length"]
        return {row["flight_id"]: row["dep_delay"] for row in found}

    def mart(self) -> dict[str, int]:
        found = self.spark.read.schema(enrichment.SCHEMA).parquet(str(self.home / "marts/flights_enriched")).collect()
        assert len({row["flight_id"] for row in found}) == len(found)
        return {row["flight_id"]: row["dep_delay"] for row in found}


def delays(rows: Rows) -> dict[str, int]:
    return {key: delay for key, (_, delay) in rows.items()}


@pytest.fixture
def lake(spark: SparkSession, tmp_path: Path) -> Lake:
    made = Lake(spark, tmp_path)
    audit = made.load(FIRST, "run-1")
    assert (audit.rows_in, audit.rows_out, audit.duplicates) == (4, 4, 0)
    return made


def test_the_first_run_loads_everything(lake: Lake) -> None:
    assert lake.load_set("run-1") == lake.mart() == delays(FIRST)
    table = lake.catalog.tables["lakeshift_marts", "flights_enriched"]
    assert table["PartitionKeys"] == [{"Name": "flight_date", "Type": "date"}]
    assert {key[2] for key in lake.catalog.partitions} == {"2013-01-01", "2013-01-02", "2013-01-03"}


def test_the_same_rows_again_move_nothing(lake: Lake) -> None:
    lake.new = set(FIRST)
    before = {path: path.stat().st_mtime_ns for path in (lake.home / "marts/flights_enriched").rglob("*.parquet")}
    audit = lake.load(FIRST, "run-2")
    assert (audit.rows_in, audit.rows_out, audit.duplicates) == (4, 0, 4)
    assert lake.load_set("run-2") is None
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_exactly_new_and_changed_rows_move(lake: Lake) -> None:
    audit = lake.load(SECOND, "run-2")
    assert (audit.rows_in, audit.rows_out, audit.duplicates) == (5, 3, 2)
    assert lake.load_set("run-2") == CHANGED
    assert lake.mart() == delays(SECOND)


def test_a_flight_that_the_marts_hold_twice_is_told_before_anything_is_written(lake: Lake) -> None:
    kept = next((lake.home / "marts/flights_enriched/flight_date=2013-01-03").glob("*.parquet"))
    shutil.copy(kept, kept.with_name("again.parquet"))
    with pytest.raises(AuditMismatchError, match="5 flights became 6 rows; the marts stay as they were"):
        lake.load(SECOND, "run-2")
    assert lake.load_set("run-2") is None
    assert kept.exists()


def test_a_date_that_the_marts_do_not_hold_whole_is_made_as_a_whole(lake: Lake) -> None:
    """What a kill may leave where a partition is replaced object by object."""
    held = next((lake.home / "marts/flights_enriched/flight_date=2013-01-01").glob("*.parquet"))
    rows = lake.spark.read.parquet(str(held)).where("flight_id != 'a'").collect()
    schema = lake.spark.read.parquet(str(held)).schema
    lake.spark.createDataFrame(rows, schema).coalesce(1).write.mode("overwrite").parquet(str(held.parent))
    assert lake.mart() == {key: delay for key, delay in delays(FIRST).items() if key != "a"}
    lake.load(SECOND, "run-2")
    assert lake.mart() == delays(SECOND)
    assert lake.load_set("run-2") == CHANGED | {"a": 1}


def test_only_flights_with_new_events_are_read_again_of_a_date_that_is_held(lake: Lake) -> None:
    """The other row is not made anew: here one that no input would give."""
    place = lake.home / "marts/flights_enriched/flight_date=2013-01-01"
    held = lake.spark.read.parquet(str(place)).withColumn("carrier", F.lit("??"))
    held.write.parquet(str(lake.home / "other"))
    shutil.rmtree(place)
    shutil.copytree(lake.home / "other", place)
    lake.load(FIRST | {"b": ("01", 20)}, "run-2")
    rows = lake.spark.read.schema(enrichment.SCHEMA).parquet(str(place.parent)).where("flight_date = '2013-01-01'")
    assert {(row["flight_id"], row["carrier"], row["dep_delay"]) for row in rows.collect()} == {
        ("a", "??", 1),
        ("b", None, 20),
    }


def test_of_many_late_flights_whole_dates_are_made(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(touched, "_FEW", 0)
    audit = lake.load(SECOND, "run-2")
    assert (audit.rows_in, audit.rows_out) == (7, 3)  # a and d too, and two versions of b and of c
    assert lake.load_set("run-2") == CHANGED
    assert lake.mart() == delays(SECOND)


READINGS = [
    pytest.param("EWR", "2013-01-02 03:00:00", {"late"}, id="late_in_the_day_before"),
    pytest.param("EWR", "2013-01-02 15:00:00", {"own"}, id="in_the_day_itself"),
    pytest.param("JFK", "2013-01-02 15:00:00", set(), id="at_another_airport"),
    pytest.param("EWR", "2013-01-02 16:00:00", set(), id="in_an_hour_without_flights"),
    pytest.param("EWR", "2013-01-03 15:00:00", set(), id="of_a_date_that_the_marts_do_not_hold"),
]


@pytest.mark.parametrize(("origin", "hour", "found"), READINGS)
def test_a_new_reading_touches_the_flights_in_its_hour(
    spark: SparkSession, tmp_path: Path, origin: str, hour: str, found: set[str]
) -> None:
    days = {"late": ("2013-01-01", "2013-01-02 03:00:00"), "own": ("2013-01-02", "2013-01-02 15:00:00")}
    days |= {"next": ("2013-01-03", "2013-01-03 15:00:00")}
    clean = [(key, day, at, "EWR", "EWR") for key, (day, at) in days.items()]
    given = "flight_id string, flight_date string, time_hour string, origin string, region string"
    rows = frame_of(spark, clean, given, flights.CLEAN_SCHEMA)
    rows.write.partitionBy("flight_date", "region").parquet(str(tmp_path / "clean/flights"))
    for day in ("2013-01-01", "2013-01-02"):
        (tmp_path / f"marts/flights_enriched/flight_date={day}").mkdir(parents=True)
    readings = spark.createDataFrame([(origin, hour)], "origin string, hour string")
    readings = readings.selectExpr("origin", "timestamp(hour) as time_hour")
    one = stage(spark, tmp_path, FakeGlue(), "run-1")
    no_flights = spark.createDataFrame([], StructType())
    made = flights_enriched.find_touched(one, no_flights, readings, [date.fromisoformat(hour[:10])])
    assert made.whole == ()
    assert {row["flight_id"] for row in made.flights.collect()} == found if found else made.flights is None


def _killed(*_: Any, **__: Any) -> None:
    raise KilledError


def _kill_before_manifest(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(loads.redshift, "manifest", _killed)


def _kill_before_marts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(marts_zone.partitions, "overwrite_partitions", _killed)


def _kill_after_one_partition(patch: pytest.MonkeyPatch) -> None:
    whole = partitions.overwrite_partitions

    def part(frame: DataFrame, url: str, keys: list[str], _tasks: int | None) -> None:
        whole(frame.where("flight_date = '2013-01-01'"), url, keys)
        raise KilledError

    patch.setattr(marts_zone.partitions, "overwrite_partitions", part)


def _kill_before_catalog(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(marts_zone.catalog, "put_table", _killed)


KILLS = [
    pytest.param(_kill_before_manifest, id="before_the_manifest"),
    pytest.param(_kill_before_marts, id="before_the_marts"),
    pytest.param(_kill_after_one_partition, id="after_one_partition_of_three"),
    pytest.param(_kill_before_catalog, id="before_the_catalog"),
]


@pytest.mark.parametrize("kill", KILLS)
@pytest.mark.parametrize("again", ["run-2", "run-3"], ids=["retried_in_the_same_run", "caught_up_by_the_next_run"])
def test_a_kill_neither_loses_nor_doubles(lake: Lake, kill: Callable[[pytest.MonkeyPatch], None], again: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        kill(patch)
        with pytest.raises(KilledError):
            lake.load(SECOND, "run-2")
    lake.load(SECOND, again, attempt="jr_2")
    assert lake.mart() == delays(SECOND)
    sets = [lake.load_set("run-2") or {}] + ([] if again == "run-2" else [lake.load_set(again) or {}])
    taken: dict[str, int] = {}
    for one in sets:
        taken |= one
    assert taken == CHANGED
    audit = lake.load(SECOND, "run-4")
    assert (audit.rows_out, lake.load_set("run-4")) == (0, None)
