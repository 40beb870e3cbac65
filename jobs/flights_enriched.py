"""The newest version of every flight, joined with weather, planes, airports and airlines; what changed is to be loaded.

Order of writing, and what a kill in between leaves (see also common/loads.py):

1. the load set of the flights, manifest last: before it, nothing happened; after it, the load will take the changes;
2. the marts' partitions, one by one: a rerun finds the rest still changed and adds it to the load set;
   beside both, the load sets of readings and reference tables: a rerun writes them again, since 3 and 5 come after;
3. the ledger of the reference tables used; 4. the audit; 5. the bookmarks.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common import catalog, clean_zone, enrichment, flights, joins, loads, marts_zone, partitions, weather
from common.audit import AuditMismatchError
from common.duplicates import newest
from common.job import GlueStage
from common.keeping import kept
from common.reference import AIRLINES, AIRPORTS, PLANES
from common.side_by_side import side_by_side

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


def days_of_flights(stage: GlueStage, new_flights: DataFrame, moved: bool) -> list[date]:
    """Local dates of new flights, or all where a reference table moved."""
    if moved:
        return partitions.dates_of(read_flights(stage), "flight_date")
    return partitions.dates_of(new_flights, "flight_date") if new_flights.columns else []


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


def read_references(stage: GlueStage) -> dict[str, DataFrame]:
    """The current reference tables by name. Raises DuplicateKeysError where one is not unique by its key."""
    frames = {table.name: stage.from_catalog(clean_zone.DATABASE, table.name, "").toDF() for table in REFERENCES}
    joins.require_unique(*((frames[table.name], [table.key]) for table in REFERENCES))
    return frames


def read_weather(stage: GlueStage, days: list[date]) -> DataFrame:
    """The readings that flights of ``days`` may be joined with."""
    near = partitions.around(days, before=1, after=1)
    url = f"{stage.arguments.clean}/weather"
    return partitions.read_dates(stage.spark, url, weather.CLEAN_SCHEMA, "reading_date", near)


def counts_by_day(marked: DataFrame) -> dict[date, tuple[int, int]]:
    """Rows and changed ones of each date. Runs a job."""
    changed = F.count(F.when(F.col(enrichment.CHANGED), F.lit(1)))
    rows = marked.groupBy("flight_date").agg(F.count(F.lit(1)), changed).collect()
    return {day: (count, changes) for day, count, changes in rows}


def load(stage: GlueStage, versions: DataFrame, marked: DataFrame) -> None:
    """Publish the changed rows, then replace the partitions they lie in."""
    audit = stage.audit
    seen = versions.agg(F.count(F.lit(1)), F.count_distinct("flight_id"))
    (audit.rows_in, flights_known), counts = side_by_side(lambda: seen.collect()[0], lambda: counts_by_day(marked))
    there, changes = sum(rows for rows, _ in counts.values()), sum(changed for _, changed in counts.values())
    if there != flights_known:
        raise AuditMismatchError(f"{flights_known} flights became {there} rows; the marts stay as they were.")
    changed = marked.where(enrichment.CHANGED).select(*enrichment.COLUMNS)
    audit.rows_out = loads.publish(stage, "flights", changed, ["flight_id"], enrichment.SCHEMA, changes)
    audit.duplicates = audit.rows_in - changes
    if changes:
        days = sorted(day for day, (_, changed_there) in counts.items() if changed_there)
        replacement = marked.where(F.col("flight_date").isin(days)).select(*enrichment.COLUMNS)
        marts_zone.replace(stage, replacement, TABLE, enrichment.SCHEMA, days, sum(counts[day][0] for day in days))


def enrich(stage: GlueStage, days: list[date], references: dict[str, DataFrame]) -> None:
    """Make the rows of ``days`` and load what changed of them."""
    versions = read_flights(stage).where(F.col("flight_date").isin(days))
    lookups = enrichment.Lookups(weather=read_weather(stage, days), **references)
    rows = enrichment.enriched(newest(versions, "flight_id", "event_time"), lookups)
    held = stage.read_if_there(f"{stage.arguments.marts}/{TABLE}", enrichment.SCHEMA)
    if held is not None:
        held = held.where(F.col("flight_date").isin(days))
    load(stage, versions, kept(enrichment.marked_changes(rows, held)))


def publish_lookups(stage: GlueStage, readings: DataFrame, count: int, moved: dict[str, DataFrame]) -> None:
    """Load sets of the ``count`` new weather readings and of the reference tables that ``moved``."""
    if count:
        loads.publish(stage, "weather", readings, weather.KEY, weather.CLEAN_SCHEMA, count)
    for table in REFERENCES:
        if table.name in moved:
            frame = moved[table.name]
            schema = ", ".join(f"{name} {kind}" for name, kind in table.hive_columns)
            loads.publish(stage, table.name, frame, [table.key], schema, frame.count())


def main() -> None:
    """Run the stage."""
    stage = GlueStage.start(TABLE)
    now = reference_locations(stage)
    before = stage.objects.read_json(ledger_url(stage)) or {}
    readings = stage.from_catalog(clean_zone.DATABASE, "weather", "weather_clean").toDF()
    new_flights = stage.from_catalog(clean_zone.DATABASE, "flights", "flights_clean").toDF()
    references, by_day, days = side_by_side(
        lambda: read_references(stage),
        lambda: partitions.rows_by_date(readings, "reading_date") if readings.columns else {},
        lambda: days_of_flights(stage, new_flights, moved=before != now),
    )
    days = sorted({*days, *days_of_readings(stage, readings, list(by_day), days)})
    moved = {name: frame for name, frame in references.items() if before.get(name) != now[name]}
    side_by_side(
        lambda: publish_lookups(stage, readings, sum(by_day.values()), moved),
        lambda: enrich(stage, days, references) if days else None,
    )
    stage.objects.write_json(ledger_url(stage), now)
    stage.finish()


if __name__ == "__main__":
    main()
