"""The sample's transform stages in a process of their own, against the same written naively in a plain one."""

from __future__ import annotations

from benchmarks.harness import Claim, measure, scale
from benchmarks.stages.measuring import sides

ROWS = 20_000  # the plain side takes some 14 s from its start, however few rows there are: more leave no room for pairs
CLAIM = Claim(
    "transforms_cold",
    "The sample's transform stages in a process of their own take half the time of the same written first",
    0.5,
    "a plain cold PySpark script: inferred schemas, default settings",
)


def main() -> None:
    """Five pairs, once a run has left the class-data archive where the set-up has not."""
    with sides(scale(ROWS)) as both:
        both.cold()
        measure(CLAIM, both.cold, both.naive, pairs=5, warm_up=0, rows=scale(ROWS), cpu_seconds=both.cpu_seconds)


if __name__ == "__main__":
    main()
