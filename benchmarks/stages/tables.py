"""What the stages wrote, as an answer: rows and a checksum a table, read by neither side's engine."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from common import aggregates, enrichment, flights, weather

__all__ = ["TABLES", "Answer", "answer"]

TABLES: Final = {
    "flights": flights.CLEAN_SCHEMA,
    "weather": weather.CLEAN_SCHEMA,
    "enriched": enrichment.SCHEMA,
    "daily_airport": aggregates.DAILY_AIRPORT,
    "daily_carrier": aggregates.DAILY_CARRIER,
}
_TYPES: Final = {"string": "VARCHAR", "timestamp": "TIMESTAMP"}

Answer = dict[str, tuple[int, int]]


def answer(out: Path, names: tuple[str, ...] = tuple(TABLES)) -> Answer:
    """Rows and the sum of the rows' hashes of each table below ``out``, over all columns of its schema."""
    with duckdb.connect() as engine:
        engine.execute("set timezone = 'UTC'")
        return {name: _sum(engine, out / name, TABLES[name]) for name in names}


def _sum(engine: duckdb.DuckDBPyConnection, folder: Path, schema: str) -> tuple[int, int]:
    columns = [part.split() for part in schema.split(", ")]
    cells = ", ".join(f"{name}::{_TYPES.get(kind, kind)}" for name, kind in columns)
    found = engine.execute(
        f"select count(*), sum(hash({cells})::hugeint) from read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"  # noqa: S608, E501
    ).fetchone()
    assert found is not None
    return int(found[0]), int(found[1])
