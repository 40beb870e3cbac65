"""Hold the sizes that keep modules readable: median, 90th percentile and longest, in lines."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

MEDIAN, P90, LONGEST = 120, 350, 600
PACKAGES = ("lakeshift", "common", "jobs", "ingest")


def main() -> int:
    """Print the sizes; 1 when one is over its limit."""
    root = Path(__file__).resolve().parent.parent
    sizes = {
        path.relative_to(root): len(path.read_text(encoding="utf-8").splitlines())
        for package in PACKAGES
        for path in (root / package).rglob("*.py")
    }
    counted = {path: lines for path, lines in sizes.items() if lines > 5}
    median = statistics.median(counted.values())
    p90 = statistics.quantiles(counted.values(), n=10)[-1]
    longest = max(counted.values())
    sys.stdout.write(f"{len(counted)} modules: median {median:.0f}, p90 {p90:.0f}, longest {longest}\n")
    over = [f"{path}: {lines} lines, {LONGEST} at most" for path, lines in counted.items() if lines > LONGEST]
    over += [f"median {median:.0f}, {MEDIAN} at most"] * (median > MEDIAN)
    over += [f"p90 {p90:.0f}, {P90} at most"] * (p90 > P90)
    sys.stdout.write("".join(f"too long: {text}\n" for text in over))
    return int(bool(over))


if __name__ == "__main__":
    sys.exit(main())
