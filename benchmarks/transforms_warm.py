"""The sample's transform stages on a warm worker, against the same written naively in a plain cold PySpark process."""

from __future__ import annotations

from benchmarks.harness import Claim, measure, scale
from benchmarks.stages.measuring import sides

ROWS = 20_000  # the plain side takes some 14 s from its start, however few rows there are: more leave no room for pairs
CLAIM = Claim(
    "transforms_warm",
    "The sample's transform stages on a warm worker take a third of the time of the same as written first, run cold",
    0.333,
    "a plain cold PySpark script: inferred schemas, default settings",
)


def main() -> None:
    """Five pairs, once the worker has run the job twice, as in a pipeline that runs every day."""
    with sides(scale(ROWS)) as both:
        both.warm()
        both.warm()
        measure(CLAIM, both.warm, both.naive, pairs=5, warm_up=0, rows=scale(ROWS), cpu_seconds=both.cpu_seconds)


if __name__ == "__main__":
    main()
