"""Load sets: the rows that the warehouse is to take over, as Parquet files and the manifest that names them.

A load set is complete once its manifest is there. It is written before the marts are changed: were it written after,
a kill in between would leave changed marts whose changes no load set names. Nothing removes it but time, and the load
takes every load set that its history does not know, oldest first; so a run that died before the load loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common import formats, redshift
from common.job import GlueStage

__all__ = ["load_url", "manifest_url", "publish", "write_files"]

# Some 5 MB: files are what the warehouse's slices share, since it splits no Parquet file below 128 MB.
# https://docs.aws.amazon.com/redshift/latest/dg/c_best-practices-use-multiple-files.html
_ROWS_A_FILE: Final = 100_000


def load_url(marts: str, pipeline_run_id: str) -> str:
    """Folder of the load sets of a pipeline run."""
    return f"{marts}/load/{pipeline_run_id}"


def manifest_url(marts: str, pipeline_run_id: str, table: str) -> str:
    """The manifest of one table's load set."""
    return f"{load_url(marts, pipeline_run_id)}/{table}.manifest"


def publish(stage: GlueStage, table: str, rows: DataFrame, key: Sequence[str], schema: str, count: int) -> int:
    """Write the ``count`` ``rows`` (unique by ``key``, columns of ``schema``) as the table's load set.

    Returns how many of them are there, read from the files.

    Where an earlier attempt of the same pipeline run left a load set, the rows of it that are not in ``rows`` are
    carried over: that attempt may have changed the marts already, and its rows are then no change any more. The new
    manifest replaces the old one in one PUT. Without rows nothing is written.
    """
    arguments = stage.arguments
    place = manifest_url(arguments.marts, arguments.pipeline_run_id, table)
    before = stage.objects.read_json(place)
    columns = [part.split() for part in schema.split(", ")]
    names = [name for name, _ in columns]
    fresh = rows.select(*(F.col(name).cast(kind) for name, kind in columns))
    carried: DataFrame | None = None
    if before is not None:
        urls = [entry["url"] for entry in before["entries"]]
        carried = stage.spark.read.schema(schema).parquet(*urls).join(fresh.select(*key), on=list(key), how="left_anti")
    if count == 0:
        return 0
    whole = fresh if carried is None else fresh.unionByName(carried.select(*names))
    folder = f"{load_url(arguments.marts, arguments.pipeline_run_id)}/{table}/{arguments.job_run_id}"
    files = write_files(stage, formats.sized(whole, count, a_file=_ROWS_A_FILE), folder, schema)
    stage.objects.write_json(place, redshift.manifest(files))
    written = sum(item.rows for item in files)
    return written if carried is None else written - carried.count()


def write_files(stage: GlueStage, rows: DataFrame, folder: str, schema: str) -> list[redshift.LoadFile]:
    """Write ``rows`` as Parquet to ``folder``; returns its files, each with the rows that are read back from it."""
    formats.write_parquet(rows, folder, mode="overwrite")
    stored = {PurePosixPath(item.url).name: item for item in stage.objects.under(f"{folder}/")}
    counted = stage.spark.read.schema(schema).parquet(folder).groupBy(F.input_file_name().alias("file")).count()
    stage.audit.wrote(stored.values())
    return [
        redshift.LoadFile(stored[name].url, stored[name].size, row["count"])
        for row in counted.collect()
        if (name := PurePosixPath(unquote(row["file"])).name)
    ]
