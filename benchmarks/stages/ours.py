"""The sample's transform stages over a folder of raw files, by the functions that the jobs call: a Glue script.

Arguments: ``--raw`` and ``--out``, URLs; ``--told``, the folder for what it measured. What a job does beside its
transforms (bookmarks, catalog, audit, metrics) is left out; quarantine is not.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.utils import getResolvedOptions
from pyspark import SparkContext
from pyspark.sql import DataFrame

from common import aggregates, duplicates, enrichment, flights, formats, partitions, quarantine, reference, weather
from common.counting import CountedRows
from common.job import settle
from common.keeping import kept
from common.side_by_side import side_by_side
from jobs import flights_clean


def clean_flights(glue: Any, raw: str, out: str) -> dict[str, int]:
    """jobs/flights_clean.py; returns its audit."""
    frame = glue.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [f"{raw}/flights/"], "recurse": True},
        format="csv",
        format_options={"separator": "\u0001", "quoteChar": -1, "withHeader": False, "attachFilename": "source_file"},
    )
    lines = CountedRows(flights.whole_lines(frame.toDF()))
    events = kept(flights_clean.transform(lines.frame))
    told = quarantine.tally(events, flights.PARTITION_KEYS)
    rejected = events.where("reason is not null and not duplicate")
    good = events.where("reason is null and not duplicate").select(*flights.CLEAN_COLUMNS)
    placed = formats.sized(good, told.largest, flights.PARTITION_KEYS, flights.ORDER)
    side_by_side(
        lambda: quarantine.write_rejected(rejected, f"{out}/quarantine", "jr_1"),
        lambda: write(glue, placed, f"{out}/flights", flights.PARTITION_KEYS),
    )
    accounted = told.clean + told.duplicates + sum(told.rejected.values())
    return {"rows_in": lines.rows(accounted), "duplicates": told.duplicates, **told.rejected}


def write(glue: Any, rows: DataFrame, path: str, keys: Any) -> None:
    """As common/clean_zone.py does, without the catalog."""
    sink = glue.getSink(connection_type="s3", path=path, partitionKeys=list(keys))
    sink.setFormat("glueparquet", compression=formats.COMPRESSION)
    sink.writeFrame(DynamicFrame.fromDF(rows, glue, "rows"))


def clean_weather(glue: Any, raw: str, out: str) -> None:
    """jobs/weather_clean.py."""
    frame = glue.create_dynamic_frame.from_options("s3", {"paths": [f"{raw}/weather/"], "recurse": True}, format="json")
    names = [field.name for field in weather.FIELDS]
    texts = frame.resolveChoice([(name, "cast:string") for name in names]).toDF()
    found = duplicates.settle_unversioned(
        weather.readings(texts, "weather"), weather.KEY, weather.MEASURES, tie="record", conflict="conflict:reading"
    )
    readings = kept(found)
    quarantine.write_rejected(readings.where("reason is not null and not duplicate"), f"{out}/weather_rejected", "jr_1")
    good = readings.where("reason is null and not duplicate").select(*weather.CLEAN_COLUMNS)
    write(glue, formats.sized(good, 0, weather.PARTITION_KEYS, weather.KEY), f"{out}/weather", weather.PARTITION_KEYS)


def lookups(glue: Any, raw: str) -> dict[str, DataFrame]:
    """jobs/reference_clean.py in short."""
    csv = {"withHeader": True}
    read = glue.create_dynamic_frame.from_options
    found = {
        name: read("s3", {"paths": [f"{raw}/{name}/"], "recurse": True}, kind, csv if kind == "csv" else {}).toDF()
        for name, kind in (("planes", "csv"), ("airports", "json"), ("airlines", "csv"))
    }
    tables = {"planes": reference.PLANES, "airports": reference.AIRPORTS, "airlines": reference.AIRLINES}
    return {
        name: reference.typed_rows(found[name], table, "raw").where("reason is null") for name, table in tables.items()
    }


def enrich(glue: Any, typed: dict[str, DataFrame], out: str) -> None:
    """jobs/flights_enriched.py."""
    readings = glue.spark_session.read.schema(weather.CLEAN_SCHEMA).parquet(f"{out}/weather")
    given = enrichment.Lookups(readings, **typed)
    versions = glue.spark_session.read.schema(flights.CLEAN_SCHEMA).parquet(f"{out}/flights")
    rows = enrichment.enriched(duplicates.newest(versions, "flight_id", "event_time"), given)
    partitions.overwrite_partitions(rows, f"{out}/enriched", ["flight_date"])


def daily(glue: Any, out: str) -> None:
    """jobs/daily_aggregates.py."""
    rows = glue.spark_session.read.schema(enrichment.SCHEMA).parquet(f"{out}/enriched")
    tables = {"daily_airport": aggregates.daily_airport(rows), "daily_carrier": aggregates.daily_carrier(rows)}
    side_by_side(
        *(
            partial(partitions.overwrite_partitions, figures, f"{out}/{name}", ["flight_date"])
            for name, figures in tables.items()
        )
    )


def main() -> None:
    """All stages, each with its seconds in ``<told>/told.json``."""
    from clock import Clock  # a script's folder is on its path; other benchmarks import the functions above

    clock = Clock()
    given = getResolvedOptions(sys.argv, ["raw", "out", "told"])
    raw, out = given["raw"], given["out"]
    glue = GlueContext(SparkContext.getOrCreate())
    settle(glue.spark_session)
    clock.started(glue.spark_session.sparkContext)
    audit, _, looked_up = clock.stage(
        "clean",
        lambda: side_by_side(
            lambda: clean_flights(glue, raw, out),
            lambda: clean_weather(glue, raw, out),
            lambda: lookups(glue, raw),
        ),
    )
    clock.stage("enriched", lambda: enrich(glue, looked_up, out))
    clock.stage("daily", lambda: daily(glue, out))
    clock.told(given["told"], audit=audit)


if __name__ == "__main__":
    main()
