"""One warehouse: a cluster's databases in one file, and sessions on it."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from pathlib import Path

from lakeshift.lake.folder import FolderLake
from lakeshift.redshift.catalog import CATALOG_DDL
from lakeshift.redshift.databases import DATABASES_DDL, Databases
from lakeshift.redshift.engine import Connection, open_file
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.external_port import TableCatalog
from lakeshift.redshift.external_views import EXTERNAL_DDL
from lakeshift.redshift.leader import LEADER_DDL
from lakeshift.redshift.library import LIBRARY_DDL
from lakeshift.redshift.load_views import LOAD_DDL
from lakeshift.redshift.query_log import QueryLog
from lakeshift.redshift.session import Session
from lakeshift.redshift.sessions import Sessions, Shared
from lakeshift.redshift.system_views import SYSTEM_VIEWS_DDL
from lakeshift.redshift.users import USERS_DDL, User, Users, md5_of

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
        for script in (CATALOG_DDL, USERS_DDL, DATABASES_DDL):
            self._root.run(script)
        self.sessions = Sessions()
        for statement in (*LOAD_DDL, *EXTERNAL_DDL, *LIBRARY_DDL, *SYSTEM_VIEWS_DDL, *LEADER_DDL):
            self._root.run(statement)
        self._queries = QueryLog(self.log())

    def session(self, database: str = "dev", user: str = "awsuser") -> Session:
        """A session of its own transaction and temporary tables; close it. Makes database and user if need be."""
        with self._lock:
            self._ensure(database, user)
        return self._session(database, user)

    def connect(self, database: str, user: str) -> Session:
        """As :meth:`session`, for somebody from outside: raises RedshiftError where database or user is not there."""
        with self._lock:
            users, databases = Users(self._root), Databases(self._root)
            found = users.find(user)
            if found is None:
                raise RedshiftError(f'user "{user}" does not exist', "28000")
            if not databases.exists(database):
                raise RedshiftError(f'database "{database}" does not exist', "3D000")
            limit = databases.limit(database)
            if limit is not None and not found.superuser and self.sessions.count(database) >= limit:
                raise RedshiftError(f'too many connections for database "{database}"', "53300")
        return self._session(database, user)

    def provision(self, database: str, user: str, password: str | None = None) -> None:
        """Make the cluster's first database and its administrator, whose password becomes ``password``."""
        with self._lock:
            self._ensure(database, user)
            users = Users(self._root)
            found = users.need(user)
            kept = md5_of(user, password) if password else found.password
            if kept != found.password or not found.superuser:
                users.change(replace(found, password=kept, superuser=True, createdb=True))

    def ensure_user(self, user: str) -> None:
        """Make a user without a password, as logging in by IAM does, unless it is there."""
        with self._lock:
            users = Users(self._root)
            if users.find(user) is None:
                users.add(User(0, user))

    def user(self, name: str) -> User | None:
        """The user of that name."""
        with self._lock:
            return Users(self._root).find(name)

    def password_is_right(self, user: str, password: str) -> bool:
        """Whether the user may log in with ``password``."""
        with self._lock:
            return Users(self._root).password_is_right(user, password)

    def _session(self, database: str, user: str) -> Session:
        with self._lock:
            shared = Shared(self._queries, self.lake, self.sessions, self.glue)
            return Session(self._root.cursor(), self.log(), shared, database, user, next(self._pids))

    def log(self) -> Connection:
        """A connection outside of every session's transaction, for what must survive a rollback."""
        return self._root.cursor()

    def databases(self) -> list[str]:
        """Names of the databases, sorted."""
        with self._lock:
            return Databases(self._root).names()

    def _ensure(self, database: str, user: str) -> None:
        users, databases = Users(self._root), Databases(self._root)
        if users.find(user) is None:
            users.add(User(0, user, superuser=True, createdb=True))
        if not databases.exists(database):
            databases.create(database, user)

    def close(self) -> None:
        """Write everything to the file and let go of it."""
        self._queries.flush()
        self._root.run("CHECKPOINT")
        self._root.close()
