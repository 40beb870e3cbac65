"""CREATE, ALTER and DROP: the engine's relation and our catalog's rows, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.catalog import Catalog, Relation, quoted
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.naming import Names
from lakeshift.redshift.privileges import Identity, Privileges
from lakeshift.redshift.rewriting import Rewriter, Rewritten
from lakeshift.redshift.statements import (
    AlterTable,
    Attributes,
    ColumnDef,
    CreateMaterializedView,
    CreateSchema,
    CreateTable,
    CreateView,
    Drop,
    Name,
)
from lakeshift.redshift.types import MAX_VARCHAR, SqlType, from_engine_type, refuse_interval

__all__ = ["Ddl"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html"
_SYSTEM: Final = frozenset({"information_schema", "pg_catalog", "pg_internal"})
_MOST_COLUMNS: Final = 1600
_KINDS: Final = {"TABLE": "TABLE", "VIEW": "VIEW", "LATE": "VIEW", "MATERIALIZED": "MATERIALIZED VIEW"}


class Ddl:
    """Changes the catalog for one session."""

    def __init__(self, connection: Connection, catalog: Catalog, names: Names, rewriter: Rewriter, user: str) -> None:
        self._connection = connection
        self._catalog = catalog
        self._names = names
        self._rewriter = rewriter
        self._user = user
        self.privileges = Privileges(connection, catalog.database, Identity(user))

    def _own(self, relation: Relation) -> Relation:
        self.privileges.owner(relation)
        return relation

    def create_schema(self, statement: CreateSchema) -> None:
        """CREATE SCHEMA."""
        if statement.name.startswith("pg_") or statement.name in _SYSTEM:
            raise RedshiftError(
                f'unacceptable schema name "{statement.name}"', "42939", 'The prefix "pg_" is reserved.'
            )
        if statement.name in self._catalog.schemas():
            if statement.if_not_exists:
                return
            raise RedshiftError(f'Schema "{statement.name}" already exists', "42P06")
        self._catalog.create_schema(statement.name, statement.owner or self._user)

    def create_table(self, statement: CreateTable) -> int:
        """CREATE TABLE; the rows of one made AS a query, else -1."""
        schema = "" if statement.temporary else self._names.schema_for_new(statement.name)
        if schema:
            self.privileges.schema(schema, "CREATE")
        if self._catalog.find(None if statement.temporary else schema, statement.name[-1]) is not None:
            if statement.if_not_exists:
                return -1
            raise RedshiftError(f'Relation "{statement.name[-1]}" already exists', "42P07")
        if statement.query is not None:
            return self._create_as(statement, schema)
        columns, attributes = statement.columns, statement.attributes
        if statement.like is not None:
            columns, attributes = self._like(statement)
        self._check_columns(columns)
        keys = statement.primary_key
        columns = tuple(
            replace(column, not_null=True, primary_key=True) if column.name in keys else column for column in columns
        )
        relation = self._relation(statement, schema, columns, attributes)
        definitions = ", ".join(self._definition(relation, column) for column in columns)
        kind = "TEMP TABLE" if statement.temporary else "TABLE"
        self._connection.run(f"CREATE {kind} {relation.sql} ({definitions})")
        self._catalog.add(relation)
        return -1

    def _like(self, statement: CreateTable) -> tuple[tuple[ColumnDef, ...], Attributes]:
        parent = self._names.need(statement.like or ())
        columns = tuple(
            replace(
                column, default=column.default if statement.like_defaults else None, primary_key=False, identity=None
            )
            for column in parent.columns
        )
        return columns, Attributes(parent.dist_style, parent.dist_key, parent.sort_style, parent.sort_key)

    @staticmethod
    def _check_columns(columns: tuple[ColumnDef, ...]) -> None:
        if len(columns) > _MOST_COLUMNS:
            raise RedshiftError("target lists can have at most 1600 entries", "54011")
        seen: set[str] = set()
        for column in columns:
            if column.name in seen:
                raise RedshiftError(f'column "{column.name}" duplicated', "42701")
            seen.add(column.name)

    def _relation(
        self, statement: CreateTable, schema: str, columns: tuple[ColumnDef, ...], attributes: Attributes
    ) -> Relation:
        names = {column.name for column in columns}
        for kind, keys in (
            ("distkey", (attributes.dist_key,) if attributes.dist_key else ()),
            ("sortkey", attributes.sort_key),
        ):
            for key in keys:
                if key not in names:
                    raise RedshiftError(f'{kind} column "{key}" not found', "42703")
        return Relation(
            0, self._catalog.database, schema, statement.name[-1], "TABLE", self._user, columns, statement.temporary,
            attributes.dist_style, attributes.dist_key, attributes.sort_style, attributes.sort_key, None,
            statement.constraints,
        )  # fmt: skip

    def _definition(self, relation: Relation, column: ColumnDef) -> str:
        text = f"{quoted(column.name)} {column.type.engine}"
        if column.identity:
            seed, step, _ = column.identity
            sequence = (
                f"_lakeshift.{quoted(f'identity.{relation.database}.{relation.schema}.{relation.name}.{column.name}')}"
            )
            # A sequence that counts down ends at -1 unless it is told otherwise.
            limits = "MINVALUE -9223372036854775808 MAXVALUE 9223372036854775807"
            self._connection.run(
                f"CREATE OR REPLACE SEQUENCE {sequence} INCREMENT BY {step} {limits} START WITH {seed}"
            )
            text += f" DEFAULT nextval('{sequence.replace(chr(39), chr(39) * 2)}')"
        elif column.default is not None:
            text += f" DEFAULT {self._rewriter.expression(column.default)}"
        return text + (" NOT NULL" if column.not_null else "")

    def _create_as(self, statement: CreateTable, schema: str) -> int:
        rewritten = self._rewriter.query(statement.query or "")
        columns = self.described(rewritten)
        if statement.query_columns:
            if len(statement.query_columns) != len(columns):
                raise RedshiftError("CREATE TABLE AS specifies too many column names", "42601")
            pairs = zip(columns, statement.query_columns, strict=True)
            columns = tuple(replace(column, name=name) for column, name in pairs)
        self._check_columns(columns)
        if any(column.type.name == "interval" for column in columns):
            refuse_interval()
        relation = self._relation(statement, schema, columns, statement.attributes)
        kind = "TEMP TABLE" if statement.temporary else "TABLE"
        names = ", ".join(quoted(column.name) for column in columns)
        casts = ", ".join(f"CAST({quoted(c.name)} AS {c.type.engine}) AS {quoted(c.name)}" for c in columns)
        count = self._connection.count(
            f"CREATE {kind} {relation.sql} AS SELECT {casts} FROM ({rewritten.sql}) AS ls_source({names})"
        )
        self._catalog.add(relation)
        if not count:
            count = int(self._connection.rows(f"SELECT count(*) FROM {relation.sql}")[0][0])
        return count

    def create_materialized(self, statement: CreateMaterializedView) -> None:
        """CREATE MATERIALIZED VIEW: a table of the query's rows, which only REFRESH changes."""
        table = statement.table
        schema = self._names.schema_for_new(table.name)
        if self._catalog.find(schema, table.name[-1]) is not None:
            raise RedshiftError(f'Relation "{table.name[-1]}" already exists', "42P07")
        needs = tuple(self._rewriter.query(table.query or "").relations)
        self._create_as(table, schema)
        made = self._catalog.find(schema, table.name[-1])
        if made is not None:
            self._catalog.remove(made)
            rules = (*made.constraints, "auto refresh") if statement.auto_refresh else made.constraints
            self._catalog.add(replace(made, kind="MATERIALIZED", definition=table.query, constraints=rules), needs)

    def refresh(self, name: Name) -> str:
        """REFRESH MATERIALIZED VIEW, from scratch; the notice that says so."""
        relation = self._names.need(name)
        if relation.kind != "MATERIALIZED":
            raise RedshiftError(f'"{relation.name}" is not a materialized view', "42809")
        rewritten = self._rewriter.query(relation.definition or "")
        names = ", ".join(quoted(column.name) for column in relation.columns)
        casts = ", ".join(f"CAST({quoted(c.name)} AS {c.type.engine})" for c in relation.columns)
        self._connection.count(f"DELETE FROM {relation.sql}")
        self._connection.count(
            f"INSERT INTO {relation.sql} SELECT {casts} FROM ({rewritten.sql}) AS ls_source({names})"
        )
        self._catalog.refreshed(relation)
        return f"Materialized view {relation.name} was recomputed from scratch."

    def described(self, rewritten: Rewritten) -> tuple[ColumnDef, ...]:
        """A rewritten query's columns: the engine's types, made exact by ours where we know more."""
        described = self._connection.rows(f"DESCRIBE {rewritten.sql}")
        known = rewritten.known([str(name) for name, *_ in described])
        columns = []
        for (name, engine, *_), ours in zip(described, known, strict=True):
            kind = from_engine_type(str(engine))
            if ours is not None and ours.is_text == kind.is_text:
                kind = ours
            if kind.name == "unknown":
                kind = SqlType("character varying", length=1)
            if kind.is_text and kind.length is None:
                kind = SqlType(kind.name, length=MAX_VARCHAR)
            columns.append(ColumnDef(str(name), kind))
        return tuple(columns)

    def create_view(self, statement: CreateView) -> None:
        """CREATE VIEW; an ordinary one is bound now, a late-binding one when it is queried."""
        schema = self._names.schema_for_new(statement.name)
        self.privileges.schema(schema, "CREATE")
        old = self._catalog.find(schema, statement.name[-1])
        if old is not None:
            if not statement.replace:
                raise RedshiftError(f'Relation "{old.name}" already exists', "42P07")
            if old.kind == "TABLE":
                raise RedshiftError(f'"{old.name}" is not a view', "42809")
            self._drop_one(old)
        relation = Relation(
            0, self._catalog.database, schema, statement.name[-1], "LATE" if statement.late_binding else "VIEW",
            self._user, (), definition=statement.query,
        )  # fmt: skip
        if statement.late_binding:
            self._catalog.add(relation)
            return
        rewritten = self._rewriter.query(statement.query)
        external = next((one for one in rewritten.relations.values() if one.kind == "EXTERNAL"), None)
        if external is not None:
            raise RedshiftError(
                f'A view over the external table "{external.schema}.{external.name}" needs WITH NO SCHEMA BINDING',
                "0A000",
            )
        columns = self.described(rewritten)
        names = ""
        if statement.columns:
            columns = tuple(replace(c, name=name) for c, name in zip(columns, statement.columns, strict=False))
            names = f"({', '.join(quoted(column.name) for column in columns)})"
        self._check_columns(columns)
        self._connection.run(f"CREATE VIEW {relation.sql}{names} AS {rewritten.sql}")
        self._catalog.add(replace(relation, columns=columns), tuple(rewritten.relations))

    def drop(self, statement: Drop) -> None:
        """DROP SCHEMA, TABLE or VIEW."""
        for name in statement.names:
            if statement.kind == "SCHEMA":
                self._drop_schema(name[-1], statement)
                continue
            relation = self._names.find(name)
            if relation is None:
                if statement.if_exists:
                    continue
                kind = statement.kind.capitalize()
                raise RedshiftError(f'{kind} "{".".join(name)}" does not exist', "42P01")
            if _KINDS[relation.kind] != statement.kind:
                raise RedshiftError(f'"{relation.name}" is not a {statement.kind.lower()}', "42809")
            self._drop_tree(self._own(relation), cascade=statement.cascade)

    def _drop_schema(self, name: str, statement: Drop) -> None:
        if name not in self._catalog.schemas():
            if statement.if_exists:
                return
            raise RedshiftError(f'schema "{name}" does not exist', "3F000")
        inside = self._catalog.relations(name)
        if inside and not statement.cascade:
            raise RedshiftError(
                f"cannot drop schema {name} because other objects depend on it",
                "2BP01",
                hint="Use DROP ... CASCADE to drop the dependent objects too.",
            )
        # Views first; one may be gone already with the view it reads.
        for relation in sorted(inside, key=lambda item: item.kind == "TABLE"):
            if self._catalog.find(relation.schema, relation.name) is not None:
                self._drop_tree(relation, cascade=True)
        self._catalog.drop_schema(name)

    def _drop_tree(self, relation: Relation, *, cascade: bool) -> None:
        dependents = self._catalog.dependents(relation)
        if dependents and not cascade:
            kind = "table" if relation.kind == "TABLE" else "view"
            raise RedshiftError(
                f"cannot drop {kind} {relation.name} because other objects depend on it",
                "2BP01",
                hint="Use DROP ... CASCADE to drop the dependent objects too.",
            )
        for dependent in dependents:
            self._drop_tree(dependent, cascade=True)
        self._drop_one(relation)

    def _drop_one(self, relation: Relation) -> None:
        if relation.kind != "LATE":
            self._connection.run(f"DROP {'VIEW' if relation.kind == 'VIEW' else 'TABLE'} {relation.sql}")
        self._catalog.remove(relation)

    def alter(self, statement: AlterTable) -> None:
        """ALTER TABLE."""
        relation = self._own(self._names.need(statement.name))
        if statement.action == "owner":
            self._catalog.change(replace(relation, owner=str(statement.to)))
            return
        if relation.kind != "TABLE" and statement.action != "rename":
            raise RedshiftError(f'"{relation.name}" is not a table', "42809")
        self._ACTIONS[statement.action](self, relation, statement)

    def _add_column(self, relation: Relation, statement: AlterTable) -> None:
        column = statement.definition
        if column is None:
            return
        if relation.column(column.name) is not None:
            raise RedshiftError(f'column "{column.name}" of relation "{relation.name}" already exists', "42701")
        if column.identity:
            raise RedshiftError("Identity column cannot be added by ALTER TABLE", "0A000")
        if column.not_null and column.default in (None, "NULL"):
            raise RedshiftError(
                "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression", "0A000"
            )
        # The engine adds no column with a constraint: the rule is set once the default has filled the rows.
        plain = self._definition(relation, replace(column, not_null=False))
        self._alter_engine(relation, f"ADD COLUMN {plain}")
        if column.not_null:
            self._alter_engine(relation, f"ALTER COLUMN {quoted(column.name)} SET NOT NULL")
        self._catalog.change(replace(relation, columns=(*relation.columns, column)))

    def _drop_column(self, relation: Relation, statement: AlterTable) -> None:
        name = self._need_column(relation, statement.column)
        if name == relation.dist_key or name in relation.sort_key:
            raise RedshiftError("cannot drop distkey or sortkey column", "0A000")
        if self._catalog.dependents(relation):
            raise RedshiftError(
                f"cannot drop table {relation.name} column {name} because other objects depend on it", "2BP01"
            )
        self._alter_engine(relation, f"DROP COLUMN {quoted(name)}")
        self._catalog.change(replace(relation, columns=tuple(c for c in relation.columns if c.name != name)))

    def _rename_column(self, relation: Relation, statement: AlterTable) -> None:
        name, to = self._need_column(relation, statement.column), str(statement.to)
        if relation.column(to) is not None:
            raise RedshiftError(f'column "{to}" of relation "{relation.name}" already exists', "42701")
        self._refuse_dependents(relation, "Renaming a column that a view reads")
        self._alter_engine(relation, f"RENAME COLUMN {quoted(name)} TO {quoted(to)}")
        columns = tuple(replace(c, name=to) if c.name == name else c for c in relation.columns)
        sort_key = tuple(to if key == name else key for key in relation.sort_key)
        dist_key = to if relation.dist_key == name else relation.dist_key
        self._catalog.change(replace(relation, columns=columns, sort_key=sort_key, dist_key=dist_key))

    def _rename(self, relation: Relation, statement: AlterTable) -> None:
        to = str(statement.to)
        if self._catalog.find(relation.schema, to) is not None:
            raise RedshiftError(f'Relation "{to}" already exists', "42P07")
        self._refuse_dependents(relation, "Renaming a relation that a view reads")
        if relation.kind != "LATE":
            self._connection.run(f"ALTER {relation.kind} {relation.sql} RENAME TO {quoted(to)}")
        self._catalog.change(replace(relation, name=to))

    def _type(self, relation: Relation, statement: AlterTable) -> None:
        name = self._need_column(relation, statement.column)
        column = relation.column(name)
        kind = statement.type
        if column is None or kind is None:
            return
        if column.type.name != "character varying" or kind.name != "character varying":
            raise RedshiftError(f"cannot alter type of column {name}: only the length of a VARCHAR can change", "0A000")
        longest = self._connection.rows(f"SELECT max(strlen({quoted(name)})) FROM {relation.sql}")[0][0]
        if longest is not None and int(longest) > (kind.length or 0):
            raise RedshiftError(
                f"cannot alter type of column {name}: a value is longer than {kind.length} bytes", "0A000"
            )
        self._change_column(relation, replace(column, type=kind))

    def _encode(self, relation: Relation, statement: AlterTable) -> None:
        column = relation.column(self._need_column(relation, statement.column))
        if column is not None:
            self._change_column(relation, replace(column, encode=statement.to))

    def _dist(self, relation: Relation, statement: AlterTable) -> None:
        key = self._need_column(relation, statement.keys[0]) if statement.keys else None
        if statement.to == "KEY" and key is None:
            raise RedshiftError("DISTSTYLE KEY requires a DISTKEY column", "42601")
        self._catalog.change(replace(relation, dist_style=statement.to, dist_key=key))

    def _sort(self, relation: Relation, statement: AlterTable) -> None:
        for key in statement.keys:
            self._need_column(relation, key)
        self._catalog.change(replace(relation, sort_style=statement.to, sort_key=statement.keys))

    def _append(self, relation: Relation, statement: AlterTable) -> None:
        """ALTER TABLE APPEND: the source's rows move; columns of one name must be of one type."""
        source = self._names.need(tuple(str(statement.to).split(".")), table=True)
        ours = {column.name: column for column in relation.columns}
        theirs = {column.name: column for column in source.columns}
        extra, missing = [n for n in theirs if n not in ours], [n for n in ours if n not in theirs]
        if (extra and "ignoreextra" not in statement.keys) or (missing and "filltarget" not in statement.keys):
            raise RedshiftError("Columns of the source table do not match those of the target table", "42P16")
        shared = [name for name in ours if name in theirs]
        for name in shared:
            if ours[name].type != theirs[name].type:
                raise RedshiftError(f'data type of column "{name}" differs between the two tables', "42804")
        names = ", ".join(map(quoted, shared))
        self._connection.count(f"INSERT INTO {relation.sql} ({names}) SELECT {names} FROM {source.sql}")
        self._connection.count(f"DELETE FROM {source.sql}")

    def _add_constraint(self, relation: Relation, statement: AlterTable) -> None:
        for key in statement.keys:
            self._need_column(relation, key)
        columns = tuple(replace(c, primary_key=True) if c.name in statement.keys else c for c in relation.columns)
        rules = (*relation.constraints, str(statement.to))
        self._catalog.change(replace(relation, columns=columns, constraints=rules))

    def _drop_constraint(self, relation: Relation, statement: AlterTable) -> None:
        name = str(statement.column)
        rules = tuple(rule for rule in relation.constraints if name not in rule.lower().split())
        if len(rules) == len(relation.constraints):
            raise RedshiftError(f'constraint "{name}" of relation "{relation.name}" does not exist', "42704")
        self._catalog.change(replace(relation, constraints=rules))

    def _change_column(self, relation: Relation, column: ColumnDef) -> None:
        columns = tuple(column if old.name == column.name else old for old in relation.columns)
        self._catalog.change(replace(relation, columns=columns))

    def _alter_engine(self, relation: Relation, action: str) -> None:
        self._connection.run(f"ALTER TABLE {relation.sql} {action}")

    def _refuse_dependents(self, relation: Relation, feature: str) -> None:
        if self._catalog.dependents(relation):
            raise NotSupportedLocallyError(feature, "Drop the view first and make it again.", _PAGE)

    @staticmethod
    def _need_column(relation: Relation, name: str | None) -> str:
        if name is None or relation.column(name) is None:
            raise RedshiftError(f'column "{name}" of relation "{relation.name}" does not exist', "42703")
        return name

    def truncate(self, name: Name) -> None:
        """Empty a table."""
        self._connection.run(f"DELETE FROM {self._own(self._names.need(name, table=True)).sql}")

    _ACTIONS: Final = {
        "append": _append,
        "add column": _add_column,
        "drop column": _drop_column,
        "rename column": _rename_column,
        "rename": _rename,
        "type": _type,
        "encode": _encode,
        "dist": _dist,
        "sort": _sort,
        "add constraint": _add_constraint,
        "drop constraint": _drop_constraint,
    }
