"""The physical floor: read and parse every line with the fastest parser here, and encode so many bytes of Parquet.

No cleaning, no comparing, no sorting: nothing that reads these lines and writes these columns can do less. One thread.
"""

from __future__ import annotations

import sys
from pathlib import Path

import orjson
import pyarrow.parquet as pq


def main() -> None:
    """``floor.py <raw> <out> <clean>``: ``clean`` has the stage's own output, whose columns are encoded again."""
    raw, out, clean = (Path(name) for name in sys.argv[1:4])
    parsed = 0
    for file in (raw / "flights").rglob("*.json"):
        for line in file.read_bytes().splitlines():
            try:
                orjson.loads(line)
                parsed += 1
            except orjson.JSONDecodeError:
                continue
    out.mkdir(parents=True)
    for number, file in enumerate(sorted(clean.rglob("*.parquet"))):
        pq.write_table(pq.ParquetFile(file).read(), out / f"{number}.parquet", compression="snappy")


if __name__ == "__main__":
    main()
