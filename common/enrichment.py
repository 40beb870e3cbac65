"""The join of flights with weather, planes, airports and airlines, and which of its rows are new or changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common.joins import join_lookup

__all__ = ["CHANGED", "COLUMNS", "SCHEMA", "Lookups", "enriched", "marked_changes"]

# The order of the warehouse's staging table: COPY of Parquet goes by position.
SCHEMA: Final = (
    "flight_id string, event_time timestamp, flight_date date, region string, carrier string, carrier_name string, "
    "flight int, tailnum string, plane_manufacturer string, plane_model string, plane_year int, plane_known boolean, "
    "origin string, dest string, dest_name string, dest_known boolean, sched_dep_time int, dep_time int, "
    "dep_delay int, sched_arr_time int, arr_time int, arr_delay int, air_time int, distance int, hour int, "
    "minute int, time_hour timestamp, cancelled boolean, weather_known boolean, temp double, wind_speed double, "
    "precip double, visib double, operated_by string"
)
CHANGED: Final = "_changed"
COLUMNS: Final = tuple(part.split()[0] for part in SCHEMA.split(", "))


@dataclass(frozen=True, slots=True)
class Lookups:
    """What flights are joined with, each unique by its key, columns as in the clean zone."""

    weather: DataFrame
    planes: DataFrame
    airports: DataFrame
    airlines: DataFrame


def enriched(flights: DataFrame, lookups: Lookups) -> DataFrame:
    """One row a row of ``flights`` (the newest version of each), columns COLUMNS.

    A flight without a partner is kept, with ``plane_known``, ``dest_known`` or ``weather_known`` false; a carrier
    that no airline is known for has no ``carrier_name``.
    """
    planes = lookups.planes.select(
        "tailnum",
        F.col("manufacturer").alias("plane_manufacturer"),
        F.col("model").alias("plane_model"),
        F.col("year").alias("plane_year"),
    )
    airports = lookups.airports.select(F.col("faa").alias("dest"), F.col("name").alias("dest_name"))
    airlines = lookups.airlines.select("carrier", F.col("name").alias("carrier_name"))
    weather = lookups.weather.select("origin", "time_hour", "temp", "wind_speed", "precip", "visib")
    joined = join_lookup(flights, airlines, ["carrier"], "carrier_known")
    joined = join_lookup(joined, planes, ["tailnum"], "plane_known")
    joined = join_lookup(joined, airports, ["dest"], "dest_known")
    joined = join_lookup(joined, weather, ["origin", "time_hour"], "weather_known")
    return joined.select(*COLUMNS)


def marked_changes(rows: DataFrame, held: DataFrame | None) -> DataFrame:
    """``rows`` with the boolean CHANGED: whether ``held`` has no such flight, or has it with any other content.

    Nulls equal nulls. Both have COLUMNS and are unique by ``flight_id``, by which alone they are joined: so the rows
    are not moved again after their newest versions were found.
    """
    if held is None:
        return rows.withColumn(CHANGED, F.lit(True))
    known = held.select("flight_id", _fingerprint().alias("_held"))
    joined = rows.join(known, on="flight_id", how="left")
    # After the join, so that nothing is computed for flights that are not held: with new days that is most of them.
    same = F.when(F.col("_held").isNotNull(), _fingerprint() == F.col("_held")).otherwise(F.lit(False))
    return joined.select(*COLUMNS, (~same).alias(CHANGED))


def _fingerprint() -> Column:
    """SHA-256 over all of SCHEMA's columns: what is held goes through the join as one value a row.

    Dates and times go in as numbers, which costs a fifth of their text. The separator and the mark of a null are
    control characters, which no cleaned value holds.
    """
    parts = (_as_text(*part.split()) for part in SCHEMA.split(", "))
    return F.sha2(F.concat_ws("\u0001", *(F.coalesce(part, F.lit("\u0000")) for part in parts)), 256)


def _as_text(name: str, kind: str) -> Column:
    value = F.col(name).cast(kind)
    if kind == "timestamp":
        return F.unix_micros(value).cast("string")
    return (F.unix_date(value) if kind == "date" else value).cast("string")
