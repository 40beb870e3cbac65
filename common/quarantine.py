"""Rejected records as JSON lines: the raw text, why it was rejected, and the file it came from."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame, SparkSession

from common import formats

__all__ = ["FIELDS", "held_records", "quarantine_url", "rejected_counts", "write_rejected"]

FIELDS: Final = "record string, reason string, source_file string"


def quarantine_url(clean: str, source: str) -> str:
    """Where a source's rejected records lie; ``clean`` is the ``s3://`` URL of the clean zone."""
    return f"{clean}/quarantine/{source}"


def held_records(spark: SparkSession, url: str) -> DataFrame:
    """Records already in quarantine under ``url`` (which must hold at least one file), from all runs."""
    return spark.read.schema(FIELDS).option("recursiveFileLookup", "true").json(url)


def write_rejected(rejected: DataFrame, url: str, job_run_id: str) -> str:
    """Write ``record``, ``reason``, ``source_file`` to the run's own folder; returns its URL. A rerun replaces it."""
    folder = f"{url}/run={job_run_id}"
    formats.write_json(rejected.select("record", "reason", "source_file").coalesce(1), folder, mode="overwrite")
    return folder


def rejected_counts(rejected: DataFrame) -> dict[str, int]:
    """Rows by reason."""
    return {row["reason"]: row["count"] for row in rejected.groupBy("reason").count().collect()}
