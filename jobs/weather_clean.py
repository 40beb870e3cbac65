"""Weather readings of the catalog to clean Parquet by date: choices resolved, values cast, wrong ones in quarantine."""

from __future__ import annotations

from typing import Any

from awsglue.transforms import ApplyMapping, ResolveChoice
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common import clean_zone, duplicates, formats, partitions, weather
from common.job import GlueStage
from common.keeping import kept
from common.quarantine import Tally

TABLE = "weather"
SOURCE = "lakeshift_raw.weather"
NAMES = [field.name for field in weather.FIELDS]


def extract(stage: GlueStage) -> tuple[DataFrame, DataFrame | None, int]:
    """Readings as texts, unreadable records (as records of quarantine) or None, and how many came in.

    A station sends a number as text now and then, so a measure may be a choice of types. All are resolved to text:
    casting to double here would turn a bad value into null without a word.
    """
    frame = stage.from_catalog("lakeshift_raw", TABLE, "weather_raw")
    broken = int(frame.errorsCount())
    if not frame.toDF().columns:
        empty = stage.spark.createDataFrame([], ", ".join(f"{name} string" for name in NAMES))
        return empty, _errors(frame) if broken else None, broken
    resolved = ResolveChoice.apply(
        frame=frame, specs=[(name, "cast:string") for name in NAMES], transformation_ctx="weather_resolved"
    )
    mapped = ApplyMapping.apply(
        frame=resolved,
        mappings=[(name, "string", name, "string") for name in NAMES],
        transformation_ctx="weather_mapped",
    )
    texts: DataFrame = mapped.toDF()
    return texts, _errors(frame) if broken else None, texts.count() + broken


def _errors(frame: Any) -> DataFrame:
    errors: DataFrame = frame.errorsAsDynamicFrame().toDF()
    return errors.select(
        F.to_json(F.struct("error")).alias("record"),
        F.lit(formats.MALFORMED).alias("reason"),
        F.lit(SOURCE).alias("source_file"),
        F.lit(False).alias(duplicates.DUPLICATE),
    )


def transform(texts: DataFrame, held: DataFrame | None, held_rejected: DataFrame | None) -> DataFrame:
    """Readings with ``reason`` and ``duplicate``, one row a record."""
    readings = weather.readings(texts, SOURCE)
    if held is not None:
        held = held.where(F.col("reading_date").isin(partitions.dates_of(readings, "reading_date")))
    flagged = duplicates.settle_unversioned(
        readings, weather.KEY, weather.MEASURES, tie="record", conflict="conflict:reading", held=held
    )
    return duplicates.flag_held_records(flagged, held_rejected)


def load(stage: GlueStage, readings: DataFrame, errors: DataFrame | None) -> None:
    """Write quarantine and clean rows."""
    records = readings.select("record", "source_file", "reason", duplicates.DUPLICATE)
    good = readings.where("reason is null and not duplicate").select(*weather.CLEAN_COLUMNS)

    def append(told: Tally) -> int:
        return clean_zone.append(
            stage, good, TABLE, weather.CLEAN_SCHEMA, weather.PARTITION_KEYS, weather.KEY, told.clean
        )

    whole = records if errors is None else records.unionByName(errors)
    stage.audit.rows_out = clean_zone.sort_out(stage, whole, TABLE, append)


def main() -> None:
    """Run the stage."""
    stage = GlueStage.start("weather_clean")
    texts, errors, stage.audit.rows_in = extract(stage)
    if stage.audit.rows_in:
        held = stage.read_if_there(f"{stage.arguments.clean}/{TABLE}", weather.CLEAN_SCHEMA)
        held_rejected = clean_zone.held_rejected(stage, TABLE)
        readings = kept(transform(texts, held, held_rejected))
        if errors is not None:
            errors = duplicates.flag_held_records(errors, held_rejected)
        load(stage, readings, errors)
    stage.finish()


if __name__ == "__main__":
    main()
