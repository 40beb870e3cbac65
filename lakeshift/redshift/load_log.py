"""What loading leaves for STL_LOAD_ERRORS and its kin: outside of the transaction, so that a rollback keeps it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lakeshift.redshift.engine import Connection
from lakeshift.redshift.load_sources import LoadFile
from lakeshift.redshift.statements import ColumnDef

__all__ = ["Load", "LoadError", "LoadLog", "now", "shown"]

_LONGEST_REASON: Final = 256


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


@dataclass(slots=True)
class Load:
    """One COPY: its statement's number, table, source, format, the options it was given, and what came of it."""

    query: int
    table: str
    source: str
    format: str
    options: str
    started: datetime
    rows: int = 0


def shown(text: str) -> str:
    """A text of the data as the load tables show it: cut, and with a mark of ours as the mark of a lost character."""
    return re.sub("[\U000f0080-\U000f0105]", "\ufffd", text)[:1024]


class LoadLog:
    """Writes the load tables."""

    def __init__(self, log: Connection, database: str, pid: int = 0) -> None:
        self._log = log
        self._database = database
        self._pid = pid

    def errors(self, query: int, table: str, found: list[LoadError]) -> None:
        """Rows of STL_LOAD_ERRORS."""
        moment = now()
        for error in found:
            kind = error.column.type if error.column else None
            self._log.run(
                "INSERT INTO _lakeshift.load_errors VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
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
                    shown(error.raw_line),
                    shown(error.raw_value),
                    error.code,
                    error.reason[:100] if len(error.reason) > _LONGEST_REASON else error.reason,
                    self._pid,
                ],
            )

    def finished(self, load: Load, files: list[LoadFile], counts: dict[str, int], errors: int) -> None:
        """SYS_LOAD_HISTORY's row and STL_LOAD_COMMITS's rows of a load; ``counts`` are rows by url."""
        ended = now()
        size = sum(file.size for file in files)
        self._write(load, "completed", load.rows, errors, len(files), size, ended)
        for file in files:
            # A columnar load is one scan: its rows are told as a whole only.
            lines = counts.get(file.url, load.rows if len(files) == 1 else None)
            self._log.run(
                "INSERT INTO _lakeshift.load_files VALUES (?, ?, ?, ?, ?, ?, ?)",
                [load.query, self._database, load.table, file.url, lines, ended, file.size],
            )

    def failed(self, load: Load, files: int, errors: int) -> None:
        """SYS_LOAD_HISTORY's row of a load that did not."""
        self._write(load, "aborted", 0, errors, files, 0, now())

    def _write(self, load: Load, status: str, rows: int, errors: int, files: int, size: int, ended: datetime) -> None:
        self._log.run(
            "INSERT INTO _lakeshift.loads VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                load.query, self._database, load.table, status, rows, errors, load.source, files, size, load.started,
                ended, load.format, self._pid, load.options,
            ],
        )  # fmt: skip
