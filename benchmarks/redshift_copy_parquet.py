"""COPY of Parquet from the local S3 beside DuckDB that reads the same file from disk into a table."""

from __future__ import annotations

import duckdb

from benchmarks.harness import Claim, measure
from benchmarks.redshift_loads import answer_sql, loads

CLAIM = Claim(
    "redshift_copy_parquet",
    "COPY of a Parquet object of 3 million rows takes at most 1.5 times DuckDB's own load of the file",
    1.5,
    f"DuckDB {duckdb.__version__}: INSERT INTO t SELECT * FROM read_parquet, into a file",
)
_ROWS = 3_000_000
_PEER = (
    "CREATE OR REPLACE TABLE t (id BIGINT, code VARCHAR, day DATE, seen TIMESTAMP, amount DECIMAL(12,2), share DOUBLE, "
    "open BOOLEAN)"
)


def main() -> None:
    """Five pairs."""
    with loads(_ROWS) as made, duckdb.connect(str(made.home / "peer.duckdb")) as engine:

        def ours() -> tuple[str, ...]:
            made.copy(made.parquet, "FORMAT AS PARQUET")
            return made.answer()

        def peer() -> tuple[str, ...]:
            engine.execute(_PEER)
            engine.execute(f"INSERT INTO t SELECT * FROM read_parquet('{made.parquet}')")
            return tuple(str(value) for value in engine.execute(answer_sql("t")).fetchall()[0])

        measure(CLAIM, ours, peer)


if __name__ == "__main__":
    main()
