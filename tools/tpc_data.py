"""Make TPC-H and TPC-DS data; run by the scratch environment of tools/tpc.py, which has the generators."""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb


def main() -> None:
    """``<folder>/<tpch|tpcds>/<table>.{parquet,tbl}`` at the scale factor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("scale", type=float)
    parser.add_argument("extensions", nargs=2, type=Path, help="tpch.duckdb_extension tpcds.duckdb_extension")
    arguments = parser.parse_args()
    for kind, file in zip(("tpch", "tpcds"), arguments.extensions, strict=True):
        folder = arguments.folder / kind
        folder.mkdir(parents=True, exist_ok=True)
        engine = duckdb.connect()
        engine.execute(f"LOAD '{file}'")
        engine.execute(f"CALL {'dbgen' if kind == 'tpch' else 'dsdgen'}(sf = {arguments.scale})")
        for (table,) in engine.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            engine.execute(f"COPY {table} TO '{folder}/{table}.parquet' (FORMAT parquet)")
            engine.execute(
                f"COPY {table} TO '{folder}/{table}.tbl' (FORMAT csv, DELIMITER '|', HEADER false, QUOTE '')"
            )


if __name__ == "__main__":
    main()
