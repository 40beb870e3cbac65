"""Statements of the Data API with their results: kept in a file, so that they survive a restart."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from lakeshift.redshift import RedshiftError
from lakeshift.redshift.load_access import redacted

__all__ = ["FINAL_STATES", "Record", "Records"]

FINAL_STATES: Final = frozenset({"FINISHED", "FAILED", "ABORTED"})
_KEPT_SECONDS: Final = 24 * 3600
_TOKEN_SECONDS: Final = 8 * 3600
_DDL: Final = """
CREATE TABLE IF NOT EXISTS statements (id TEXT PRIMARY KEY, created REAL, token TEXT, record TEXT);
CREATE INDEX IF NOT EXISTS statements_by_token ON statements (token);
CREATE TABLE IF NOT EXISTS results (id TEXT PRIMARY KEY, columns TEXT, rows TEXT);
"""


@dataclass(slots=True)
class Record:
    """One statement, or one of a batch; times in seconds since 1970, ``duration`` in nanoseconds."""

    id: str
    target: dict[str, str]
    database: str
    user: str
    sql: str
    parent: str | None = None
    secret: str | None = None
    name: str | None = None
    parameters: list[dict[str, str]] = field(default_factory=list)
    status: str = "SUBMITTED"
    created: float = field(default_factory=time.time)
    updated: float = field(default_factory=time.time)
    duration: int = 0
    error: str | None = None
    has_result: bool = False
    result_rows: int = -1
    result_size: int = -1
    query_id: int = 0
    pid: int = 0
    format: str = "JSON"
    session: str | None = None
    with_event: bool = False
    token: str | None = None
    request: str = ""
    children: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    mode: str | None = None


class Records:
    """The file of statements. Thread-safe."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._base = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.executescript(_DDL)
        self._forget_unfinished()

    def _forget_unfinished(self) -> None:
        """What ran when the last server stopped did not finish: its transaction is gone."""
        for record in list(self.all()):
            if record.status not in FINAL_STATES:
                record.status, record.error = "ABORTED", "The local AWS was stopped while the statement ran."
                self.write(record)
        oldest = time.time() - _KEPT_SECONDS
        with self._lock:
            self._base.execute(
                "DELETE FROM results WHERE id IN (SELECT id FROM statements WHERE created < ?)", [oldest]
            )
            self._base.execute("DELETE FROM statements WHERE created < ?", [oldest])

    def write(self, record: Record) -> None:
        """Keep the record as it is now, its SQL without secrets, and wake those who wait for it."""
        record.updated = time.time()
        kept = asdict(record) | {"sql": redacted(record.sql), "texts": [redacted(text) for text in record.texts]}
        with self._changed:
            self._base.execute(
                "INSERT OR REPLACE INTO statements VALUES (?, ?, ?, ?)",
                [record.id, record.created, record.token, json.dumps(kept)],
            )
            self._changed.notify_all()

    def get(self, identifier: str) -> Record | None:
        """The record of that identifier."""
        with self._lock:
            return self._one("created > ? AND id = ?", time.time() - _KEPT_SECONDS, identifier)

    def by_token(self, token: str) -> Record | None:
        """The statement a client's token already stands for."""
        with self._lock:
            return self._one("created > ? AND token = ?", time.time() - _TOKEN_SECONDS, token)

    def _one(self, where: str, *values: object) -> Record | None:
        row = self._base.execute(f"SELECT record FROM statements WHERE {where}", values).fetchone()  # noqa: S608
        return Record(**json.loads(row[0])) if row else None

    def all(self) -> Iterator[Record]:
        """Every record, the newest first."""
        with self._lock:
            rows = self._base.execute("SELECT record FROM statements ORDER BY created DESC, rowid DESC").fetchall()
        for (text,) in rows:
            yield Record(**json.loads(text))

    def wait(self, identifier: str, seconds: float) -> None:
        """Return when the statement is over, or after ``seconds``."""
        end = time.monotonic() + seconds
        with self._changed:
            while (left := end - time.monotonic()) > 0:
                record = self._one("id = ?", identifier)
                if record is None or record.status in FINAL_STATES:
                    return
                self._changed.wait(left)

    def put_result(self, identifier: str, columns: list[dict[str, Any]], rows: list[list[Any]], most: int) -> int:
        """Keep a result; its size in bytes. Raises RedshiftError where it has more than ``most`` bytes."""
        text = json.dumps(rows)
        if len(text) > most:
            raise RedshiftError(
                f"The result of the query is larger than the {most // 1024 // 1024} MB the Data API returns. "
                "UNLOAD it to S3.",
                "54000",
            )
        with self._lock:
            self._base.execute(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?)", [identifier, json.dumps(columns), text]
            )
        return len(text)

    def result(self, identifier: str) -> tuple[list[dict[str, Any]], list[list[Any]]]:
        """Column metadata and rows of fields."""
        with self._lock:
            row = self._base.execute("SELECT columns, rows FROM results WHERE id = ?", [identifier]).fetchone()
        return (json.loads(row[0]), json.loads(row[1])) if row else ([], [])

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._base.close()
