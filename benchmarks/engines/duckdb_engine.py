"""DuckDB, two threads: the rules of common/duckdb_flights.py in one statement."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from common.duckdb_flights import FLIGHTS

_LINES = """SELECT record, '' AS source_file FROM read_csv('{raw}/flights/**/*.json', columns={{'record': 'VARCHAR'}},
    delim='\x01', quote='', escape='', header=false, auto_detect=false)"""


def main() -> None:
    """Run it."""
    raw, out = (Path(name) for name in sys.argv[1:3])
    with duckdb.connect() as engine:
        engine.execute("set threads = 2")
        engine.execute("set timezone = 'UTC'")
        lines = _LINES.format(raw=raw)
        columns = ", ".join(
            f"{name}::TIMESTAMP AS {name}" if name in ("event_time", "time_hour") else f'"{name}"'
            for name in FLIGHTS.columns
        )
        (out / "flights").mkdir(parents=True)
        engine.execute(
            f"""COPY (SELECT {columns} FROM (WITH lines AS ({lines}) SELECT * FROM ({FLIGHTS.rows}) WHERE reason IS NULL
                QUALIFY row_number() OVER (PARTITION BY flight_id ORDER BY event_time DESC, record) = 1))
            TO '{out}/flights' (FORMAT parquet, PARTITION_BY (flight_date, region), COMPRESSION gzip, OVERWRITE)"""  # noqa: S608
        )


if __name__ == "__main__":
    main()
