"""Writing to the clean zone: take clean rows over, set rejected records aside; counted by what is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from awsglue.dynamicframe import DynamicFrame
from pyspark.sql import DataFrame

from common import formats, quarantine
from common.duplicates import DUPLICATE
from common.job import GlueStage
from common.quarantine import Tally
from common.side_by_side import side_by_side

__all__ = ["DATABASE", "append", "held_rejected", "sort_out"]

DATABASE = "lakeshift_clean"


def append(
    stage: GlueStage, rows: DataFrame, table: str, schema: str, keys: Sequence[str], order: Sequence[str], most: int
) -> int:
    """Append rows as Parquet in Hive folders by ``keys``, and keep the catalog up to date.

    A folder gets one file, or files of about a million rows where one has ``most`` rows and that is more.

    Rows lie in a file by ``order``, so that like values stand together and take few bytes. ``rows`` must not be empty:
    a table of no rows has no partitions. Returns how many rows the new files hold, read from them: what was written,
    not what was meant.
    """
    url = f"{stage.arguments.clean}/{table}"
    before = {item.url for item in stage.objects.under(f"{url}/")}
    sink = stage.glue.getSink(
        connection_type="s3", path=f"{url}/", enableUpdateCatalog=True, updateBehavior="UPDATE_IN_DATABASE",
        partitionKeys=list(keys),
    )  # fmt: skip
    sink.setFormat("glueparquet", compression=formats.COMPRESSION)
    sink.setCatalogInfo(catalogDatabase=DATABASE, catalogTableName=table)
    sink.writeFrame(DynamicFrame.fromDF(formats.sized(rows, most, keys, order), stage.glue, f"clean_{table}"))
    written = [item for item in stage.objects.under(f"{url}/") if item.url not in before]
    stage.audit.wrote(written)
    files = [item.url for item in written]
    return stage.spark.read.schema(schema).parquet(*files).count() if files else 0  # from the files' footers


def held_rejected(stage: GlueStage, source: str) -> DataFrame | None:
    """What quarantine holds of a source, or None where it holds nothing."""
    url = quarantine.quarantine_url(stage.arguments.clean, source)
    return quarantine.held_records(stage.spark, url) if stage.objects.any_under(f"{url}/") else None


def sort_out(
    stage: GlueStage, records: DataFrame, source: str, take_over: Callable[[Tally], int], keys: Sequence[str] = ()
) -> int:
    """Tell the audit what becomes of ``records``; write those with a reason to quarantine, let the clean be taken over.

    ``records`` has ``record``, ``source_file``, ``reason``, ``duplicate`` and the partition ``keys``, and should be
    persisted: it is read for the counts, and then side by side for quarantine and by ``take_over``. That gets the
    counts, is called where there is a clean row, and returns how many rows it wrote, as this does.
    """
    audit, found = stage.audit, quarantine.tally(records, keys)
    audit.duplicates += found.duplicates
    for reason, count in found.rejected.items():
        audit.rejected[reason] = audit.rejected.get(reason, 0) + count

    def set_aside() -> None:
        if found.rejected:
            rejected = records.where(f"reason is not null and not {DUPLICATE}")
            url = quarantine.quarantine_url(stage.arguments.clean, source)
            folder = quarantine.write_rejected(rejected, url, stage.arguments.job_run_id)
            audit.wrote(stage.objects.under(f"{folder}/"))

    rows_out: int = side_by_side(set_aside, lambda: take_over(found) if found.clean else 0)[1]
    return rows_out
