"""A DynamicFrame of JSON, choices told apart, against ``spark.read.json``: both infer the schema, then read all."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from benchmarks.glue_session import glue_context
from benchmarks.harness import Claim, measure, scale
from lakeshift.glue_runtime.engine.companion import forget_found

CLAIM = Claim(
    name="json_read",
    statement="a DynamicFrame of JSON with choices: inference and read",
    target=0.7,
    peer="spark.read.json(path), inference and read",
)
RECORDS = 120_000


def write_records(folder: Path, number: int) -> int:
    """Events with a nested struct, an array of structs, absent keys, and two fields of more than one type; bytes."""
    pick = random.Random(7)  # noqa: S311 - data, not secrets
    path = folder / "events.json"
    with path.open("w", encoding="utf-8") as out:
        for i in range(number):
            record: dict[str, Any] = {
                "id": i,
                "carrier": pick.choice(("UA", "AA", "B6", "DL")),
                "flight": pick.randrange(1, 7000) if i % 10 else f"X{i}",
                "tail": f"N{pick.randrange(100, 99999)}",
                "at": f"2013-{i % 12 + 1:02}-{i % 28 + 1:02}T{i % 24:02}:00:00Z",
                "distance": pick.random() * 5000,
                "cancelled": i % 50 == 0,
                "origin": {"code": pick.choice(("JFK", "LGA", "EWR")), "lat": pick.random(), "alt": i % 90},
                "legs": [{"gate": f"G{j}", "wait": pick.random()} for j in range(i % 4)],
                "note": "delayed by weather, see the record of the day" if i % 3 else None,
            }
            if i % 7:
                record["delay"] = i % 400 if i % 20_000 else "unknown"
            out.write(json.dumps(record) + "\n")
    return path.stat().st_size


def answer(data: DataFrame, flight: Any, delay: Any) -> tuple[int, int]:
    """Rows, and a checksum over every leaf of every record."""
    leaves = [
        *[F.col(name).cast("long") for name in ("id", "origin.alt")],
        *[F.col(n) for n in ("carrier", "tail", "at", "distance", "cancelled", "note", "origin.code", "origin.lat")],
        *[F.col(name) for name in ("legs.gate", "legs.wait")],
        flight,
        delay,
    ]
    found = data.select(F.xxhash64(*leaves).alias("h")).agg(F.count("*"), F.bit_xor("h")).first()
    assert found is not None
    return int(found[0]), int(found[1])


def main() -> None:
    """Measure it."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "data"
        folder.mkdir()
        size = write_records(folder, scale(RECORDS))
        with glue_context(Path(home)) as glue:

            def ours() -> tuple[int, int]:
                forget_found()
                frame = glue.create_dynamic_frame.from_options("s3", {"paths": [str(folder)]}, "json")
                data = frame.toDF()
                both = [F.coalesce(F.col(f"{n}.int").cast("string"), F.col(f"{n}.string")) for n in ("flight", "delay")]
                return answer(data, *both)

            def peer() -> tuple[int, int]:
                data = glue.spark_session.read.json(str(folder))
                return answer(data, F.col("flight"), F.col("delay"))

            measure(CLAIM, ours, peer, records=scale(RECORDS), megabytes=size // 2**20)


if __name__ == "__main__":
    main()
