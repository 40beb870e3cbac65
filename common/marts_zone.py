"""Writing to the marts: replace whole dates of a table, keep the catalog up to date, check what is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common import catalog, partitions
from common.audit import AuditMismatchError
from common.job import GlueStage

__all__ = ["DATABASE", "replace", "tasks_for", "touched_days"]

DATABASE = "lakeshift_marts"
_KEY = "flight_date"
_MANY = 50_000  # rows of a date from which on dates are worth tasks of their own
_SPREAD, _TASKS = 8, 64  # tasks a date, so that hashing sends few dates to one; and in all


def tasks_for(days: int, rows: int) -> int | None:
    """Tasks that write so many rows of so many dates; None: as many as Spark takes, since each date has few."""
    return max(days, min(_SPREAD * days, _TASKS)) if rows > _MANY * days else None


def replace(
    stage: GlueStage,
    rows: DataFrame,
    table: str,
    schema: str,
    days: Sequence[date],
    count: int,
    total: str | None = None,
) -> int:
    """Replace the partitions of ``days`` by the ``count`` ``rows``, which are of exactly these.

    Returns the sum of the column ``total``, whole numbers, over the rows that the files hold; how many those are where
    none is named. Raises AuditMismatchError where they are not as many as meant.
    """
    url = f"{stage.arguments.marts}/{table}"
    partitions.overwrite_partitions(rows, url, [_KEY], tasks_for(len(days), count))
    columns = [(name, kind) for name, kind in (part.split() for part in schema.split(", ")) if name != _KEY]
    folders = {f"{day}": f"{url}/{_KEY}={day}" for day in days}
    catalog.put_table(stage.catalog, DATABASE, table, columns, url, keys=[(_KEY, "date")])
    catalog.add_partitions(stage.catalog, DATABASE, table, columns, folders)
    wanted = tuple(f"{folder}/" for folder in folders.values())
    stage.audit.wrote(item for item in stage.objects.under(f"{url}/") if item.url.startswith(wanted))
    written = partitions.read_dates(stage.spark, url, schema, _KEY, days)
    rows_there = F.count(F.lit(1))
    there, summed = written.agg(rows_there, F.sum(total) if total else rows_there).collect()[0]
    if there != count:
        raise AuditMismatchError(f"{url} holds {there} rows of the {len(days)} dates written, {count} were meant.")
    return int(summed or 0)


def touched_days(stage: GlueStage, context: str) -> list[date]:
    """Dates of the enriched flights that were written since the bookmark ``context`` was committed."""
    frame = stage.from_catalog(DATABASE, "flights_enriched", context).toDF()
    return partitions.dates_of(frame, _KEY) if frame.columns else []
