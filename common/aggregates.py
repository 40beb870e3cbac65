"""Daily figures by airport of origin and by carrier."""

from __future__ import annotations

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

__all__ = ["DAILY_AIRPORT", "DAILY_CARRIER", "daily_airport", "daily_carrier"]

_FIGURES: Final = (
    "flights bigint, cancelled bigint, departed_late bigint, arrived_late bigint, mean_dep_delay double, "
    "mean_arr_delay double, distance bigint, flight_date date"
)
DAILY_AIRPORT: Final = f"origin string, {_FIGURES}"
DAILY_CARRIER: Final = f"carrier string, carrier_name string, {_FIGURES}"

_LATE_MINUTES: Final = 15  # the usual meaning of "on time" in air traffic statistics


def daily_airport(flights: DataFrame) -> DataFrame:
    """One row a day and airport of origin; columns DAILY_AIRPORT."""
    figures = flights.groupBy("flight_date", "origin").agg(*_figures())
    return figures.select(*_names(DAILY_AIRPORT))


def daily_carrier(flights: DataFrame) -> DataFrame:
    """One row a day and carrier; columns DAILY_CARRIER."""
    figures = flights.groupBy("flight_date", "carrier").agg(F.max("carrier_name").alias("carrier_name"), *_figures())
    return figures.select(*_names(DAILY_CARRIER))


def _figures() -> list[Column]:
    return [
        F.count(F.lit(1)).alias("flights"),
        F.count(F.when(F.col("cancelled"), 1)).alias("cancelled"),
        F.count(F.when(F.col("dep_delay") >= _LATE_MINUTES, 1)).alias("departed_late"),
        F.count(F.when(F.col("arr_delay") >= _LATE_MINUTES, 1)).alias("arrived_late"),
        F.avg("dep_delay").alias("mean_dep_delay"),
        F.avg("arr_delay").alias("mean_arr_delay"),
        F.sum("distance").alias("distance"),
    ]


def _names(schema: str) -> list[str]:
    return [part.split()[0] for part in schema.split(", ")]
