"""Raw flight events, read as whole lines, to clean Parquet by date and region; what is wrong goes to quarantine."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common import clean_zone, duplicates, flights, partitions, quarantine
from common.counting import CountedRows
from common.job import GlueStage
from common.keeping import kept
from common.quarantine import Tally
from common.touched import late_dates

TABLE = "flights"


def extract(stage: GlueStage) -> DataFrame | None:
    """Lines that no committed run has read: ``record`` and ``source_file``; None where there is no new file.

    Lines and not JSON: Glue's JSON reader is a stream of tokens, where a truncated record takes the next one with it
    (docs/adr/0005-flights-are-read-as-lines.md).
    """
    frame = stage.glue.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [f"{stage.arguments.raw}/flights/"], "recurse": True},
        format="csv",
        format_options={"separator": "\u0001", "quoteChar": -1, "withHeader": False, "attachFilename": "source_file"},
        transformation_ctx="flights_raw",
    )
    lines = frame.toDF()
    return flights.whole_lines(lines) if lines.columns else None


def transform(lines: DataFrame) -> DataFrame:
    """Events with ``reason`` and ``duplicate``, one row a line; a duplicate is one of ``lines`` themselves so far."""
    events = flights.events_from_lines(lines).withColumn("_tie", F.xxhash64("record"))
    events = quarantine.texts_of_rejected(events)
    return duplicates.flag_duplicates(events, "flight_id", "event_time", tie="_tie").drop("_tie")


def beside_held(stage: GlueStage, events: DataFrame) -> DataFrame:
    """Mark those as duplicates too that the clean table holds in the same or a newer version.

    ``events`` is kept: its dates are read first. Only events of dates that are held are looked for. Where those are a
    few, late ones of the day before a new one, they go to where the held ones are read, and all others stay.
    """
    url = f"{stage.arguments.clean}/{TABLE}"
    days_held = partitions.dates_there(stage.objects, url, "flight_date")
    rows = partitions.rows_by_date(events, "flight_date") if days_held else {}
    late, few = late_dates(rows, days_held)
    if not late:
        return events
    asked = events.where(F.col("flight_date").isin(*late) & F.col("reason").isNull()).select("flight_id")
    held = partitions.read_dates(stage.spark, url, flights.CLEAN_SCHEMA, "flight_date", late)
    known = duplicates.newest_held(held, F.broadcast(asked) if few else asked, "flight_id", "event_time")
    return duplicates.flag_held(events, "flight_id", "event_time", F.broadcast(known) if few else known)


def load(stage: GlueStage, events: DataFrame) -> None:
    """Write quarantine and clean rows."""
    good = events.where("reason is null and not duplicate").select(*flights.CLEAN_COLUMNS)

    def append(told: Tally) -> int:
        return clean_zone.append(
            stage, good, TABLE, flights.CLEAN_SCHEMA, flights.PARTITION_KEYS, flights.ORDER, told.largest
        )

    stage.audit.rows_out = clean_zone.sort_out(stage, events, TABLE, append, flights.PARTITION_KEYS)


def main() -> None:
    """Run the stage."""
    stage = GlueStage.start("flights_clean")
    source = extract(stage)
    if source is not None:
        lines = CountedRows(source)
        events = kept(transform(lines.frame))
        # Two passes, one for the dates and one for what is held. The first is that of a run that finds no table: so
        # it is the same code, which Java has compiled where a run of either kind came before.
        told = beside_held(stage, events)
        told = duplicates.flag_held_records(told, clean_zone.held_rejected(stage, TABLE))
        load(stage, events if told is events else kept(told))
        stage.audit.rows_in = lines.rows(stage.audit.accounted)
    stage.finish()


if __name__ == "__main__":
    main()
