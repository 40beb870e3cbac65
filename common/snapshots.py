"""Reference tables as snapshots: a change writes a whole new folder, then the catalog is pointed at it.

A reader of the catalog sees the old snapshot or the new one and never a part; a kill before the pointer moved leaves
an unused folder behind and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common.duplicates import DUPLICATE

__all__ = ["flag_unchanged", "merged", "snapshot_url"]


def snapshot_url(clean: str, table: str, job_run_id: str) -> str:
    """Folder of the snapshot that a job run writes."""
    return f"{clean}/{table}/snapshot={job_run_id}"


def flag_unchanged(frame: DataFrame, key: str, columns: Sequence[str], held: DataFrame | None) -> DataFrame:
    """Mark good rows that ``held`` (``columns``, unique by ``key``) has with equal content as duplicates.

    ``frame`` has ``reason`` and ``duplicate``; nulls are equal to nulls.
    """
    if held is None:
        return frame
    known = held.select(F.col(key), F.struct(*columns).alias("_held"))
    told = frame.join(known, on=key, how="left")
    same = F.col("reason").isNull() & F.col("_held").isNotNull() & F.col("_held").eqNullSafe(F.struct(*columns))
    return told.withColumn(DUPLICATE, F.col(DUPLICATE) | same).drop("_held")


def merged(held: DataFrame | None, changed: DataFrame, key: str, columns: Sequence[str]) -> DataFrame:
    """The next snapshot: ``changed`` rows in place of the held ones of their key, all others as they were."""
    fresh = changed.select(*columns)
    if held is None:
        return fresh
    return held.select(*columns).join(fresh.select(key), on=key, how="left_anti").select(*columns).unionByName(fresh)
