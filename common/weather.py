"""Weather: from readings of any type to clean ones."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common.casting import REASON, Field, cast_fields

__all__ = ["CLEAN_COLUMNS", "CLEAN_SCHEMA", "FIELDS", "KEY", "MEASURES", "PARTITION_KEYS", "readings"]

MEASURES: Final = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
KEY: Final = ("origin", "time_hour")
PARTITION_KEYS: Final = ("reading_date",)
FIELDS: Final = (
    Field("origin", "code", required=True),
    Field("time_hour", "timestamp", required=True),
    *(Field(name, "double") for name in MEASURES),
)
CLEAN_SCHEMA: Final = (
    "origin string, time_hour timestamp, " + ", ".join(f"{name} double" for name in MEASURES) + ", reading_date date"
)
CLEAN_COLUMNS: Final = (*KEY, *MEASURES, "reading_date")


def readings(texts: DataFrame, source_file: str) -> DataFrame:
    """Typed readings of a frame of text columns; a column that no record of the batch has counts as null.

    Columns: ``record`` (the reading as JSON), ``source_file``, those of CLEAN_SCHEMA, and ``reason``.
    ``reading_date`` is the UTC date of ``time_hour``: two readings of one local hour at the end of daylight saving
    differ in it or in the hour, and are both kept.
    """
    names = [field.name for field in FIELDS]
    present = set(texts.columns)
    raw = F.struct(*((F.col(name) if name in present else F.lit(None).cast("string")).alias(name) for name in names))
    told = texts.select(
        raw.alias("raw"),
        F.to_json(raw).alias("record"),
        F.lit(source_file).alias("source_file"),
        F.lit(None).cast("string").alias(REASON),
    )
    typed = cast_fields(told, "raw", FIELDS)
    return typed.withColumn("reading_date", F.to_date("time_hour")).select(
        "record", "source_file", *CLEAN_COLUMNS, REASON
    )
