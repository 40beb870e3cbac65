"""Rejected records as JSON lines: the raw text, why it was rejected, and the file it came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from common import formats
from common.casting import REASON
from common.duplicates import DUPLICATE

__all__ = ["FIELDS", "Tally", "held_records", "quarantine_url", "tally", "texts_of_rejected", "write_rejected"]

FIELDS: Final = "record string, reason string, source_file string"
_TEXTS: Final = ("record", "source_file")


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of records: clean ones, those held already, and rejected ones by reason.

    ``largest`` are the clean ones of the partition that has most of them.
    """

    clean: int = 0
    largest: int = 0
    duplicates: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)


def texts_of_rejected(records: DataFrame) -> DataFrame:
    """The same records, ``record`` and ``source_file`` null where ``reason`` is: a good record is its columns.

    The raw text is longer than all typed columns together: without it a shuffle moves and a cache holds half the bytes.
    """
    rejected = F.col(REASON).isNotNull()
    kept = [F.when(rejected, F.col(name)).alias(name) if name in _TEXTS else F.col(name) for name in records.columns]
    return records.select(*kept)


def tally(records: DataFrame, keys: Sequence[str] = ()) -> Tally:
    """Count ``records`` (``reason``, ``duplicate``) by what becomes of them and by partition, in one pass."""
    rows = records.groupBy(REASON, DUPLICATE, *keys).count().collect()
    clean = [row["count"] for row in rows if row[REASON] is None and not row[DUPLICATE]]
    rejected: Counter[str] = Counter()
    for row in rows:
        if row[REASON] is not None and not row[DUPLICATE]:
            rejected[row[REASON]] += row["count"]
    again = sum(row["count"] for row in rows if row[DUPLICATE])
    return Tally(sum(clean), max(clean, default=0), again, dict(rejected))


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
