"""The figure of each rule in docs/writing-fast-jobs.md: the rule followed against the rule broken, in one warm session.

None has a target: they say what a rule is worth on this machine. All read the same lines of flight events.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812

from benchmarks.data.flights import write_flights
from benchmarks.data.others import write_reference
from benchmarks.glue_session import glue_context
from benchmarks.harness import Claim, measure, scale
from common import flights, formats
from common.side_by_side import side_by_side

ROWS = 40_000
NAMES: Final = [field.name for field in flights.FIELDS]
TEXTS: Final = ", ".join(f"{name} string" for name in NAMES)
FORMATS: Final = (
    "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "yyyy-MM-dd'T'HH:mm:ssXXX",
)  # fmt: skip
RULES: Final = (
    Claim("rules.schema", "A schema given", None, "the schema inferred"),
    Claim(
        "rules.timestamps", "A timestamp by a pattern and a cast", None, "by the first of four formats of to_timestamp"
    ),
    Claim("rules.functions", "A column by Spark's own functions", None, "by a Python function"),
    Claim("rules.broadcast", "A join with 3,322 planes broadcast", None, "shuffled"),
    Claim("rules.narrow", "The newest of each key, the text of a good line left behind", None, "carried along"),
    Claim(
        "rules.write",
        "Partitions written after a repartition by their keys",
        None,
        "as they come, a file a task and partition",
    ),
    Claim("rules.counts", "Counts of all outcomes by one grouping", None, "by a filter and a count each"),
    Claim("rules.side_by_side", "Two tables of figures made side by side", None, "one after the other"),
)


@dataclass
class Bench:
    """The lines, and what the rules share."""

    spark: SparkSession
    raw: str
    out: Path

    def __post_init__(self) -> None:
        lines = self.spark.read.option("recursiveFileLookup", "true").text(f"{self.raw}/flights")
        self.lines = lines.select(F.col("value").alias("record"), F.lit("f").alias("source_file"))
        self.events = flights.events_from_lines(self.lines).persist(StorageLevel.MEMORY_AND_DISK)
        self.good = self.events.where("reason is null").select(*flights.CLEAN_COLUMNS)
        self.planes = self.spark.read.csv(f"{self.raw}/planes/*/*/*", header=True).select("tailnum", "manufacturer")
        self.events.count()

    def schema(self, follow: bool) -> Any:
        """Flights as JSON."""
        reader = self.spark.read.option("recursiveFileLookup", "true")
        reader = reader.schema(f"{TEXTS}, _corrupt_record string") if follow else reader
        return checksum(reader.json(f"{self.raw}/flights").where("_corrupt_record is null"), "carrier", "distance")

    def timestamps(self, follow: bool) -> Any:
        """One column of text to a timestamp."""
        good = self.events.where("reason is null")
        text = good.select(F.get_json_object("record", "$.time_hour").alias("t"))
        value: Column = F.coalesce(*(F.to_timestamp("t", form) for form in FORMATS))
        if follow:
            value = F.when(F.col("t").rlike(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d"), F.expr("try_cast(t as timestamp)"))
        return checksum(text.select(value.alias("at")), "at")

    def functions(self, follow: bool) -> Any:
        """A route of two codes."""
        if follow:
            return checksum(self.good.select(F.concat_ws("-", "origin", "dest").alias("route")), "route")
        route = F.udf(lambda origin, dest: f"{origin}-{dest}")
        return checksum(self.good.select(route("origin", "dest").alias("route")), "route")

    def broadcast(self, follow: bool) -> Any:
        """Flights with the maker of their plane."""
        planes = F.broadcast(self.planes) if follow else self.planes.hint("merge")
        return checksum(self.good.join(planes, "tailnum", "left"), "flight_id", "manufacturer")

    def narrow(self, follow: bool) -> Any:
        """The newest version of each flight; of equal ones any, since they are the same line."""
        rows = self.events.where("reason is null")
        rows = rows.withColumn("record", F.xxhash64("record")) if follow else rows
        newest = Window.partitionBy("flight_id").orderBy(F.desc("event_time"), "record")
        ranked = rows.withColumn("rank", F.row_number().over(newest)).where("rank = 1").persist(StorageLevel.DISK_ONLY)
        try:
            return checksum(ranked, *flights.CLEAN_COLUMNS)
        finally:
            ranked.unpersist(True)

    def write(self, follow: bool) -> Any:
        """Clean Parquet by date and region."""
        rows = formats.sized(self.good, 0, flights.PARTITION_KEYS) if follow else self.good.repartition(8)
        formats.write_parquet(rows, str(self.out), mode="overwrite", keys=flights.PARTITION_KEYS)
        return checksum(self.spark.read.schema(flights.CLEAN_SCHEMA).parquet(str(self.out)), "flight_id")

    def counts(self, follow: bool) -> Any:
        """Rows by reason."""
        if follow:
            return sorted((str(row[0]), row[1]) for row in self.events.groupBy("reason").count().collect())
        reasons = [row[0] for row in self.events.select("reason").distinct().collect()]
        return sorted((str(one), self.events.where(F.col("reason").eqNullSafe(one)).count()) for one in reasons)

    def side_by_side(self, follow: bool) -> Any:
        """Flights of a day by airport and by carrier."""
        works = [partial(self._figures, key) for key in ("origin", "carrier")]
        return side_by_side(*works) if follow else [work() for work in works]

    def _figures(self, key: str) -> Any:
        return checksum(self.good.groupBy("flight_date", key).count(), "flight_date", key, "count")


def checksum(rows: DataFrame, *columns: str) -> Any:
    """Rows and a sum of hashes over the columns."""
    hashed = F.xxhash64(*(F.col(name).cast("string") for name in columns)).cast("decimal(38, 0)")
    return tuple(rows.agg(F.count("*"), F.sum(hashed)).first() or ())


def main() -> None:
    """Each rule in turn, three pairs after a warm-up."""
    rows = scale(ROWS)
    with tempfile.TemporaryDirectory() as home:
        write_flights(Path(home, "raw"), rows)
        write_reference(Path(home, "raw"))
        with glue_context(Path(home)) as glue:
            bench = Bench(glue.spark_session, f"{home}/raw", Path(home, "out"))
            for claim in RULES:
                rule: Callable[[bool], Any] = getattr(bench, claim.name.partition(".")[2])
                measure(claim, partial(rule, True), partial(rule, False), pairs=5, rows=rows)
            shutil.rmtree(bench.out, ignore_errors=True)


if __name__ == "__main__":
    main()
