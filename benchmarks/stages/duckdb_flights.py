"""The stage of the flights with DuckDB inside Spark's tasks: a Glue script. Arguments: those of ours.py."""

from __future__ import annotations

import sys
from pathlib import Path

from awsglue.utils import getResolvedOptions
from clock import Clock  # a script's folder is on its path
from pyspark import SparkContext

from common.duckdb_flights import FLIGHTS
from common.duckdb_tasks import run_tasks


def main() -> None:
    """Clean, and tell the audit."""
    clock = Clock()
    given = getResolvedOptions(sys.argv, ["raw", "out", "told"])
    raw, out = given["raw"], given["out"]
    context = SparkContext.getOrCreate()
    clock.started(context)
    files = {str(path): path.stat().st_size for path in Path(raw, "flights").rglob("*.json")}
    done = clock.stage(
        "flights", lambda: run_tasks(context, FLIGHTS, files, f"{out}/flights", f"{out}/quarantine", "run-1")
    )
    clock.told(given["told"], audit={"rows_in": done.lines, "duplicates": done.duplicates, **done.rejected})


if __name__ == "__main__":
    main()
