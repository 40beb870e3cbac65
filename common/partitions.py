"""Partitions by date: which were touched, reading just those, and replacing them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import StructType

from common.objects import Objects

__all__ = ["around", "dates_of", "dates_there", "overwrite_partitions", "read_dates", "rows_by_date"]

_NO_DATE: Final = "__HIVE_DEFAULT_PARTITION__"  # the folder of rows whose date is null


def dates_of(frame: DataFrame, column: str) -> list[date]:
    """The distinct dates of a column, in order; nulls left out. Runs a job."""
    rows = frame.select(F.col(column).cast("date").alias("day")).where("day is not null").distinct().collect()
    return sorted(row["day"] for row in rows)


def rows_by_date(frame: DataFrame, column: str) -> dict[date, int]:
    """How many rows each date of a column has, in order; nulls left out. Runs a job."""
    rows = frame.groupBy(F.col(column).cast("date").alias("day")).count().where("day is not null").collect()
    return {row["day"]: row["count"] for row in sorted(rows, key=lambda row: row["day"])}


def dates_there(objects: Objects, url: str, column: str) -> set[date]:
    """The dates that a table at ``url``, partitioned by the date ``column`` first, has a folder of; none: no table."""
    key = f"{column}="
    folders = (name[len(key) :] for name in objects.folders(f"{url}/") if name.startswith(key))
    return {date.fromisoformat(name) for name in folders if name != _NO_DATE}


def around(days: Iterable[date], before: int = 0, after: int = 0) -> list[date]:
    """The days with up to ``before`` days ahead of and ``after`` days behind each, in order."""
    return sorted({day + timedelta(days=step) for day in days for step in range(-before, after + 1)})


def read_dates(spark: SparkSession, url: str, schema: StructType | str, column: str, days: Sequence[date]) -> DataFrame:
    """Rows of a Parquet table partitioned by the date ``column``, of the given days only; ``url`` must exist."""
    return spark.read.schema(schema).parquet(url).where(F.col(column).isin(list(days)))


def overwrite_partitions(frame: DataFrame, url: str, keys: Sequence[str], tasks: int | None = None) -> None:
    """Replace exactly the partitions that ``frame`` has rows of, each by one file; others are not touched.

    The files are made by so many ``tasks``, or by as many as Spark takes for a shuffle: few partitions of many rows
    want some more, since hashing sends two of them to one task else.

    The new files are complete in a staging folder before the first partition is replaced. Partitions are then
    replaced one by one, so a kill in that moment leaves some new and some old (one may be missing): a caller must
    be able to make ``frame`` again from its input, also where it takes rows of ``url`` itself over.
    """
    places = [F.col(key) for key in keys]
    (
        (frame.repartition(*places) if tasks is None else frame.repartition(tasks, *places))
        .write.mode("overwrite")
        .option("partitionOverwriteMode", "dynamic")
        .option("compression", "snappy")
        .partitionBy(*keys)
        .parquet(url)
    )
