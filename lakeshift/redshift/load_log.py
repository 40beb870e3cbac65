"""What loading leaves for STL_LOAD_ERRORS and its kin: outside of the transaction, so that a rollback keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from lakeshift.redshift.engine import Connection
from lakeshift.redshift.load_sources import LoadFile
from lakeshift.redshift.statements import ColumnDef

__all__ = ["LoadError", "LoadLog", "now"]


def now() -> datetime:
    """The present, in UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class LoadError:
    """One row of STL_LOAD_ERRORS."""

    filename: str
    line_number: int
    column: ColumnDef | None
    raw_line: str
    raw_value: str
    code: int
    reason: str


class LoadLog:
    """Writes the load tables."""

    def __init__(self, log: Connection, database: str) -> None:
        self._log = log
        self._database = database

    def errors(self, query: int, table: str, found: list[LoadError]) -> None:
        """Rows of STL_LOAD_ERRORS."""
        moment = now()
        for error in found:
            kind = error.column.type if error.column else None
            self._log.run(
                "INSERT INTO _lakeshift.load_errors VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    query,
                    self._database,
                    table,
                    moment,
                    error.filename,
                    error.line_number,
                    error.column.name if error.column else "",
                    kind.wire if kind else "",
                    str(kind.length if kind and kind.length is not None else 0),
                    error.raw_line[:1024],
                    error.raw_value[:1024],
                    error.code,
                    error.reason,
                ],
            )

    def finished(
        self, query: int, table: str, source: str, files: list[LoadFile], rows: int, errors: int, started: datetime
    ) -> None:
        """SYS_LOAD_HISTORY's row and STL_LOAD_COMMITS's rows of a load that went through."""
        ended = now()
        self._log.run(
            "INSERT INTO _lakeshift.loads VALUES (?, ?, ?, 'completed', ?, ?, ?, ?, ?, ?, ?)",
            [
                query,
                self._database,
                table,
                rows,
                errors,
                source,
                len(files),
                sum(f.size for f in files),
                started,
                ended,
            ],
        )
        for file in files:
            self._log.run(
                "INSERT INTO _lakeshift.load_files VALUES (?, ?, ?, ?, ?, ?, ?)",
                [query, self._database, table, file.url, rows if len(files) == 1 else None, ended, file.size],
            )

    def failed(self, query: int, table: str, source: str, files: int, errors: int, started: datetime) -> None:
        """SYS_LOAD_HISTORY's row of a load that did not."""
        self._log.run(
            "INSERT INTO _lakeshift.loads VALUES (?, ?, ?, 'aborted', 0, ?, ?, ?, 0, ?, ?)",
            [query, self._database, table, errors, source, files, started, now()],
        )
