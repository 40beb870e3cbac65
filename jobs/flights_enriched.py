"""The newest version of every flight, joined with weather, planes, airports and airlines; what changed is to be loaded.

Order of writing, and what a kill in between leaves (see also common/loads.py):

1. the load set of the flights, manifest last: before it, nothing happened; after it, the load will take the changes;
2. the marts' partitions, one by one: a rerun finds the rest still changed and adds it to the load set;
   beside both, the load sets of readings and reference tables: a rerun writes them again, since 3 and 5 come after;
3. the ledger of the reference tables used; 4. the audit; 5. the bookmarks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common import catalog, clean_zone, enrichment, flights, joins, loads, marts_zone, partitions, weather
from common.audit import AuditMismatchError
from common.counting import CountedRows
from common.duplicates import newest
from common.job import GlueStage
from common.keeping import kept
from common.reference import AIRLINES, AIRPORTS, PLANES
from common.side_by_side import side_by_side
from common.touched import Touched, touched

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


def flights_at(stage: GlueStage, readings: DataFrame, when: list[date], held: Collection[date]) -> DataFrame | None:
    """Flights of dates that are ``held`` in an hour and at a place of the readings, which are of ``when``; or None.

    A reading's date is UTC and a flight's is local, so they differ by a day at most.
    """
    near = [day for day in partitions.around(when, before=1, after=1) if day in held]
    if not near:
        return None
    hours = F.broadcast(readings.select("origin", "time_hour").distinct())
    there = read_flights(stage).where(F.col("flight_date").isin(near))
    return there.join(hours, on=["origin", "time_hour"], how="left_semi").select("flight_id", "flight_date")


def everything(stage: GlueStage) -> Touched:
    """All flights: a reference table moved."""
    return Touched(tuple(partitions.dates_of(read_flights(stage), "flight_date")))


def find_touched(stage: GlueStage, new_flights: DataFrame, readings: DataFrame, when: list[date]) -> Touched:
    """Flights of new events, and those of the dates that the marts hold that the ``readings``, of ``when``, are of."""
    held = partitions.dates_there(stage.objects, f"{stage.arguments.marts}/{TABLE}", "flight_date")
    found = flights_at(stage, readings, when, held)
    if new_flights.columns:
        mine = new_flights.select("flight_id", F.col("flight_date").cast("date").alias("flight_date"))
        found = mine if found is None else mine.unionByName(found)
    return Touched(()) if found is None else touched(found, held)


def counts_by_day(marked: DataFrame) -> dict[date, tuple[int, int]]:
    """Rows and changed ones of each date. Runs a job."""
    changed = F.count(F.when(F.col(enrichment.CHANGED), F.lit(1)))
    rows = marked.groupBy("flight_date").agg(F.count(F.lit(1)), changed).collect()
    return {day: (count, changes) for day, count, changes in rows}


def flights_by_day(clean: DataFrame, days: Sequence[date]) -> dict[date, int]:
    """How many flights of each of the ``days`` there are, in any number of versions. Runs a job, given days."""
    if not days:
        return {}
    flights_of = clean.where(F.col("flight_date").isin(list(days))).select("flight_id", "flight_date").distinct()
    return partitions.rows_by_date(flights_of, "flight_date")


def load(
    stage: GlueStage,
    marked: DataFrame,
    counts: dict[date, tuple[int, int]],
    others: DataFrame | None,
    others_counts: dict[date, int],
) -> None:
    """Publish the changed rows, then replace the partitions they lie in, the ``others`` of which stay as they are."""
    changes = sum(changed for _, changed in counts.values())
    changed = marked.where(enrichment.CHANGED).select(*enrichment.COLUMNS)
    stage.audit.rows_out = loads.publish(stage, "flights", changed, ["flight_id"], enrichment.SCHEMA, changes)
    stage.audit.duplicates = stage.audit.rows_in - changes
    if changes:
        days = sorted(day for day, (_, changed_there) in counts.items() if changed_there)
        rows = marked.select(*enrichment.COLUMNS)
        whole = (rows if others is None else rows.unionByName(others)).where(F.col("flight_date").isin(days))
        count = sum(counts[day][0] + others_counts.get(day, 0) for day in days)
        marts_zone.replace(stage, whole, TABLE, enrichment.SCHEMA, days, count)


def enrich(stage: GlueStage, made: Touched, references: dict[str, DataFrame]) -> None:
    """Make the rows that are touched and load what changed of them.

    The other flights of a date are taken over from the marts, where these hold as many as the clean zone; where they do
    not, since a run was killed while it replaced the date, it is made as a whole. Raises AuditMismatchError.
    """
    clean = read_flights(stage)
    versions = made.of(clean)
    lookups = enrichment.Lookups(weather=read_weather(stage, made.days), **references)
    newest_ones = CountedRows(newest(versions, "flight_id", "event_time"))
    rows = enrichment.enriched(newest_ones.frame, lookups)
    held = stage.read_if_there(f"{stage.arguments.marts}/{TABLE}", enrichment.SCHEMA)
    marked = kept(enrichment.marked_changes(rows, None if held is None else made.of(held)))
    others = made.others(held)
    stage.audit.rows_in, counts, others_there, flights_there = side_by_side(
        versions.count,
        lambda: counts_by_day(marked),
        lambda: {} if others is None else partitions.rows_by_date(others, "flight_date"),
        lambda: flights_by_day(clean, made.late),
    )
    if any(count != counts[day][0] + others_there.get(day, 0) for day, count in flights_there.items()):
        enrich(stage, made.as_whole(), references)
        return
    there = sum(rows for rows, _ in counts.values())
    if there != (known := newest_ones.rows(there)):
        raise AuditMismatchError(f"{known} flights became {there} rows; the marts stay as they were.")
    load(stage, marked, counts, others, others_there)


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
    by_day = partitions.rows_by_date(readings, "reading_date") if readings.columns else {}
    references, made = side_by_side(
        lambda: read_references(stage),
        lambda: everything(stage) if before != now else find_touched(stage, new_flights, readings, list(by_day)),
    )
    moved = {name: frame for name, frame in references.items() if before.get(name) != now[name]}
    side_by_side(
        lambda: publish_lookups(stage, readings, sum(by_day.values()), moved),
        lambda: enrich(stage, made, references) if made.days else None,
    )
    stage.objects.write_json(ledger_url(stage), now)
    stage.finish()


if __name__ == "__main__":
    main()
