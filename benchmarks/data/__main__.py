"""``python -m benchmarks.data ROWS FOLDER [--gzip] [--days 7] [--seed 2013]``: flight events, and what they join."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks.data.flights import write_flights
from benchmarks.data.others import write_reference, write_weather


def main() -> None:
    """Write, and print the truth as JSON with the speed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.data", description=__doc__)
    parser.add_argument("rows", type=int, help="lines of flight events")
    parser.add_argument("folder", type=Path, help="raw zone: <folder>/<source>/yyyy/mm/dd/")
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--seed", type=int, default=2013)
    parser.add_argument("--gzip", action="store_true")
    given = parser.parse_args()
    started = time.perf_counter()
    truth = write_flights(given.folder, given.rows, days=given.days, seed=given.seed, gzip=given.gzip)
    seconds = time.perf_counter() - started
    write_weather(given.folder, days=given.days)
    write_reference(given.folder)
    written = sum(path.stat().st_size for path in (given.folder / "flights").rglob("*.json*"))
    print(json.dumps({**asdict(truth), "bytes": written, "seconds": round(seconds, 2)}))


if __name__ == "__main__":
    main()
