"""Our own catalog of databases, schemas, relations and columns, in tables beside the data.

It lives in the same file and the same transactions as the data, so that a ROLLBACK undoes both. A temporary table
is a row with the session's identifier; rows of sessions that are gone are removed on opening.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from lakeshift.redshift.engine import Connection
from lakeshift.redshift.statements import ColumnDef
from lakeshift.redshift.types import SqlType

__all__ = ["CATALOG_DDL", "SYSTEM_SCHEMA", "Catalog", "Relation", "quoted"]

SYSTEM_SCHEMA: Final = "_lakeshift"
CATALOG_DDL: Final = """
CREATE SCHEMA IF NOT EXISTS _lakeshift;
CREATE SEQUENCE IF NOT EXISTS _lakeshift.ids START 100000;
CREATE TABLE IF NOT EXISTS _lakeshift.schemas (database VARCHAR, name VARCHAR, owner VARCHAR);
CREATE TABLE IF NOT EXISTS _lakeshift.relations (
    id BIGINT, database VARCHAR, schema VARCHAR, name VARCHAR, kind VARCHAR, owner VARCHAR, session VARCHAR,
    dist_style VARCHAR, dist_key VARCHAR, sort_style VARCHAR, definition VARCHAR, created TIMESTAMP,
    constraints VARCHAR[]);
CREATE TABLE IF NOT EXISTS _lakeshift.columns (
    relation BIGINT, position INTEGER, name VARCHAR, type VARCHAR, length INTEGER, precision INTEGER, scale INTEGER,
    not_null BOOLEAN, default_text VARCHAR, identity_seed BIGINT, identity_step BIGINT, identity_by_default BOOLEAN,
    encode VARCHAR, sort_position INTEGER, primary_key BOOLEAN);
CREATE TABLE IF NOT EXISTS _lakeshift.dependencies (relation BIGINT, needs BIGINT);
CREATE TABLE IF NOT EXISTS _lakeshift.stale (relation BIGINT);
CREATE TABLE IF NOT EXISTS _lakeshift.grants (
    database VARCHAR, verb VARCHAR, privilege VARCHAR, kind VARCHAR, object VARCHAR, grantee VARCHAR, grantor VARCHAR,
    granted TIMESTAMP);
CREATE TABLE IF NOT EXISTS _lakeshift.routines (
    database VARCHAR, schema VARCHAR, name VARCHAR, kind VARCHAR, arguments VARCHAR, returns VARCHAR, language VARCHAR,
    body VARCHAR, nonatomic BOOLEAN, owner VARCHAR, definition VARCHAR);
CREATE TABLE IF NOT EXISTS _lakeshift.comments (database VARCHAR, kind VARCHAR, object VARCHAR, description VARCHAR);
CREATE TABLE IF NOT EXISTS _lakeshift.query_log (
    query BIGINT, database VARCHAR, username VARCHAR, pid BIGINT, kind VARCHAR, text VARCHAR, starttime TIMESTAMP,
    endtime TIMESTAMP, state VARCHAR, rows BIGINT, error VARCHAR);
CREATE TABLE IF NOT EXISTS _lakeshift.load_errors (
    query BIGINT, database VARCHAR, tbl VARCHAR, starttime TIMESTAMP, filename VARCHAR, line_number BIGINT,
    colname VARCHAR, type VARCHAR, col_length VARCHAR, raw_line VARCHAR, raw_field_value VARCHAR, err_code INTEGER,
    err_reason VARCHAR);
CREATE TABLE IF NOT EXISTS _lakeshift.load_files (
    query BIGINT, database VARCHAR, tbl VARCHAR, filename VARCHAR, lines BIGINT, curtime TIMESTAMP, bytes BIGINT);
CREATE TABLE IF NOT EXISTS _lakeshift.loads (
    query BIGINT, database VARCHAR, tbl VARCHAR, status VARCHAR, loaded_rows BIGINT, error_count BIGINT,
    source VARCHAR, files INTEGER, bytes BIGINT, starttime TIMESTAMP, endtime TIMESTAMP);
CREATE TABLE IF NOT EXISTS _lakeshift.unloads (
    query BIGINT, database VARCHAR, path VARCHAR, lines BIGINT, bytes BIGINT, curtime TIMESTAMP);
