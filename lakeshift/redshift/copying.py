"""COPY: what to read, into which columns, atomically, with its errors in the load tables.

https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
"""

from __future__ import annotations

from typing import Final

from lakeshift.lake.folder import FolderLake
from lakeshift.redshift.catalog import Relation
from lakeshift.redshift.copy_columnar import ColumnarLoad
from lakeshift.redshift.copy_text import TextLoad
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.load_log import Load, LoadLog, now
from lakeshift.redshift.load_sources import load_files
from lakeshift.redshift.naming import Names
from lakeshift.redshift.statements import ColumnDef, Copy

__all__ = ["Copier"]


# Options that say who may load and what is loaded, not how.
_NOT_HOW: Final = frozenset({"IAM_ROLE", "CREDENTIALS", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"})
_FORMATS: Final = ("CSV", "JSON", "AVRO", "PARQUET", "ORC", "FIXEDWIDTH")


class Copier:
    """Runs COPY for one session."""

    def __init__(
        self, connection: Connection, log: Connection, names: Names, lake: FolderLake, database: str, pid: int = 0
    ) -> None:
        self._connection = connection
        self._names = names
        self._lake = lake
        self._log = LoadLog(log, database, pid)

    def run(self, statement: Copy, query: int) -> int:
        """Load; the rows loaded. Raises RedshiftError with nothing loaded when more rows fail than MAXERROR allows."""
        target = self._names.need(statement.table, table=True)
        columns = _target_columns(target, statement)
        columnar = "PARQUET" in statement.options or "ORC" in statement.options
        told = Load(query, target.name, statement.source, _format(statement), _how(statement), now())
        files = load_files(self._lake, statement.source, manifest="MANIFEST" in statement.options, columnar=columnar)
        load = (
            ColumnarLoad(self._connection, target, columns, statement)
            if columnar
            else TextLoad(self._connection, self._lake, target, columns, statement)
        )
        try:
            told.rows = load.run(files)
        except RedshiftError:
            self._log.errors(query, target.name, load.errors)
            self._log.failed(told, len(files), len(load.errors))
            raise
        self._log.errors(query, target.name, load.errors)
        self._log.finished(told, files, load.counts, len(load.errors))
        return told.rows


def _format(statement: Copy) -> str:
    return next((name.lower() for name in _FORMATS if name in statement.options), "text")


def _how(statement: Copy) -> str:
    """The options as they were given, COMPUPDATE and STATUPDATE among them; no key is in it."""
    kept = {name: value for name, value in statement.options.items() if name not in _NOT_HOW}
    return " ".join(name if value is True else f"{name} {value!r}" for name, value in kept.items())[:1024]


def _target_columns(target: Relation, statement: Copy) -> list[ColumnDef]:
    explicit = "EXPLICIT_IDS" in statement.options
    if not statement.columns:
        return [column for column in target.columns if column.identity is None or explicit]
    found: list[ColumnDef] = []
    for name in statement.columns:
        column = target.column(name)
        if column is None:
            raise RedshiftError(f'column "{name}" of relation "{target.name}" does not exist', "42703")
        if column in found:
            raise RedshiftError(f'column "{name}" specified more than once', "42701")
        if column.identity and not column.identity[2] and not explicit:
            raise RedshiftError(f'cannot set an identity column "{name}" to a value without EXPLICIT_IDS', "0A000")
        found.append(column)
    return found
