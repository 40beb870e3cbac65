"""A DynamicFrame pipeline against the same pipeline written with DataFrames: what the record model costs."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.glue_session import glue_context, wide_table
from benchmarks.harness import Claim, measure, scale

CLAIM = Claim("dynamic_frame", "Read, map, rename, drop, join, split and write, in seconds", 1.15, "DataFrames")


def by_frames(glue: Any, table: str, names: str, out: str) -> tuple[int, int]:
    """The pipeline as a Glue script has it."""
    frame = glue.create_dynamic_frame.from_options("s3", {"paths": [table]}, "parquet")
    mapped = frame.apply_mapping(
        [
            ("id", "long", "id", "long"),
            ("i1", "int", "amount", "double"),
            ("s1", "string", "key", "string"),
            ("s2", "string", "who.first", "string"),
            ("s3", "string", "who.last", "string"),
            ("place.lat", "double", "lat", "double"),
            ("day", "date", "day", "string"),
            ("l1", "long", "large", "long"),
        ]
    )
    renamed = mapped.rename_field("large", "size").drop_fields(["who.last"])
    other = glue.create_dynamic_frame.from_options("s3", {"paths": [names]}, "parquet")
    joined = renamed.join(["key"], ["name"], other)
    parts = joined.split_rows({"lat": {">": 20.0}}, "north", "south")
    glue.write_dynamic_frame.from_options(parts["north"], "s3", {"path": out}, "parquet")
    return checksum(glue, out)


def by_data_frames(glue: Any, table: str, names: str, out: str) -> tuple[int, int]:
    """The same with DataFrames."""
    from pyspark.sql import functions as F  # noqa: N812

    spark = glue.spark_session
    mapped = spark.read.parquet(table).select(
        "id",
        F.col("i1").cast("double").alias("amount"),
        F.col("s1").alias("key"),
        F.struct(F.col("s2").alias("first"), F.col("s3").alias("last")).alias("who"),
        F.col("place.lat").alias("lat"),
        F.col("day").cast("string").alias("day"),
        F.col("l1").alias("size"),
    )
    dropped = mapped.withColumn("who", F.col("who").dropFields("last"))
    joined = dropped.join(spark.read.parquet(names), F.col("key") == F.col("name"))
    joined.filter(F.col("lat") > 20.0).write.mode("append").parquet(out)
    return checksum(glue, out)


def checksum(glue: Any, out: str) -> tuple[int, int]:
    """Rows and a checksum of what was written."""
    data = glue.spark_session.read.parquet(out)
    row = data.selectExpr(
        "count(*) n", "sum(cast(hash(id, amount, key, who.first, lat, day, size, rank) as long)) h"
    ).first()
    return row.n, row.h


def main() -> int:
    """Measure; 1 where the claim does not hold."""
    rows = scale(400_000)
    with tempfile.TemporaryDirectory() as home, glue_context(Path(home)) as glue:
        table, names = f"{home}/wide", f"{home}/names"
        wide_table(glue.spark_session, table, rows)
        glue.spark_session.range(0, 9973).selectExpr(
            "concat('text-', cast(id as string)) name", "cast(id as int) rank"
        ).write.parquet(names)
        runs = iter(range(1_000))
        outcome = measure(
            CLAIM,
            lambda: by_frames(glue, table, names, f"{home}/out/{next(runs)}"),
            lambda: by_data_frames(glue, table, names, f"{home}/out/{next(runs)}"),
            pairs=7,
            rows=rows,
            columns=28,
        )
    return int(not outcome.holds)


if __name__ == "__main__":
    sys.exit(main())