DELETE FROM _lakeshift.columns WHERE relation IN (SELECT id FROM _lakeshift.relations WHERE session IS NOT NULL);
DELETE FROM _lakeshift.relations WHERE session IS NOT NULL;
"""
_COLUMNS: Final = (
    "name, type, length, precision, scale, not_null, default_text, identity_seed, identity_step, "
    "identity_by_default, encode, sort_position, primary_key"
)


_OF_COLUMN: Final = ", ".join(f"c.{name.strip()}" for name in _COLUMNS.split(","))


def quoted(name: str) -> str:
    """An identifier as the engine reads it, whatever characters it holds."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Relation:
    """A table (``TABLE``), a view (``VIEW``) or a late-binding view (``LATE``)."""

    id: int
    database: str
    schema: str
    name: str
    kind: str
    owner: str
    columns: tuple[ColumnDef, ...]
    temporary: bool = False
    dist_style: str | None = None
    dist_key: str | None = None
    sort_style: str | None = None
    sort_key: tuple[str, ...] = ()
    definition: str | None = None
    constraints: tuple[str, ...] = ()

    @property
    def physical(self) -> tuple[str, str]:
        """Schema and name in the engine; a temporary table's schema is empty."""
        # One schema of the engine a database and schema of ours: the engine's file is one catalog.
        return ("" if self.temporary else f"{self.database}.{self.schema}"), self.name

    @property
    def sql(self) -> str:
        """How the engine's SQL names it."""
        if self.temporary:
            return f"temp.main.{quoted(self.name)}"
        return f"{quoted(f'{self.database}.{self.schema}')}.{quoted(self.name)}"

    def column(self, name: str) -> ColumnDef | None:
        """The column of that name."""
        return next((column for column in self.columns if column.name == name), None)


