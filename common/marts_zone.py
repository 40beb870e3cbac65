"""Writing to the marts: replace whole dates of a table, keep the catalog up to date, check what is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common import catalog, partitions
from common.audit import AuditMismatchError
from common.job import GlueStage

__all__ = ["DATABASE", "replace", "touched_days"]

DATABASE = "lakeshift_marts"
_KEY = "flight_date"


def replace(stage: GlueStage, rows: DataFrame, table: str, schema: str, days: Sequence[date], count: int) -> None:
    """Replace the partitions of ``days`` by the ``count`` ``rows``, which are of exactly these.

    Raises AuditMismatchError where the files hold another number of rows.
    """
    url = f"{stage.arguments.marts}/{table}"
    partitions.overwrite_partitions(rows, url, [_KEY])
    columns = [(name, kind) for name, kind in (part.split() for part in schema.split(", ")) if name != _KEY]
    folders = {f"{day}": f"{url}/{_KEY}={day}" for day in days}
    catalog.put_table(stage.catalog, DATABASE, table, columns, url, keys=[(_KEY, "date")])
    catalog.add_partitions(stage.catalog, DATABASE, table, columns, folders)
    wanted = tuple(f"{folder}/" for folder in folders.values())
    stage.audit.wrote(item for item in stage.objects.under(f"{url}/") if item.url.startswith(wanted))
    there = stage.spark.read.schema(schema).parquet(url).where(F.col(_KEY).isin(list(days))).count()
    if there != count:
        raise AuditMismatchError(f"{url} holds {there} rows of the {len(days)} dates written, {count} were meant.")


def touched_days(stage: GlueStage, context: str) -> list[date]:
    """Dates of the enriched flights that were written since the bookmark ``context`` was committed."""
    frame = stage.from_catalog(DATABASE, "flights_enriched", context).toDF()
    return partitions.dates_of(frame, _KEY) if frame.columns else []
