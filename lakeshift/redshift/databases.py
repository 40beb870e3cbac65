"""The databases of a warehouse: all in one file, each a set of the engine's schemas named ``<database>.<schema>``.

One file keeps a cluster's transaction, users and query log together, lets a query read another database's tables as
Redshift does, and makes CREATE DATABASE a row.
https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
"""

from __future__ import annotations

import re
from typing import Any, Final

from lakeshift.redshift.catalog import quoted
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError

__all__ = ["DATABASES_DDL", "Databases"]

DATABASES_DDL: Final = """
CREATE TABLE IF NOT EXISTS _lakeshift.databases (
    id BIGINT, name VARCHAR, owner VARCHAR, connection_limit VARCHAR, isolation VARCHAR);
"""
_TABLES: Final = ("schemas", "relations", "grants", "comments")
_NAME: Final = re.compile(r"[\w$@ .-]{1,127}")
_RESERVED: Final = frozenset({"template0", "template1", "padb_harvest", "sys:internal"})


class Databases:
    """Reads and changes them as ``connection`` sees them; its transaction is the caller's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def names(self) -> list[str]:
        """Names of the databases, sorted."""
        return [str(row[0]) for row in self._connection.rows("SELECT name FROM _lakeshift.databases ORDER BY name")]

    def exists(self, name: str) -> bool:
        """Whether there is one of that name."""
        return bool(self._connection.rows("SELECT 1 FROM _lakeshift.databases WHERE name = ?", [name]))

    def limit(self, name: str) -> int | None:
        """Connections it allows at once, None where there is no limit."""
        rows = self._connection.rows("SELECT connection_limit FROM _lakeshift.databases WHERE name = ?", [name])
        return int(rows[0][0]) if rows and str(rows[0][0]).isdigit() else None

    def isolation(self, name: str) -> str:
        """``SERIALIZABLE`` or ``SNAPSHOT``."""
        rows = self._connection.rows("SELECT isolation FROM _lakeshift.databases WHERE name = ?", [name])
        return str(rows[0][0]) if rows else "SERIALIZABLE"

    def create(self, name: str, owner: str, limit: str = "UNLIMITED", isolation: str = "SERIALIZABLE") -> None:
        """Make it with its schema public; raises 42P04 where it is there."""
        if not _NAME.fullmatch(name) or name in _RESERVED:
            raise RedshiftError(f'invalid database name "{name}"', "42602")
        if self.exists(name):
            raise RedshiftError(f'database "{name}" already exists', "42P04")
        self._connection.run(f"CREATE SCHEMA IF NOT EXISTS {quoted(f'{name}.public')}")
        self._connection.run("INSERT INTO _lakeshift.schemas VALUES (?, 'public', ?)", [name, owner])
        self._connection.run(
            "INSERT INTO _lakeshift.databases VALUES (nextval('_lakeshift.ids'), ?, ?, ?, ?)",
            [name, owner, limit, isolation],
        )

    def alter(self, name: str, options: dict[str, Any]) -> None:
        """Change owner, connection limit or isolation level."""
        self._need(name)
        for column in ("owner", "connection_limit", "isolation"):
            if column in options:
                self._connection.run(
                    f"UPDATE _lakeshift.databases SET {column} = ? WHERE name = ?", [options[column], name]
                )

    def drop(self, name: str) -> None:
        """Delete it with all it holds."""
        self._need(name)
        for (schema,) in self._connection.rows("SELECT name FROM _lakeshift.schemas WHERE database = ?", [name]):
            self._connection.run(f"DROP SCHEMA IF EXISTS {quoted(f'{name}.{schema}')} CASCADE")
        inside = "(SELECT id FROM _lakeshift.relations WHERE database = ?)"
        self._connection.run(f"DELETE FROM _lakeshift.dependencies WHERE relation IN {inside}", [name])
        self._connection.run(f"DELETE FROM _lakeshift.columns WHERE relation IN {inside}", [name])
        for table in _TABLES:
            self._connection.run(f"DELETE FROM _lakeshift.{table} WHERE database = ?", [name])
        self._connection.run("DELETE FROM _lakeshift.databases WHERE name = ?", [name])

    def _need(self, name: str) -> None:
        if not self.exists(name):
            raise RedshiftError(f'database "{name}" does not exist', "3D000")
