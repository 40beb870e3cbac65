"""Rows and a checksum of a table, the same for a table of the warehouse and for Parquet files of equal rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb

from common import aggregates, enrichment, flights, weather
from common.reference import AIRLINES, AIRPORTS, PLANES, ReferenceTable
from lakeshift.cli.clients import LocalClients
from lakeshift.cli.sql import execute

__all__ = ["FILES", "WAREHOUSE", "of_files", "of_warehouse"]

Digest = tuple[int, int]
Schema = Mapping[str, str]


def _schema(text: str) -> Schema:
    return dict(part.split() for part in text.split(", "))


def _reference(table: ReferenceTable) -> Schema:
    return dict(table.hive_columns)


WAREHOUSE: Final[Mapping[str, tuple[str, Schema]]] = {  # the script's table, and what it is in the warehouse
    "flights_enriched": ("flights.fact_flights", _schema(enrichment.SCHEMA)),
    "weather": ("flights.fact_weather", _schema(weather.CLEAN_SCHEMA)),
    "planes": ("flights.dim_planes", _reference(PLANES)),
    "airports": ("flights.dim_airports", _reference(AIRPORTS)),
    "airlines": ("flights.dim_carriers", _reference(AIRLINES)),
}
FILES: Final[Mapping[str, tuple[str, Schema]]] = {  # the script's table, and where the pipeline has it in the lake
    "flights": ("clean/flights", _schema(flights.CLEAN_SCHEMA)),
    "flights_enriched": ("marts/flights_enriched", _schema(enrichment.SCHEMA)),
    "daily_airport": ("marts/daily_airport", _schema(aggregates.DAILY_AIRPORT)),
    "daily_carrier": ("marts/daily_carrier", _schema(aggregates.DAILY_CARRIER)),
}


def of_warehouse(clients: LocalClients, table: str, schema: Schema) -> Digest:
    """Of a table of the local Redshift."""
    number = "CAST(STRTOL(SUBSTRING(MD5(line), 1, 8), 16) AS BIGINT)"
    lines = f"(SELECT {_line(schema)} AS line FROM {table})"  # noqa: S608 - names of this module
    row = execute(clients, f"SELECT COUNT(*), SUM({number}) FROM {lines}").rows[0]  # noqa: S608 - as above
    return int(row[0]), int(row[1] or 0)


def of_files(folder: Path, schema: Schema) -> Digest:
    """Of a folder of Parquet files, in Hive folders or not."""
    number = "CAST('0x' || substring(md5(line), 1, 8) AS BIGINT)"
    files = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"
    columns = ", ".join(f"CAST({name} AS {_DUCKDB.get(kind, kind)}) AS {name}" for name, kind in schema.items())
    lines = f"(SELECT {_line(schema)} AS line FROM (SELECT {columns} FROM {files}))"  # noqa: S608 - names of this module
    query = f"SELECT count(*), sum({number}) FROM {lines}"  # noqa: S608 - as above
    with duckdb.connect() as connection:
        row = connection.execute(query).fetchone()
    return (int(row[0]), int(row[1] or 0)) if row else (0, 0)


_DUCKDB: Final = {"string": "varchar"}


def _line(schema: Schema) -> str:
    """All columns of a row as one text, written so that Redshift and DuckDB write the same."""
    return " || '|' || ".join(f"COALESCE({_text(name, kind)}, '~')" for name, kind in schema.items())


def _text(name: str, kind: str) -> str:
    if kind == "boolean":
        return f"CASE WHEN {name} THEN 't' WHEN NOT {name} THEN 'f' END"
    if kind == "double":
        return f"CAST(CAST(ROUND({name} * 1000) AS BIGINT) AS VARCHAR)"
    if kind == "timestamp":
        return f"CAST(CAST(EXTRACT(epoch FROM {name}) AS BIGINT) AS VARCHAR)"
    return f"CAST({name} AS VARCHAR)"
