"""The newest version of every flight, joined with weather, planes, airports and airlines; what changed is to be loaded.

Order of writing, and what a kill in between leaves (see also common/loads.py):

1. the load sets, manifest last: before it, nothing happened; after it, the load will take the changes;
2. the marts' partitions, one by one: a rerun finds the rest still changed and adds it to the load sets;
3. the ledger of the reference tables used; 4. the audit; 5. the bookmarks.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common import catalog, clean_zone, enrichment, flights, joins, loads, marts_zone, partitions, weather
from common.duplicates import newest
from common.job import GlueStage
from common.keeping import kept
from common.reference import AIRLINES, AIRPORTS, PLANES

TABLE = "flights_enriched"
REFERENCES = (AIRPORTS, AIRLINES, PLANES)


def ledger_url(stage: GlueStage) -> str:
    """Where it is kept which reference snapshots the marts were made with."""
    return f"{stage.arguments.ops}/state/{TABLE}.json"


def reference_locations(stage: GlueStage) -> dict[str, str]:
    """The current snapshot of each reference table. Raises LookupError for one that was never filled."""
    found = {}
    for table in REFERENCES:
        location = catalog.table_location(stage.catalog, clean_zone.DATABASE, table.name)
        if location is None:
            raise LookupError(f"{clean_zone.DATABASE}.{table.name} does not exist; run the stage that fills it first.")
        found[table.name] = location
    return found


def touched_days(stage: GlueStage, readings: DataFrame, reading_days: list[date], moved: bool) -> list[date]:
    """Local dates whose rows may have changed: of new flights, of new readings, or all where a reference moved."""
    new_flights = stage.from_catalog(clean_zone.DATABASE, "flights", "flights_clean").toDF()
    if moved:
        return partitions.dates_of(read_flights(stage), "flight_date")
    days = partitions.dates_of(new_flights, "flight_date") if new_flights.columns else []
    return sorted({*days, *days_of_readings(stage, readings, reading_days, days)})


def days_of_readings(stage: GlueStage, readings: DataFrame, when: list[date], known: list[date]) -> list[date]:
    """Local dates, beside those ``known``, of flights in an hour and at a place of the readings, which are of ``when``.

    A reading's date is UTC and a flight's is local, so they differ by a day at most.
    """
    near = [day for day in partitions.around(when, before=1, after=1) if day not in known]
    held = stage.read_if_there(f"{stage.arguments.clean}/flights", flights.CLEAN_SCHEMA) if near else None
    if held is None:
        return []
    hours = F.broadcast(readings.select("origin", "time_hour").distinct())
    there = held.where(F.col("flight_date").isin(near)).join(hours, on=["origin", "time_hour"], how="left_semi")
    return partitions.dates_of(there, "flight_date")


def read_flights(stage: GlueStage) -> DataFrame:
    """All versions of all flights in the clean zone."""
    return stage.spark.read.schema(flights.CLEAN_SCHEMA).parquet(f"{stage.arguments.clean}/flights")


def read_lookups(stage: GlueStage, days: list[date]) -> enrichment.Lookups:
    """What the flights of ``days`` are joined with."""
    readings = partitions.read_dates(
        stage.spark, f"{stage.arguments.clean}/weather", weather.CLEAN_SCHEMA, "reading_date",
        partitions.around(days, before=1, after=1),
    )  # fmt: skip

    planes, airports, airlines = (
        stage.from_catalog(clean_zone.DATABASE, table.name, "").toDF() for table in (PLANES, AIRPORTS, AIRLINES)
    )
    joins.require_unique((planes, [PLANES.key]), (airports, [AIRPORTS.key]), (airlines, [AIRLINES.key]))
    return enrichment.Lookups(readings, planes, airports, airlines)


def counts_by_day(marked: DataFrame) -> dict[date, tuple[int, int]]:
    """Rows and changed ones of each date. Runs a job."""
    changed = F.count(F.when(F.col(enrichment.CHANGED), F.lit(1)))
    rows = marked.groupBy("flight_date").agg(F.count(F.lit(1)), changed).collect()
    return {day: (count, changes) for day, count, changes in rows}


def load(stage: GlueStage, versions: DataFrame, marked: DataFrame) -> None:
    """Publish the changed rows, then replace the partitions they lie in."""
    audit = stage.audit
    audit.rows_in, flights_known = versions.agg(F.count(F.lit(1)), F.count_distinct("flight_id")).collect()[0]
    counts = counts_by_day(marked)
    there, changes = sum(rows for rows, _ in counts.values()), sum(changed for _, changed in counts.values())
    changed = marked.where(enrichment.CHANGED).select(*enrichment.COLUMNS)
    audit.rows_out = loads.publish(stage, "flights", changed, ["flight_id"], enrichment.SCHEMA, changes)
    audit.duplicates = audit.rows_in - flights_known + there - changes
    if changes:
        days = sorted(day for day, (_, changed_there) in counts.items() if changed_there)
        replacement = marked.where(F.col("flight_date").isin(days)).select(*enrichment.COLUMNS)
        marts_zone.replace(stage, replacement, TABLE, enrichment.SCHEMA, days, sum(counts[day][0] for day in days))


def publish_lookups(
    stage: GlueStage, readings: DataFrame, count: int, before: dict[str, str], now: dict[str, str]
) -> None:
    """Load sets of the ``count`` new weather readings and of reference tables that moved."""
    if count:
        loads.publish(stage, "weather", readings, weather.KEY, weather.CLEAN_SCHEMA, count)
    for table in REFERENCES:
        if before.get(table.name) != now[table.name]:
            frame = stage.from_catalog(clean_zone.DATABASE, table.name, "").toDF()
            schema = ", ".join(f"{name} {kind}" for name, kind in table.hive_columns)
            loads.publish(stage, table.name, frame, [table.key], schema, frame.count())


def main() -> None:
    """Run the stage."""
    stage = GlueStage.start(TABLE)
    now = reference_locations(stage)
    before = stage.objects.read_json(ledger_url(stage)) or {}
    readings = stage.from_catalog(clean_zone.DATABASE, "weather", "weather_clean").toDF()
    by_day = partitions.rows_by_date(readings, "reading_date") if readings.columns else {}
    days = touched_days(stage, readings, list(by_day), moved=before != now)
    publish_lookups(stage, readings, sum(by_day.values()), before, now)
    if days:
        versions = read_flights(stage).where(F.col("flight_date").isin(days))
        rows = enrichment.enriched(newest(versions, "flight_id", "event_time"), read_lookups(stage, days))
        held = stage.read_if_there(f"{stage.arguments.marts}/{TABLE}", enrichment.SCHEMA)
        if held is not None:
            held = held.where(F.col("flight_date").isin(days))
        load(stage, versions, kept(enrichment.marked_changes(rows, held)))
    stage.objects.write_json(ledger_url(stage), now)
    stage.finish()


if __name__ == "__main__":
    main()
