"""Raw flight events, read as whole lines, to clean Parquet by date and region; what is wrong goes to quarantine."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common import clean_zone, duplicates, flights, partitions, quarantine
from common.counting import CountedRows
from common.job import GlueStage
from common.keeping import kept
from common.quarantine import Tally

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


def transform(lines: DataFrame, held: DataFrame | None, held_rejected: DataFrame | None) -> DataFrame:
    """Events with ``reason`` and ``duplicate``, one row a line.

    ``held`` is the clean table; ``held_rejected`` what quarantine holds.
    """
    events = flights.events_from_lines(lines).withColumn("_tie", F.xxhash64("record"))
    events = quarantine.texts_of_rejected(events)
    flagged = duplicates.flag_duplicates(events, "flight_id", "event_time", tie="_tie").drop("_tie")
    if held is not None:
        # Two passes, one for the dates and one for what is held. The first is that of a run that finds no table: so
        # it is the same code, which Java has compiled where a run of either kind came before.
        flagged = kept(flagged)
        days = partitions.dates_of(flagged, "flight_date")
        held = held.where(F.col("flight_date").isin(days)).select("flight_id", "event_time")
        flagged = duplicates.flag_held(flagged, "flight_id", "event_time", held)
    return duplicates.flag_held_records(flagged, held_rejected)


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
        held = stage.read_if_there(f"{stage.arguments.clean}/{TABLE}", flights.CLEAN_SCHEMA)
        events = transform(lines.frame, held, clean_zone.held_rejected(stage, TABLE))
        load(stage, kept(events))
        stage.audit.rows_in = lines.rows(stage.audit.accounted)
    stage.finish()


if __name__ == "__main__":
    main()
