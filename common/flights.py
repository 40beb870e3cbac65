"""Flights: from a raw line to a clean event."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common import formats
from common.casting import REASON, Field, cast_fields

__all__ = ["CLEAN_COLUMNS", "CLEAN_SCHEMA", "FIELDS", "ORDER", "PARTITION_KEYS", "events_from_lines", "whole_lines"]

FIELDS: Final = (
    Field("event_time", "timestamp", required=True),
    Field("carrier", "code", required=True),
    Field("flight", "int", required=True),
    Field("origin", "code", required=True),
    Field("dest", "code", required=True),
    Field("time_hour", "timestamp", required=True),
    Field("year", "int", required=True),
    Field("month", "int", required=True),
    Field("day", "int", required=True),
    Field("tailnum", "code"),
    Field("sched_dep_time", "int"),
    Field("dep_time", "int"),
    Field("dep_delay", "int"),
    Field("sched_arr_time", "int"),
    Field("arr_time", "int"),
    Field("arr_delay", "int"),
    Field("air_time", "int"),
    Field("distance", "int"),
    Field("hour", "int"),
    Field("minute", "int"),
    Field("operated_by", "string"),
)

PARTITION_KEYS: Final = ("flight_date", "region")
ORDER: Final = ("time_hour", "flight_id")  # of the rows of a file

CLEAN_SCHEMA: Final = (
    "flight_id string, event_time timestamp, carrier string, flight int, tailnum string, origin string, dest string, "
    "sched_dep_time int, dep_time int, dep_delay int, sched_arr_time int, arr_time int, arr_delay int, air_time int, "
    "distance int, hour int, minute int, time_hour timestamp, cancelled boolean, operated_by string, "
    "flight_date date, region string"
)
CLEAN_COLUMNS: Final = tuple(part.split()[0] for part in CLEAN_SCHEMA.split(", "))


def whole_lines(frame: DataFrame) -> DataFrame:
    """``record`` and ``source_file`` of lines read as CSV that has no quotes and U+0001 between its columns.

    A line with that character in it came in several columns and is put together again. Blank lines are no records
    and are left out. A frame without columns, which is how an empty source is read, gives no rows.
    """
    parts = [name for name in frame.columns if name.startswith("col")]
    if not parts:
        return frame.sparkSession.createDataFrame([], "record string, source_file string")
    source = F.col("source_file") if "source_file" in frame.columns else F.input_file_name()
    lines = frame.select(F.concat_ws("\u0001", *parts).alias("record"), source.alias("source_file"))
    return lines.where(F.trim("record") != "")


def events_from_lines(lines: DataFrame) -> DataFrame:
    """Typed events of ``lines`` (``record``, ``source_file``), one row a line.

    Columns: ``record``, ``source_file``, those of CLEAN_SCHEMA, and ``reason``, which is null for a good event.
    ``flight_date`` is the local date of departure; ``region`` the airport of origin; a flight without a departure
    time is ``cancelled``. A flight whose local date is not within a day of its UTC hour is
    ``inconsistent:flight_date``: its id would lie in two partitions.
    """
    parsed = formats.parse_json_lines(lines, [field.name for field in FIELDS])
    typed = cast_fields(parsed, "raw", FIELDS)
    day = F.make_date("year", "month", "day")
    apart = F.abs(F.datediff(F.to_date("time_hour"), day)) > 1
    reason = F.coalesce(
        F.col(REASON),
        F.when(day.isNull(), F.lit("bad_date:flight_date")),
        F.when(apart, F.lit("inconsistent:flight_date")),
    )
    made = {
        "flight_id": F.concat_ws("-", "carrier", "flight", "origin", formats.iso_utc(F.col("time_hour"))),
        "flight_date": day,
        "region": F.col("origin"),
        "cancelled": F.col("dep_time").isNull(),
    }
    clean = (made.get(name, F.col(name)).alias(name) for name in CLEAN_COLUMNS)
    # One step and not one a column: Spark looks through all columns again at every step.
    return typed.select("record", "source_file", *clean, reason.alias(REASON))
