"""Writing to the clean zone: append to a table of the catalog, set rejected records aside; counted by what is there."""

from __future__ import annotations

from collections.abc import Sequence

from awsglue.dynamicframe import DynamicFrame
from pyspark.sql import DataFrame

from common import formats, quarantine
from common.duplicates import DUPLICATE
from common.job import GlueStage
from common.quarantine import Tally

__all__ = ["DATABASE", "append", "held_rejected", "set_aside"]

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


def set_aside(stage: GlueStage, records: DataFrame, source: str, keys: Sequence[str] = ()) -> Tally:
    """Tell the audit what becomes of ``records``, and write those with a reason to quarantine; returns the counts.

    ``records`` has ``record``, ``source_file``, ``reason``, ``duplicate`` and the partition ``keys``, and should be
    persisted: it is read for the counts, for quarantine, and by who writes the clean ones.
    """
    audit, found = stage.audit, quarantine.tally(records, keys)
    audit.duplicates += found.duplicates
    for reason, count in found.rejected.items():
        audit.rejected[reason] = audit.rejected.get(reason, 0) + count
    if found.rejected:
        rejected = records.where(f"reason is not null and not {DUPLICATE}")
        url = quarantine.quarantine_url(stage.arguments.clean, source)
        folder = quarantine.write_rejected(rejected, url, stage.arguments.job_run_id)
        audit.wrote(stage.objects.under(f"{folder}/"))
    return found
