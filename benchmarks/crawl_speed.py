"""How long a crawl takes: 10,000 objects in 1,000 partitions, in process; the aim is half a second.

Run ``python benchmarks/crawl_speed.py [objects [partitions]]``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from lakeshift.crawler import CatalogTable, CrawlOptions, Target, crawl
from lakeshift.lake import FolderLake

_RECORDS = b'{"id": 1, "name": "a", "value": 1.5, "at": "2013-01-01T00:00:00Z"}\n' * 5


def fill(lake: FolderLake, objects: int, partitions: int) -> None:
    """Objects of a few hundred bytes, evenly over yyyy/mm/dd folders."""
    for part in range(partitions):
        folder = lake.root / "b" / "t" / f"{2000 + part // 336}" / f"{part // 28 % 12 + 1:02}" / f"{part % 28 + 1:02}"
        folder.mkdir(parents=True)
        for number in range(objects // partitions):
            (folder / f"{number:04}.json").write_bytes(_RECORDS)


def main(objects: int, partitions: int) -> None:
    """Print seconds of the listing alone, a first crawl, and a second one over the same catalog."""
    with tempfile.TemporaryDirectory() as home:
        lake = FolderLake(Path(home))
        fill(lake, objects, partitions)
        targets, options = [Target("s3://b/t/")], CrawlOptions(run_id="r")
        started = time.perf_counter()
        listed = sum(1 for _ in lake.list("b", "t/"))
        listing = time.perf_counter() - started
        started, busy = time.perf_counter(), time.process_time()
        plan = crawl(lake, targets, options, {})
        first, busy = time.perf_counter() - started, time.process_time() - busy
        held = {
            table.name: CatalogTable(table.input, {part.values: part.input for part in table.partitions})
            for table in plan.tables
        }
        started = time.perf_counter()
        again = crawl(lake, targets, options, held)
        second = time.perf_counter() - started
    assert plan.summary() == {"TABLE": {"ADD": 1}, "PARTITION": {"ADD": partitions}}
    assert again.summary() == {"TABLE": {}, "PARTITION": {}}
    print(f"{listed} objects in {partitions} partitions: listing {listing:.2f} s, crawl {first:.2f} s", end="")
    print(f" ({busy:.2f} s of CPU), again {second:.2f} s")


if __name__ == "__main__":
    main(*(int(word) for word in [*sys.argv[1:], *["10000", "1000"][len(sys.argv) - 1 :]]))
