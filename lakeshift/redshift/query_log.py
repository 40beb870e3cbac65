"""What ran: numbers of statements, and rows of SYS_QUERY_HISTORY, written together rather than one by one."""

from __future__ import annotations

import threading
from typing import Any, Final

from lakeshift.redshift.engine import Connection

__all__ = ["QueryLog"]

# An INSERT of one row costs the engine as much as one of many.
_MOST_HELD: Final = 200


class QueryLog:
    """Shared by a warehouse's sessions. Thread-safe; rows are on disk after :meth:`flush`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._held: list[list[Any]] = []
        found = connection.rows(
            "SELECT greatest((SELECT max(query) FROM _lakeshift.query_log), (SELECT max(query) FROM _lakeshift.loads))"
        )
        self._last = int(found[0][0] or 0)

    def number(self) -> int:
        """The next statement's number."""
        with self._lock:
            self._last += 1
            return self._last

    def add(self, row: list[Any]) -> None:
        """Hold a row of the log."""
        with self._lock:
            self._held.append(row)
            if len(self._held) >= _MOST_HELD:
                self._write()

    def flush(self) -> None:
        """Write what is held."""
        with self._lock:
            self._write()

    def _write(self) -> None:
        held, self._held = self._held, []
        if held:
            # A list a column: the engine binds eleven values, not two thousand.
            columns = ", ".join(["unnest(?)"] * len(held[0]))
            values = [list(column) for column in zip(*held, strict=True)]
            self._connection.run(f"INSERT INTO _lakeshift.query_log SELECT {columns}", values)
