"""DuckDB underneath: one file a warehouse, one cursor a session, errors turned into Redshift's."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from lakeshift.redshift.errors import RedshiftError, from_engine
from lakeshift.redshift.scalars import install

__all__ = ["Connection", "open_file"]

_CANCELLED: Final = "Query cancelled on user's request"
_TRIES: Final = 50
_PAUSE_SECONDS: Final = 0.01


class Connection:
    """One cursor on the engine."""

    def __init__(self, raw: duckdb.DuckDBPyConnection) -> None:
        self.raw = raw
        self.calls = 0
        self.cancelled = False
        self.owes_begin = False
        self.on_late_begin: Callable[[], None] = lambda: None

    def begin(self, *, later: bool = False) -> None:
        """Begin a transaction, or with ``later`` when something runs: what runs as the ``last`` is one by itself."""
        self.owes_begin = later
        if not later:
            self.run("BEGIN")

    def commit(self) -> None:
        """Commit what :meth:`begin` began."""
        if self.owes_begin:
            self.owes_begin = False
        else:
            self.run("COMMIT")

    def _check(self, *, last: bool = False) -> None:
        self.calls += 1
        if self.cancelled:
            raise RedshiftError(_CANCELLED, "57014")
        if self.owes_begin and not last:
            self.owes_begin = False
            self.raw.execute("BEGIN")
            self.on_late_begin()

    def run(self, sql: str, values: Sequence[object] | None = None, *, last: bool = False) -> duckdb.DuckDBPyConnection:
        """Execute the engine's own SQL; raises RedshiftError."""
        self._check(last=last)
        try:
            return self.raw.execute(sql, values) if values is not None else self.raw.execute(sql)
        except duckdb.Error as error:
            raise from_engine(error) from error

    def rows(self, sql: str, values: Sequence[object] | None = None, *, last: bool = False) -> list[tuple[Any, ...]]:
        """Rows of a query in the engine's own SQL."""
        try:
            return self.run(sql, values, last=last).fetchall()
        except duckdb.Error as error:
            raise from_engine(error) from error

    def table(self, sql: str) -> pa.Table:
        """Rows of a query in bulk."""
        try:
            return self._relation(sql).to_arrow_table()
        except duckdb.Error as error:
            raise from_engine(error) from error

    def table_of(self, sql: str, *, last: bool = False) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
        """Name and engine's type of each column of a query, and its rows."""
        cursor = self.run(sql, last=last)
        described = [(str(name), str(kind)) for name, kind, *_ in cursor.description or ()]
        try:
            return described, cursor.fetchall()
        except duckdb.Error as error:
            raise from_engine(error) from error

    def shape(self, sql: str) -> list[tuple[str, str]]:
        """Name and engine's type of each column of a query, which is not run."""
        try:
            return _described(self._relation(sql))
        except duckdb.Error as error:
            raise from_engine(error) from error

    def _relation(self, sql: str) -> duckdb.DuckDBPyRelation:
        self._check()
        return self.raw.sql(sql)

    def count(self, sql: str, values: Sequence[object] | None = None) -> int:
        """Rows a statement of DML touched."""
        found = self.rows(sql, values)
        return int(found[0][0]) if found else 0

    def cursor(self) -> Connection:
        """Another cursor on the same file, with a transaction of its own."""
        made = Connection(self.raw.cursor())
        made.run("SET integer_division = true; SET TimeZone = 'UTC'")
        return made

    def interrupt(self) -> None:
        """Stop what runs, from another thread; what was about to begin does not."""
        self.cancelled = True
        call = self.calls
        for _ in range(_TRIES):
            self.raw.interrupt()
            # An interrupt that comes just before the engine begins is lost: say it again while the same call lasts.
            time.sleep(_PAUSE_SECONDS)
            if self.calls != call or not self.cancelled:
                return

    def close(self) -> None:
        """Give the cursor back; an open transaction is rolled back."""
        self.raw.close()


def _described(relation: duckdb.DuckDBPyRelation) -> list[tuple[str, str]]:
    return [(str(name), str(kind)) for name, kind, *_ in relation.description]


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
