"""The clean stage on dirty input, every line accounted for, against the same stage that drops what is wrong."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

from awsglue.dynamicframe import DynamicFrame
from pyspark.sql import functions as F  # noqa: N812

from benchmarks.data.dirt import HARSH
from benchmarks.data.flights import Truth, write_flights
from benchmarks.harness import Claim, measure, scale
from benchmarks.stage_lake import StageLake, stage_lake
from common import clean_zone, duplicates, flights, formats
from common.job import GlueStage
from jobs import flights_clean

CLAIM = Claim(
    name="rows_accounted",
    statement="Dirty flight events are cleaned with every line accounted for and a reason for each quarantined one",
    target=1.05,
    peer="the same stage without counts and quarantine, which drops what is wrong",
    limits={"lines_not_accounted": 0, "half_or_lost_rows": 0, "wrong_reasons": 0},
)
LINES: Final = 800_000
_TABLE: Final = "flights"


def answer(lake: StageLake) -> tuple[int, int]:
    """Rows of the clean table and a checksum over all columns."""
    rows = lake.spark.read.schema(flights.CLEAN_SCHEMA).parquet(f"{lake.url('clean')}/{_TABLE}")
    found = rows.select(F.xxhash64(*flights.CLEAN_COLUMNS).alias("h")).agg(F.count("*"), F.bit_xor("h")).first()
    return int(found[0]), int(found[1])


def dropped() -> None:
    """The stage in one pass, and nothing is told: what is wrong is dropped, what is right is written."""
    stage = GlueStage.start("flights_clean")
    lines = flights_clean.extract(stage)
    if lines is None:
        raise FileNotFoundError(f"{stage.arguments.raw} has no lines of flights")
    events = flights.events_from_lines(lines)
    events = events.withColumn("_tie", F.xxhash64("record")).drop("record", "source_file")
    flagged = duplicates.flag_duplicates(events, "flight_id", "event_time", tie="_tie")
    # Not before: Spark would parse each line once for the filter and again for the columns, which takes twice as long.
    good = flagged.where("reason is null and not duplicate").select(*flights.CLEAN_COLUMNS)
    sink = stage.glue.getSink(
        connection_type="s3", path=f"{stage.arguments.clean}/{_TABLE}/", enableUpdateCatalog=True,
        updateBehavior="UPDATE_IN_DATABASE", partitionKeys=list(flights.PARTITION_KEYS),
    )  # fmt: skip
    sink.setFormat("glueparquet", compression=formats.COMPRESSION)
    sink.setCatalogInfo(catalogDatabase=clean_zone.DATABASE, catalogTableName=_TABLE)
    placed = formats.sized(good, 0, flights.PARTITION_KEYS, flights.ORDER)
    sink.writeFrame(DynamicFrame.fromDF(placed, stage.glue, "clean"))
    stage.finish()


def accounts(lake: StageLake, truth: Truth) -> dict[str, Any]:
    """The figures that are no ratio: lines without a fate, rows of half a line, reasons that are not the truth's."""
    audit = json.loads(lake.audit("flights_clean").read_text())
    quarantined = _quarantined(lake.zone("clean") / "quarantine")
    by_reason = Counter(str(record["reason"]) for record in quarantined)
    accounted = audit["rows_out"] + audit["duplicates"] + len(quarantined)
    wrong = (Counter(truth.rejected) - by_reason) + (by_reason - Counter(truth.rejected))
    return {
        "lines": truth.lines,
        "clean": audit["rows_out"],
        "duplicates": audit["duplicates"],
        "quarantined": len(quarantined),
        "reasons": len(by_reason),
        "accounted_percent": round(100 * accounted / truth.lines, 6),
        "lines_not_accounted": abs(truth.lines - accounted),
        "half_or_lost_rows": abs(answer(lake)[0] - truth.clean) + abs(audit["duplicates"] - truth.duplicates),
        "wrong_reasons": sum(wrong.values()),
    }


def _quarantined(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for file in folder.rglob("*.json") for line in file.read_text().splitlines()]


def main() -> None:
    """Measure it: processor seconds, since other work on the machine changes them least."""
    with stage_lake() as lake:
        truth = write_flights(lake.zone("raw"), scale(LINES), dirt=HARSH)
        lake.run("flights_clean")
        facts = accounts(lake, truth)

        def ours() -> tuple[int, int]:
            lake.clear("clean")
            lake.run("flights_clean")
            return answer(lake)

        def peer() -> tuple[int, int]:
            lake.clear("clean")
            lake.run("flights_clean", dropped)
            return answer(lake)

        measure(CLAIM, ours, peer, pairs=5, warm_up=1, unit="processor seconds", **facts)


if __name__ == "__main__":
    main()
