"""Few large files for many small ones: a catalog table of Parquet or JSON lines, swapped in partition by partition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from common.compaction import Compaction, Rewrite
from common.job import GlueStage


def rewriter(spark: SparkSession) -> Rewrite:
    """Rewriting by Spark; JSON lines are copied as they are, byte for byte."""

    def read(kind: str, urls: Sequence[str]) -> DataFrame:
        reader = spark.read.option("recursiveFileLookup", "true")  # a partition's key is not a column of its files
        if kind == "json":
            return reader.text(list(urls))
        return reader.option("mergeSchema", "true").parquet(*urls)

    def rewrite(kind: str, urls: Sequence[str], target: str, count: int) -> tuple[tuple[int, int], tuple[int, int]]:
        frame = read(kind, urls)
        writer = frame.repartition(count).write.mode("overwrite")
        if kind == "json":
            writer.text(target)
        else:
            writer.option("compression", "snappy").parquet(target)
        return counted(frame), counted(read(kind, [target]))

    return rewrite


def counted(frame: DataFrame) -> tuple[int, int]:
    """Rows, and a checksum of them all that does not depend on their order."""
    columns = [F.col(f"`{name}`") for name in sorted(frame.columns)]
    line = F.xxhash64(F.to_json(F.struct(*columns)))
    row = frame.agg(F.count(F.lit(1)).alias("rows"), F.sum(line.cast("decimal(38,0)")).alias("checksum")).first()
    return (int(row["rows"]), int(row["checksum"] or 0)) if row is not None else (0, 0)


def main() -> None:
    """Run the stage. Raises UnsupportedTableError, AuditMismatchError; the table is as it was then."""
    stage = GlueStage.start("compact_table", "database", "table", "target_mb", "retain_hours")
    given = stage.arguments
    kept = timedelta(hours=float(given["retain_hours"]))
    target = int(float(given["target_mb"]) * 1_000_000)
    compaction = Compaction(stage.objects, stage.catalog, rewriter(stage.spark), given.job_run_id, target, kept)
    done = compaction.run(given["database"], given["table"], datetime.now(timezone.utc))  # noqa: UP017 - Python 3.9
    stage.audit.rows_in = stage.audit.rows_out = done.rows
    stage.audit.files = done.files_after
    stage.audit.measures.update(
        FilesBefore=(done.files_before, "Count"), FilesRemoved=(done.removed, "Count"),
        PartitionsCompacted=(done.compacted, "Count"), PartitionsSkipped=(done.skipped, "Count"),
    )  # fmt: skip
    stage.finish()


if __name__ == "__main__":
    main()
