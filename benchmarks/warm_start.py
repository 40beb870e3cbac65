"""The start of a job run on a warm worker, to its first result."""

from __future__ import annotations

from benchmarks.harness import Claim, measure
from benchmarks.starts import runs

CLAIM = Claim(
    "warm_start",
    "A Glue job run on a warm worker has its first result in a twelfth of the time of a plain PySpark script",
    0.08,
    "a plain cold PySpark script",
)


def main() -> None:
    """Five pairs after two warm-ups: the worker has run a job before, as in any pipeline."""
    with runs() as started:
        measure(CLAIM, started.warm, started.plain, warm_up=2, before=started.settle)


if __name__ == "__main__":
    main()