class Catalog:
    """What one session sees and changes; every change is part of the session's transaction."""

    def __init__(self, connection: Connection, database: str, session: str) -> None:
        self._connection = connection
        self.database = database
        self._session = session
        self.made_temporary = False

    def schemas(self) -> list[str]:
        """Names of the database's schemas, sorted."""
        rows = self._connection.rows(
            "SELECT name FROM _lakeshift.schemas WHERE database = ? ORDER BY name", [self.database]
        )
        return [str(row[0]) for row in rows]

    def create_schema(self, name: str, owner: str) -> None:
        """Record a schema and make the engine's."""
        self._connection.run(f"CREATE SCHEMA {quoted(f'{self.database}.{name}')}")
        self._connection.run("INSERT INTO _lakeshift.schemas VALUES (?, ?, ?)", [self.database, name, owner])

    def drop_schema(self, name: str) -> None:
        """Forget an empty schema."""
        self._connection.run(f"DROP SCHEMA {quoted(f'{self.database}.{name}')}")
        self._connection.run("DELETE FROM _lakeshift.schemas WHERE database = ? AND name = ?", [self.database, name])

    def find(self, schema: str | None, name: str, database: str | None = None) -> Relation | None:
        """The relation; ``schema`` None finds only a temporary table."""
        if schema is None and not self.made_temporary:
            return None
        where = "name = ? AND database = ? AND session = ?"
        values: list[object] = [name, database or self.database, self._session]
        if schema is not None:
            where = "name = ? AND database = ? AND session IS NULL AND schema = ?"
            values = [name, database or self.database, schema]
        found = self._relations(where, values)
        return found[0] if found else None

    def relations(self, schema: str | None = None) -> list[Relation]:
        """All permanent relations of the database, or of one schema."""
        where = "session IS NULL AND database = ?" + (" AND schema = ?" if schema else "")
        return self._relations(where, [self.database, schema] if schema else [self.database])

    def dependents(self, relation: Relation) -> list[Relation]:
        """Views that cannot be without ``relation``."""
        return self._relations("id IN (SELECT relation FROM _lakeshift.dependencies WHERE needs = ?)", [relation.id])

    def add(self, relation: Relation, needs: tuple[int, ...] = ()) -> Relation:
        """Record a relation and return it with its identifier."""
        identifier = int(str(self._connection.rows("SELECT nextval('_lakeshift.ids')")[0][0]))
        self._connection.run(
            "INSERT INTO _lakeshift.relations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, now()::TIMESTAMP, ?)",
            [
                identifier, relation.database, relation.schema, relation.name, relation.kind, relation.owner,
                self._session if relation.temporary else None, relation.dist_style, relation.dist_key,
                relation.sort_style, relation.definition, list(relation.constraints),
            ],
        )  # fmt: skip
        self.made_temporary = self.made_temporary or relation.temporary
        added = replace(relation, id=identifier)
        self._write_columns(added)
        for needed in needs:
            self._connection.run("INSERT INTO _lakeshift.dependencies VALUES (?, ?)", [identifier, needed])
        return added

    def has_materialized(self) -> bool:
        """Whether the warehouse has a materialized view."""
        return bool(self._connection.rows("SELECT 1 FROM _lakeshift.relations WHERE kind = 'MATERIALIZED' LIMIT 1"))

    def outdate(self, relations: Collection[int]) -> None:
        """Their rows changed: the materialized views over them are stale."""
        # Only ever inserted, so that two who write different tables under one view do not meet.
        self._connection.run(
            "INSERT INTO _lakeshift.stale WITH RECURSIVE above AS (SELECT relation FROM _lakeshift.dependencies WHERE "
            "list_contains(?, needs) UNION SELECT d.relation FROM _lakeshift.dependencies d JOIN above a ON d.needs = "
            "a.relation) SELECT DISTINCT a.relation FROM above a JOIN _lakeshift.relations r ON r.id = a.relation "
            "WHERE r.kind = 'MATERIALIZED'",
            [list(relations)],
        )

    def refreshed(self, relation: Relation) -> None:
        """The materialized view is as new as its tables."""
        self._connection.run("DELETE FROM _lakeshift.stale WHERE relation = ?", [relation.id])

    def remove(self, relation: Relation) -> None:
        """Forget a relation."""
        for table in ("columns", "relations", "dependencies", "stale"):
            column = "id" if table == "relations" else "relation"
            self._connection.run(f"DELETE FROM _lakeshift.{table} WHERE {column} = ?", [relation.id])

    def change(self, relation: Relation) -> None:
        """Write the relation's new name, owner, layout and columns."""
        self._connection.run(
            "UPDATE _lakeshift.relations SET name = ?, owner = ?, dist_style = ?, dist_key = ?, sort_style = ?, "
            "constraints = ? WHERE id = ?",
            [
                relation.name, relation.owner, relation.dist_style, relation.dist_key, relation.sort_style,
                list(relation.constraints), relation.id,
            ],
        )  # fmt: skip
        self._connection.run("DELETE FROM _lakeshift.columns WHERE relation = ?", [relation.id])
        self._write_columns(relation)

    def _write_columns(self, relation: Relation) -> None:
        for position, column in enumerate(relation.columns, start=1):
            kind = column.type
            seed, step, by_default = column.identity or (None, None, None)
            sort = relation.sort_key.index(column.name) + 1 if column.name in relation.sort_key else 0
            self._connection.run(
                f"INSERT INTO _lakeshift.columns VALUES ({', '.join('???????????????')})",
                [
                    relation.id, position, column.name, kind.name, kind.length, kind.precision, kind.scale,
                    column.not_null, column.default, seed, step, by_default, column.encode, sort, column.primary_key,
                ],
            )  # fmt: skip

    def _relations(self, where: str, values: list[object]) -> list[Relation]:
        # One query for relations and their columns: every statement asks this of each of its tables.
        found = self._connection.rows(
            "SELECT r.id, r.database, r.schema, r.name, r.kind, r.owner, r.session IS NOT NULL, r.dist_style, "
            f"r.dist_key, r.sort_style, r.definition, r.constraints, {_OF_COLUMN} FROM (SELECT * FROM "
            f"_lakeshift.relations WHERE {where}) r LEFT JOIN _lakeshift.columns c ON c.relation = r.id "
            "ORDER BY r.schema, r.name, r.id, c.position",
            values,
        )
        return [self._relation([*rows]) for _, rows in itertools.groupby(found, key=lambda row: row[0])]

    @staticmethod
    def _relation(rows: list[tuple[object, ...]]) -> Relation:
        identifier, database, schema, name, kind, owner, temporary, style, key, sort_style, definition, rules = rows[0][
            :12
        ]
        columns = [row[12:] for row in rows if row[12] is not None]
        sorted_by = sorted((position, column) for column, *_, position, _key in columns if position)
        return Relation(
            int(str(identifier)), str(database), str(schema), str(name), str(kind), str(owner),
            tuple(_column(found, None if key is None else str(key)) for found in columns), bool(temporary),
            None if style is None else str(style), None if key is None else str(key),
            None if sort_style is None else str(sort_style), tuple(str(name) for _, name in sorted_by),
            None if definition is None else str(definition),
            tuple(rules) if isinstance(rules, list) else (),
        )  # fmt: skip


def _column(row: tuple[object, ...], dist_key: str | None) -> ColumnDef:
    name, kind, length, precision, scale, not_null, default, seed, step, by_default, encode, sort, primary = row
    identity = None if seed is None else (int(str(seed)), int(str(step)), bool(by_default))
    return ColumnDef(
        str(name),
        SqlType(str(kind), _whole(length), _whole(precision), _whole(scale)),
        bool(not_null),
        None if default is None else str(default),
        identity,
        None if encode is None else str(encode),
        name == dist_key,
        bool(sort),
        bool(primary),
    )


def _whole(value: object) -> int | None:
    return None if value is None else int(str(value))
