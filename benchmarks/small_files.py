"""Twenty thousand small JSON files as one DynamicFrame, against ``spark.read.json`` with a schema."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from benchmarks.glue_session import glue_context
from benchmarks.harness import Claim, measure, scale
from lakeshift.paths import StateFolder

FILES = 20_000
CLAIM = Claim(
    name="small_files",
    statement="20,000 small JSON files, grouped at read by size (groupFiles, groupSize), with a schema",
    target=0.12,
    peer="spark.read.schema(...).json(path), Spark's default settings",
)
SCHEMA = t.StructType(
    [
        t.StructField("id", t.LongType()),
        t.StructField("name", t.StringType()),
        t.StructField("value", t.DoubleType()),
        t.StructField("tags", t.ArrayType(t.StringType())),
    ]
)
_DEFAULTS = {
    "spark.sql.files.openCostInBytes": "4194304",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "32",
}


def write_files(folder: Path, number: int) -> None:
    """Five records a file, a thousand files a folder: what a stream leaves."""
    for i in range(number):
        below = folder / f"hour={i // 1000:02}"
        below.mkdir(exist_ok=True)
        records = [
            {"id": i * 5 + j, "name": f"sensor-{j}", "value": i / 7 + j, "tags": ["a", str(j)]} for j in range(5)
        ]
        (below / f"{i:05}.json").write_text("".join(json.dumps(r) + "\n" for r in records))


def answer(data: DataFrame) -> tuple[int, int]:
    """Rows and a checksum over every column."""
    found = data.select(F.xxhash64("id", "name", "value", "tags").alias("h")).agg(F.count("*"), F.bit_xor("h")).first()
    assert found is not None
    return int(found[0]), int(found[1])


def main() -> None:
    """Measure it."""
    with tempfile.TemporaryDirectory() as home:
        state = StateFolder(Path(home) / "state")
        folder = state.buckets / "lake" / "events"
        folder.mkdir(parents=True)
        write_files(folder, scale(FILES))
        with glue_context(Path(home)) as glue:
            spark: Any = glue.spark_session

            def ours() -> tuple[int, int]:
                options = {
                    "paths": ["s3://lake/events/"],
                    "recurse": True,
                    "groupFiles": "inPartition",
                    "groupSize": str(4 * 2**20),
                }
                frame = glue.create_dynamic_frame.from_options(
                    "s3", options, "json", {"withSchema": json.dumps(SCHEMA.jsonValue())}
                )
                return answer(frame.toDF())

            def peer() -> tuple[int, int]:
                before = {key: spark.conf.get(key) for key in _DEFAULTS}
                try:
                    for key, value in _DEFAULTS.items():
                        spark.conf.set(key, value)
                    return answer(spark.read.schema(SCHEMA).json("s3://lake/events/"))
                finally:
                    for key, value in before.items():
                        spark.conf.set(key, value)

            measure(CLAIM, ours, peer, files=scale(FILES))


if __name__ == "__main__":
    main()
