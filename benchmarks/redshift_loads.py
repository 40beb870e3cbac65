"""What the claims about COPY share: a warehouse, a bucket on disk, and seeded rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from lakeshift.lake import FolderLake
from lakeshift.redshift import Session, Warehouse

__all__ = ["COLUMNS", "ROLE", "Loads", "answer_sql", "loads"]

ROLE = "IAM_ROLE 'arn:aws:iam::000000000000:role/benchmark'"
COLUMNS = (
    "id BIGINT, code VARCHAR(12), day DATE, seen TIMESTAMP, amount DECIMAL(12,2), share DOUBLE PRECISION, open BOOLEAN"
)
_ROWS = (
    "SELECT i AS id, 'c' || (i % 9973) AS code, DATE '2013-01-01' + CAST(i % 365 AS INTEGER) AS day, "
    "TIMESTAMP '2013-01-01' + to_seconds(i) AS seen, CAST((i % 100000) / 100 AS DECIMAL(12,2)) AS amount, "
    "CAST(i AS DOUBLE) / 7 AS share, i % 3 = 0 AS open FROM range({rows}) AS r(i)"
)


def answer_sql(table: str) -> str:
    """Rows and a checksum of them, as DuckDB, PostgreSQL and Redshift all read it."""
    return f"SELECT count(*), sum(id), sum(amount), count(DISTINCT code), max(seen) FROM {table}"


class Loads:
    """A warehouse with a table ``t``, and the same rows as Parquet and as delimited text in a bucket."""

    def __init__(self, home: Path, rows: int) -> None:
        (home / "s3" / "data").mkdir(parents=True)
        self.home = home
        self.parquet = home / "s3" / "data" / "rows.parquet"
        self.text = home / "s3" / "data" / "rows.txt"
        with duckdb.connect() as engine:
            engine.execute(f"COPY ({_ROWS.format(rows=rows)}) TO '{self.parquet}' (FORMAT parquet)")
            engine.execute(
                f"COPY (SELECT * FROM '{self.parquet}') TO '{self.text}' (FORMAT csv, DELIMITER '|', HEADER false)"
            )
        self.warehouse = Warehouse(home / "warehouse.duckdb", FolderLake(home / "s3"))
        self.session: Session = self.warehouse.session("dev")
        self.session.execute(f"CREATE TABLE t ({COLUMNS})")

    def copy(self, file: Path, options: str) -> None:
        """Empty the table and load the file into it."""
        self.session.execute("DROP TABLE t")
        self.session.execute(f"CREATE TABLE t ({COLUMNS})")
        self.session.execute(f"COPY t FROM 's3://data/{file.name}' {ROLE} {options}")

    def answer(self) -> tuple[str, ...]:
        """What the table holds."""
        return tuple(str(value) for value in self.session.execute(answer_sql("t")).rows[0])


@contextmanager
def loads(rows: int) -> Iterator[Loads]:
    """Everything in a folder that goes with it."""
    with tempfile.TemporaryDirectory() as folder:
        made = Loads(Path(folder), rows)
        try:
            yield made
        finally:
            made.session.close()
            made.warehouse.close()
