"""The sessions that are open on a warehouse."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from lakeshift.lake.folder import FolderLake
from lakeshift.redshift.external_port import TableCatalog
from lakeshift.redshift.locks import Locks
from lakeshift.redshift.query_log import QueryLog

__all__ = ["Open", "Sessions", "Shared"]


class Open(Protocol):
    """What is known of an open session."""

    pid: int
    database: str
    user: str

    def interrupt(self) -> None:
        """Stop its statement."""

    def terminate(self) -> None:
        """Stop its statement and end it."""


class Sessions:
    """Shared by a warehouse's sessions, as their ``locks`` are. Thread-safe."""

    def __init__(self) -> None:
        self.locks = Locks()
        self.version = 0  # of the catalog: another number after each change, done or undone
        self._changing = 0
        self._lock = threading.Lock()
        self._open: dict[int, Open] = {}

    def add(self, session: Open) -> None:
        """It was opened."""
        with self._lock:
            self._open[session.pid] = session

    def remove(self, session: Open) -> None:
        """It was closed."""
        with self._lock:
            self._open.pop(session.pid, None)

    def catalog_changed(self) -> int:
        """What was found in the catalog before may be wrong now; the new version."""
        with self._lock:
            self.version += 1
            return self.version

    def change_begins(self) -> int:
        """A transaction begins to change the catalog, until :meth:`change_ends`; the new version."""
        with self._lock:
            self._changing += 1
            self.version += 1
            return self.version

    def change_ends(self) -> None:
        """It is committed or undone."""
        with self._lock:
            self._changing -= 1
            self.version += 1

    @property
    def quiet(self) -> bool:
        """Whether nobody changes the catalog: while it stays so, with the same version, it is what it was."""
        return not self._changing

    def find(self, pid: int) -> Open | None:
        """The session of that process id."""
        with self._lock:
            return self._open.get(pid)

    def count(self, database: str) -> int:
        """How many are open on the database."""
        return sum(one.database == database for one in self)

    def __iter__(self) -> Iterator[Open]:
        with self._lock:
            return iter(list(self._open.values()))


@dataclass(frozen=True, slots=True)
class Shared:
    """What the sessions of a warehouse share; ``glue`` is the table catalog behind external schemas."""

    queries: QueryLog
    lake: FolderLake
    sessions: Sessions
    glue: TableCatalog | None = None
