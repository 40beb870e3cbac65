"""The figure of each setting of lakeshift/glue_runtime/spark_settings.py that is for speed: ours against the default.

None has a target: they say what a setting is worth on this machine, for work of the kind it was chosen for. Each run
has a SparkContext of its own in one warm JVM, as the runs of a warm worker have. What the JVM itself is given
(collector, compiler, class-data archive) is in the claims about starts; the cost of opening a file in small_files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from pyspark import SparkConf, SparkContext
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from benchmarks.data.flights import write_flights
from benchmarks.glue_session import glue_context
from benchmarks.harness import Claim, measure, scale
from benchmarks.rules import checksum
from common import duplicates, flights

ROWS: Final = 40_000
FOLDERS: Final = 100
SETTINGS: Final = {  # name: Spark's default, and the claim
    "spark.sql.shuffle.partitions": (
        "200", Claim("settings.shuffle_partitions", "Shuffles of few rows", None, "200"),
    ),
    "spark.sql.sources.parallelPartitionDiscovery.threshold": (
        "32", Claim("settings.listing", "Opening a table of 100 partitions", None, "32 folders"),
    ),
    "spark.plugins": (
        "", Claim("settings.class_loader", "The clean stage's events in a new context", None, "none"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """The folders that the work reads; every work gives rows and a checksum."""

    home: Path

    def write(self, spark: SparkSession) -> None:
        """Make them."""
        write_flights(self.home / "raw", scale(ROWS))
        ids = spark.range(20_000).selectExpr("id", f"id % {FOLDERS} as part")
        ids.repartition("part").write.partitionBy("part").parquet(str(self.home / "parts"))

    def events(self, spark: SparkSession) -> DataFrame:
        """Events out of lines."""
        lines = spark.read.option("recursiveFileLookup", "true").text(str(self.home / "raw/flights"))
        return flights.events_from_lines(lines.selectExpr("value as record", "'f' as source_file"))

    def of(self, setting: str, spark: SparkSession) -> Any:
        """The work that the setting was chosen for."""
        if setting in ("spark.sql.shuffle.partitions", "spark.plugins"):
            events = self.events(spark).withColumn("_tie", F.xxhash64("record"))
            flagged = duplicates.flag_duplicates(events, "flight_id", "event_time", tie="_tie")
            return checksum(flagged.groupBy("flight_date", "duplicate").count(), "flight_date", "count")
        return checksum(spark.read.parquet(str(self.home / "parts")), "id", "part")


def in_context(work: Callable[[SparkSession], Any], changed: Mapping[str, str]) -> Any:
    """The work in a SparkContext of its own, its settings ours but for those ``changed``; the next one's start ends it.

    A measured one's is ended before, unmeasured: to end takes Spark steps of half a second.
    """
    stop()
    conf = SparkConf()
    for name, value in changed.items():
        conf.set(name, value)
    context = SparkContext(conf=conf)
    context.setLogLevel("ERROR")
    return work(SparkSession(context))


def stop() -> None:
    """End the context that is there, if any."""
    if (context := SparkContext._active_spark_context) is not None:
        context.stop()


def main() -> None:
    """Each setting in turn, five pairs after a warm-up."""
    with tempfile.TemporaryDirectory(prefix="settings-") as home:
        bench = Bench(Path(home))
        with glue_context(Path(home), lasting=True) as glue:
            bench.write(glue.spark_session)
            for setting, (default, claim) in SETTINGS.items():
                work = partial(bench.of, setting)
                plain = partial(in_context, work, {setting: default})
                measure(claim, partial(in_context, work, {}), plain, pairs=5, warm_up=2, before=stop)


if __name__ == "__main__":
    main()
