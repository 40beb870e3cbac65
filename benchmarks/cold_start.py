"""The start of a job run in a process of its own, to its first result."""

from __future__ import annotations

from benchmarks.harness import Claim, measure
from benchmarks.starts import runs

CLAIM = Claim(
    "cold_start",
    "A Glue job run in a process of its own has its first result in two fifths of the time of a plain PySpark script",
    0.4,
    "a plain cold PySpark script",
)


def main() -> None:
    """Five pairs after a warm-up, which leaves the class-data archive where the set-up has not."""
    with runs() as started:
        measure(CLAIM, started.cold, started.plain, before=started.settle)


if __name__ == "__main__":
    main()
