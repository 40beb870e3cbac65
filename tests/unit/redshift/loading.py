"""What tests of loading share: a database of its own and one empty bucket."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lakeshift.lake import FolderLake
from lakeshift.redshift import Session, Warehouse

__all__ = ["ROLE", "LoadBench", "open_warehouse"]

ROLE = "IAM_ROLE 'arn:aws:iam::000000000000:role/warehouse'"
_NUMBERS = itertools.count(1)


def open_warehouse(folder: Path) -> Warehouse:
    """A warehouse with the bucket ``data``; close it."""
    (folder / "buckets" / "data").mkdir(parents=True)
    return Warehouse(folder / "warehouse.duckdb", FolderLake(folder / "buckets"))


class LoadBench:
    """A database of its own in a shared warehouse, and one empty bucket, ``data``."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.lake = warehouse.lake
        self.database = f"load{next(_NUMBERS)}"
        self.session: Session = warehouse.session(self.database)
        for info in list(self.lake.list("data")):
            self.lake.delete("data", info.key)

    def run(self, sql: str) -> Any:
        return self.session.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.execute(sql).rows]

    def put(self, key: str, data: bytes | str) -> None:
        self.lake.put("data", key, data.encode() if isinstance(data, str) else data)

    def get(self, key: str) -> bytes:
        return self.lake.read("data", key)

    def objects(self) -> list[str]:
        return [info.key for info in self.lake.list("data")]

    def parquet(self, key: str, columns: dict[str, Any]) -> int:
        """Write a Parquet object; its size in bytes."""
        sink = io.BytesIO()
        pq.write_table(pa.table(columns), sink)
        self.put(key, sink.getvalue())
        return len(sink.getvalue())

    def manifest(self, key: str, *entries: dict[str, Any]) -> str:
        self.put(key, json.dumps({"entries": list(entries)}))
        return f"s3://data/{key}"

    def copy(self, table: str, source: str, options: str) -> Any:
        return self.run(f"COPY {table} FROM 's3://data/{source}' {ROLE} {options}")

    def errors(self) -> list[tuple[Any, ...]]:
        """(line, column, code) of every row of STL_LOAD_ERRORS."""
        return self.rows("SELECT line_number, colname, err_code FROM stl_load_errors ORDER BY 1, 2")
