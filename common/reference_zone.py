"""Reference tables of the clean zone: the current snapshot, what changed against it, and the next one."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common import catalog, clean_zone, duplicates, formats, snapshots
from common.audit import AuditMismatchError
from common.job import GlueStage
from common.reference import ReferenceTable, typed_rows

__all__ = ["current", "flagged", "take_over"]


def current(stage: GlueStage, table: ReferenceTable) -> DataFrame | None:
    """The snapshot that the catalog points at, or None before the first."""
    location = catalog.table_location(stage.catalog, clean_zone.DATABASE, table.name)
    if location is None:
        return None
    schema = ", ".join(f"`{name}` {kind}" for name, kind in table.hive_columns)
    return stage.spark.read.schema(schema).parquet(location)


def flagged(rows: DataFrame, table: ReferenceTable, source: str, held: DataFrame | None) -> DataFrame:
    """Typed rows with ``reason`` and ``duplicate``: the newest of each key, and only where ``held`` differs.

    A table without versions cannot tell which of two different rows of one key is right: ``conflict:<key>``.
    """
    typed = typed_rows(rows, table, source)
    if table.version:
        told = duplicates.flag_duplicates(typed, table.key, table.version, tie="record")
    else:
        told = duplicates.settle_unversioned(
            typed, [table.key], table.columns, tie="record", conflict=f"conflict:{table.key}"
        )
    return snapshots.flag_unchanged(told, table.key, table.columns, held)


def take_over(stage: GlueStage, table: ReferenceTable, held: DataFrame | None, changed: DataFrame, count: int) -> int:
    """Write the next snapshot and point the catalog at it; returns how many rows of it are new or changed: ``count``.

    Raises AuditMismatchError where the snapshot lost or doubled a row.
    """
    url = snapshots.snapshot_url(stage.arguments.clean, table.name, stage.arguments.job_run_id)
    rows = snapshots.merged(held, changed, table.key, table.columns)
    formats.write_parquet(formats.sized(rows, count), url, mode="overwrite")
    written = stage.spark.read.parquet(url)
    replaced = 0 if held is None else held.join(changed.select(table.key), on=table.key, how="left_semi").count()
    expected = count + (0 if held is None else held.count()) - replaced
    if written.agg(F.count_distinct(table.key), F.count(F.lit(1))).first() != (expected, expected):
        raise AuditMismatchError(f"The new snapshot {url} has not the {expected} rows it must have; it is not used.")
    catalog.put_table(stage.catalog, clean_zone.DATABASE, table.name, table.hive_columns, url)
    stage.audit.wrote(stage.objects.under(f"{url}/"))
    return count
