"""The bytes of the clean zone, against Spark's default write of equal rows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from pyspark.sql import functions as F  # noqa: N812

from benchmarks.data.flights import write_flights
from benchmarks.glue_session import glue_context
from benchmarks.harness import Claim, Outcome, machine, report, scale
from benchmarks.stages import ours
from benchmarks.stages.tables import answer
from common import flights

CLAIM = Claim(
    name="output_size",
    statement="The bytes of the clean flights as Parquet, by date and region",
    target=0.7,
    peer="Spark's default write of equal rows: snappy, as many files a folder as the data had partitions",
    limits={"files_ratio": 1.0},
)
LINES: Final = 300_000


def size(folder: Path) -> tuple[int, int]:
    """Bytes and number of the Parquet files below a folder."""
    sizes = [file.stat().st_size for file in folder.rglob("*.parquet")]
    return sum(sizes), len(sizes)


def main() -> None:
    """Write both once: bytes do not spread as seconds do."""
    with tempfile.TemporaryDirectory(prefix="output-") as folder:
        home = Path(folder)
        write_flights(home / "raw", scale(LINES))
        with glue_context(home) as glue:
            ours.clean_flights(glue, str(home / "raw"), str(home / "ours"))
            rows = glue.spark_session.read.schema(flights.CLEAN_SCHEMA).parquet(str(home / "ours/flights"))
            # As they come from the raw files: in no order, in as many partitions as Spark reads these in.
            partitions = glue.spark_session.read.text(str(home / "raw/flights/*/*/*")).rdd.getNumPartitions()
            shuffled = rows.repartition(partitions, F.xxhash64("flight_id"))
            shuffled.write.partitionBy(*flights.PARTITION_KEYS).parquet(str(home / "peer/flights"))
        (mine, files), (other, others) = size(home / "ours/flights"), size(home / "peer/flights")
        answers = [answer(home / side, ("flights",)) for side in ("ours", "peer")]
    facts = {"rows": answers[0]["flights"][0], "bytes": mine, "peer_bytes": other, "files": files, "peer_files": others}
    facts["peer_partitions"] = partitions
    report(
        Outcome(
            CLAIM, [float(mine)], [float(other)], answers[0]["flights"], answers[0] == answers[1],
            machine() | facts | {"files_ratio": round(files / others, 3)}, "bytes",
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
