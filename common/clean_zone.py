"""Writing to the clean zone: append to a table of the catalog, set rejected records aside; counted by what is there."""

from __future__ import annotations

from collections.abc import Sequence

from awsglue.dynamicframe import DynamicFrame
from pyspark.sql import DataFrame

from common import formats, quarantine
from common.duplicates import DUPLICATE
from common.job import GlueStage

__all__ = ["DATABASE", "append", "held_rejected", "set_aside"]

DATABASE = "lakeshift_clean"


def append(stage: GlueStage, rows: DataFrame, table: str, schema: str, keys: Sequence[str]) -> int:
    """Append rows as Parquet in Hive folders by ``keys``, one file a folder, and keep the catalog up to date.

    Returns how many rows the table has more than before, read from its files: what was written, not what was meant.
    """
    url = f"{stage.arguments.clean}/{table}"
    if rows.isEmpty():
        return 0
    before = {item.url for item in stage.objects.under(f"{url}/")}
    rows_before = _rows(stage, url, schema) if before else 0
    sink = stage.glue.getSink(
        connection_type="s3", path=f"{url}/", enableUpdateCatalog=True, updateBehavior="UPDATE_IN_DATABASE",
        partitionKeys=list(keys),
    )  # fmt: skip
    sink.setFormat("glueparquet")
    sink.setCatalogInfo(catalogDatabase=DATABASE, catalogTableName=table)
    sink.writeFrame(DynamicFrame.fromDF(formats.sized(rows, 0, keys), stage.glue, f"clean_{table}"))
    stage.audit.wrote(item for item in stage.objects.under(f"{url}/") if item.url not in before)
    return _rows(stage, url, schema) - rows_before


def _rows(stage: GlueStage, url: str, schema: str) -> int:
    return stage.spark.read.schema(schema).parquet(url).count()  # from the files' footers


def held_rejected(stage: GlueStage, source: str) -> DataFrame | None:
    """What quarantine holds of a source, or None where it holds nothing."""
    url = quarantine.quarantine_url(stage.arguments.clean, source)
    return quarantine.held_records(stage.spark, url) if stage.objects.any_under(f"{url}/") else None


def set_aside(stage: GlueStage, records: DataFrame, source: str) -> None:
    """Count duplicates of ``records`` and write those with a reason to quarantine, counted by reason.

    ``records`` has ``record``, ``source_file``, ``reason`` and ``duplicate``.
    """
    audit = stage.audit
    audit.duplicates += records.where(DUPLICATE).count()
    rejected = records.where(f"reason is not null and not {DUPLICATE}")
    counts = quarantine.rejected_counts(rejected)
    if not counts:
        return
    for reason, count in counts.items():
        audit.rejected[reason] = audit.rejected.get(reason, 0) + count
    url = quarantine.quarantine_url(stage.arguments.clean, source)
    folder = quarantine.write_rejected(rejected, url, stage.arguments.job_run_id)
    audit.wrote(stage.objects.under(f"{folder}/"))
