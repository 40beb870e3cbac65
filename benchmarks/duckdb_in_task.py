"""The stage of the flights with DuckDB inside Spark's tasks, cold, against the same stage written naively."""

from __future__ import annotations

from benchmarks.harness import Claim, measure, scale
from benchmarks.stages.measuring import sides

ROWS = 600_000  # 206 MB of two weeks: of less, most of our side would be the starts of Python and Java
CLAIM = Claim(
    "duckdb_in_task",
    "Cleaning the flights with DuckDB inside Spark's tasks takes, cold, a quarter of the time of the stage as written "
    "first",
    0.25,
    "a plain cold PySpark script: inferred schema, default settings",
)


def main() -> None:
    """Five pairs, once a run has left the class-data archive where the set-up has not."""
    with sides(scale(ROWS), only="flights", days=14) as both:
        both.duckdb()
        measure(CLAIM, both.duckdb, both.naive, pairs=5, warm_up=0, rows=scale(ROWS), cpu_seconds=both.cpu_seconds)


if __name__ == "__main__":
    main()
