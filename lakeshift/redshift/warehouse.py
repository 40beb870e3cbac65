"""One warehouse: a cluster's databases in one file, and sessions on it."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

from lakeshift.lake.folder import FolderLake
from lakeshift.redshift.catalog import CATALOG_DDL, quoted
from lakeshift.redshift.engine import Connection, open_file
from lakeshift.redshift.external_port import TableCatalog
from lakeshift.redshift.external_views import EXTERNAL_DDL
from lakeshift.redshift.library import LIBRARY_DDL
from lakeshift.redshift.load_views import LOAD_DDL
from lakeshift.redshift.query_log import QueryLog
from lakeshift.redshift.session import Session
from lakeshift.redshift.system_views import SYSTEM_VIEWS_DDL

__all__ = ["Warehouse"]


class Warehouse:
    """A cluster's data and catalog in ``file``; COPY and UNLOAD see the objects of ``lake``. Safe to share by threads.

    ``glue`` is the table catalog behind external schemas.
    """

    def __init__(self, file: Path, lake: FolderLake, glue: TableCatalog | None = None) -> None:
        self.file = file
        self.lake = lake
        self.glue = glue
        self._lock = threading.Lock()
        self._pids = itertools.count(1073741824)
        self._root = open_file(file, lake.root)
        self._root.run(CATALOG_DDL)
        for statement in (*LOAD_DDL, *EXTERNAL_DDL, *LIBRARY_DDL, *SYSTEM_VIEWS_DDL):
            self._root.run(statement)
        self._queries = QueryLog(self.log())

    def session(self, database: str = "dev", user: str = "awsuser") -> Session:
        """A session of its own transaction and temporary tables; close it. Makes the database's first schema."""
        with self._lock:
            self._create_database(database, user)
            return Session(
                self._root.cursor(), self.log(), self._queries, self.lake, database, user, next(self._pids), self.glue
            )

    def log(self) -> Connection:
        """A connection outside of every session's transaction, for what must survive a rollback."""
        return self._root.cursor()

    def databases(self) -> list[str]:
        """Databases that were connected to, sorted."""
        with self._lock:
            rows = self._root.rows("SELECT DISTINCT database FROM _lakeshift.schemas ORDER BY 1")
        return [str(row[0]) for row in rows]

    def _create_database(self, database: str, user: str) -> None:
        known = self._root.rows("SELECT 1 FROM _lakeshift.schemas WHERE database = ? LIMIT 1", [database])
        if not known:
            self._root.run(f"CREATE SCHEMA IF NOT EXISTS {quoted(f'{database}.public')}")
            self._root.run("INSERT INTO _lakeshift.schemas VALUES (?, 'public', ?)", [database, user])

    def close(self) -> None:
        """Write everything to the file and let go of it."""
        self._queries.flush()
        self._root.run("CHECKPOINT")
        self._root.close()
