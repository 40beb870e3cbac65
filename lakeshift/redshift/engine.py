"""DuckDB underneath: one file a warehouse, one cursor a session, errors turned into Redshift's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from lakeshift.redshift.errors import from_engine
from lakeshift.redshift.scalars import install

__all__ = ["Connection", "open_file"]


class Connection:
    """One cursor on the engine."""

    def __init__(self, raw: duckdb.DuckDBPyConnection) -> None:
        self.raw = raw

    def run(self, sql: str, values: Sequence[object] | None = None) -> duckdb.DuckDBPyConnection:
        """Execute the engine's own SQL; raises RedshiftError."""
        try:
            return self.raw.execute(sql, values) if values is not None else self.raw.execute(sql)
        except duckdb.Error as error:
            raise from_engine(error) from error

    def rows(self, sql: str, values: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
        """Rows of a query in the engine's own SQL."""
        try:
            return self.run(sql, values).fetchall()
        except duckdb.Error as error:
            raise from_engine(error) from error

    @staticmethod
    def fetched(cursor: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        """The rows of what ran; an error found on the way becomes Redshift's."""
        try:
            return cursor.fetchall()
        except duckdb.Error as error:
            raise from_engine(error) from error

    def count(self, sql: str, values: Sequence[object] | None = None) -> int:
        """Rows a statement of DML touched."""
        found = self.rows(sql, values)
        return int(found[0][0]) if found else 0

    def cursor(self) -> Connection:
        """Another cursor on the same file, with a transaction of its own."""
        made = Connection(self.raw.cursor())
        made.run("SET integer_division = true; SET TimeZone = 'UTC'")
        return made

    def close(self) -> None:
        """Give the cursor back; an open transaction is rolled back."""
        self.raw.close()


def open_file(file: Path, readable: Path) -> Connection:
    """Open or make the file; the engine itself may read and write nothing but it and files under ``readable``."""
    file.parent.mkdir(parents=True, exist_ok=True)
    raw = duckdb.connect(str(file), config={"python_enable_replacements": False, "autoinstall_known_extensions": False})
    opened = Connection(raw)
    opened.run("SET integer_division = true")
    opened.run("SET TimeZone = 'UTC'")
    install(raw)
    opened.run(f"SET allowed_directories = [{_literal(str(readable) + '/')}]")
    opened.run("SET enable_external_access = false")
    return opened


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
