from __future__ import annotations

import pytest
from pyspark.sql import DataFrame, SparkSession

from common import aggregates, enrichment, flights, joins

pytestmark = pytest.mark.spark


def clean_flights(spark: SparkSession, rows: list[dict[str, object]]) -> DataFrame:
    """Clean flights of which only a few fields matter here."""
    base = {
        "flight_id": "1", "carrier": "UA", "origin": "EWR", "dest": "IAH", "tailnum": "N1", "region": "EWR",
        "time_hour": "2013-01-01 10:00:00", "flight_date": "2013-01-01", "event_time": "2013-01-02 08:00:00",
        "cancelled": "false", "dep_delay": "2", "distance": "100",
    }  # fmt: skip
    names = list(flights.CLEAN_COLUMNS)
    values = [tuple((base | row).get(name) for name in names) for row in rows]
    texts = spark.createDataFrame(values, ", ".join(f"{name} string" for name in names))
    typed = [f"cast({name} as {kind})" for name, kind in (part.split() for part in flights.CLEAN_SCHEMA.split(", "))]
    return texts.selectExpr(*typed)


@pytest.fixture
def lookups(spark: SparkSession) -> enrichment.Lookups:
    hour = spark.createDataFrame(
        [("EWR", "2013-01-01 10:00:00", 39.0, 5.0, 0.0, 10.0)],
        "origin string, time_hour string, temp double, wind_speed double, precip double, visib double",
    )
    return enrichment.Lookups(
        weather=hour.withColumn("time_hour", hour["time_hour"].cast("timestamp")),
        planes=spark.createDataFrame(
            [("N1", 2004, "EMBRAER", "E")], "tailnum string, year int, manufacturer string, model string"
        ),
        airports=spark.createDataFrame([("IAH", "Houston")], "faa string, name string"),
        airlines=spark.createDataFrame([("UA", "United")], "carrier string, name string"),
    )


def test_a_flight_finds_its_partners_or_is_kept_and_says_so(spark: SparkSession, lookups: enrichment.Lookups) -> None:
    rows = [
        {"flight_id": "all"},
        {"flight_id": "no plane", "tailnum": "N9"},
        {"flight_id": "null plane", "tailnum": None},
        {"flight_id": "no dest", "dest": "XXX"},
        {"flight_id": "no weather", "time_hour": "2013-01-01 11:00:00"},
        {"flight_id": "no airline", "carrier": "ZZ"},
    ]
    found = enrichment.enriched(clean_flights(spark, rows), lookups)
    assert found.dtypes == [tuple(part.split()) for part in enrichment.SCHEMA.split(", ")]
    told = found.select("flight_id", "plane_known", "dest_known", "weather_known", "carrier_name", "plane_year", "temp")
    assert set(told.collect()) == {
        ("all", True, True, True, "United", 2004, 39.0),
        ("no plane", False, True, True, "United", None, 39.0),
        ("null plane", False, True, True, "United", None, 39.0),
        ("no dest", True, False, True, "United", 2004, 39.0),
        ("no weather", True, True, False, "United", 2004, None),
        ("no airline", True, True, True, None, 2004, 39.0),
    }


def test_only_new_and_changed_rows_are_changed(spark: SparkSession, lookups: enrichment.Lookups) -> None:
    before = [{"flight_id": "same"}, {"flight_id": "delay"}, {"flight_id": "to null"}, {"flight_id": "gone"}]
    after = [
        {"flight_id": "same"},
        {"flight_id": "delay", "dep_delay": "9"},
        {"flight_id": "to null", "dep_delay": None},
        {"flight_id": "new"},
    ]
    held = enrichment.enriched(clean_flights(spark, before), lookups)
    rows = enrichment.enriched(clean_flights(spark, after), lookups)
    marked = enrichment.marked_changes(rows, held)
    assert marked.columns == [*enrichment.COLUMNS, enrichment.CHANGED]
    assert {(row["flight_id"], row[enrichment.CHANGED]) for row in marked.collect()} == {
        ("same", False), ("delay", True), ("to null", True), ("new", True),
    }  # fmt: skip
    assert enrichment.marked_changes(rows, None).where(enrichment.CHANGED).count() == 4


def test_a_lookup_with_a_key_twice_is_refused(spark: SparkSession) -> None:
    once = spark.createDataFrame([("EWR", 1), ("EWR", 2), (None, 3)], "origin string, hour int")
    twice = spark.createDataFrame([("UA", "a"), ("UA", "b"), ("AA", "c")], "carrier string, name string")
    joins.require_unique((once, ["origin", "hour"]))
    with pytest.raises(joins.DuplicateKeysError, match=r"one row for each carrier; these occur twice: UA$"):
        joins.require_unique((once, ["origin", "hour"]), (twice, ["carrier"]))
    with pytest.raises(
        joins.DuplicateKeysError, match=r"one row for each origin, hour; these occur twice: EWR, 1; null, 3$"
    ):
        joins.require_unique((once.union(once.where("hour <> 2")), ["origin", "hour"]), (twice, ["carrier"]))


def test_unmatched_rows_are_kept_quarantined_or_fail_as_the_policy_says(spark: SparkSession) -> None:
    frame = spark.createDataFrame([("a", None), ("b", None), ("b", "earlier")], "k string, reason string")
    lookup = spark.createDataFrame([("a", 1)], "k string, v int")
    kept = joins.join_lookup(frame, lookup, ["k"], "found")
    assert joins.unmatched_count(kept, "found") == 2
    told = joins.join_lookup(frame, lookup, ["k"], "found", joins.Unmatched.QUARANTINE)
    assert sorted((row["k"], row["reason"] or "") for row in told.collect()) == [
        ("a", ""), ("b", "earlier"), ("b", "unmatched:found"),
    ]  # fmt: skip
    with pytest.raises(joins.UnmatchedRowsError, match="2 rows have no partner on k"):
        joins.join_lookup(frame, lookup, ["k"], "found", joins.Unmatched.FAIL)


def test_daily_figures_account_for_every_flight(spark: SparkSession, lookups: enrichment.Lookups) -> None:
    rows = [
        {"flight_id": "1", "dep_delay": "20"},
        {"flight_id": "2", "dep_delay": "0"},
        {"flight_id": "3", "dep_delay": None, "cancelled": "true"},
        {"flight_id": "4", "origin": "JFK"},
        {"flight_id": "5", "flight_date": "2013-01-02"},
    ]
    flights_of = enrichment.enriched(clean_flights(spark, rows), lookups)
    airport = aggregates.daily_airport(flights_of)
    carrier = aggregates.daily_carrier(flights_of)
    assert airport.dtypes == [tuple(part.split()) for part in aggregates.DAILY_AIRPORT.split(", ")]
    assert carrier.dtypes == [tuple(part.split()) for part in aggregates.DAILY_CARRIER.split(", ")]
    figures = ["cast(flight_date as string)", "flights", "cancelled", "departed_late", "mean_dep_delay", "distance"]
    assert set(airport.selectExpr("origin", *figures).collect()) == {
        ("EWR", "2013-01-01", 3, 1, 1, 10.0, 300),
        ("JFK", "2013-01-01", 1, 0, 0, 2.0, 100),
        ("EWR", "2013-01-02", 1, 0, 0, 2.0, 100),
    }
    assert set(carrier.select("carrier", "carrier_name", "flights").collect()) == {
        ("UA", "United", 4), ("UA", "United", 1),
    }  # fmt: skip
