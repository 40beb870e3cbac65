"""Which relation a name in a statement means: search path, databases, temporary tables, system views."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from lakeshift.redshift.catalog import SYSTEM_SCHEMA, Catalog, Relation, quoted
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.statements import CreateRoutine, Name
from lakeshift.redshift.system_views import SYSTEM_VIEWS
from lakeshift.redshift.walking import Nodes

if TYPE_CHECKING:
    from lakeshift.redshift.external_tables import ExternalTables

__all__ = ["Names", "cte_names", "table_name"]

# Kinds that are rows of our catalog and nothing else.
_LASTING = ("TABLE", "VIEW")
_SYSTEM_SCHEMAS = ("pg_catalog", "information_schema")


def cte_names(seen: Nodes) -> frozenset[str]:
    """Names that the WITH clauses of a statement of these nodes define."""
    return frozenset(cte.alias for cte in seen.of(exp.CTE))


class Names:
    """Resolves names for one session."""

    def __init__(self, catalog: Catalog, search_path: Iterable[str]) -> None:
        self.catalog = catalog
        self._found: dict[Name, Relation | None] = {}
        self._lasting: dict[Name, Relation] = {}  # what the catalog alone said, under its version and the search path
        self._functions: dict[tuple[Name, int], CreateRoutine | None] = {}
        self._lasting_under: tuple[object, ...] | None = None
        self.search_path = tuple(search_path)
        self.find_function: Callable[[Name, int], CreateRoutine | None] = lambda _name, _count: None
        self.external: ExternalTables | None = None

    def remember(self, name: Name, relation: Relation) -> None:
        """Let a name mean a relation that is in no catalog, until :meth:`forget`."""
        self._found[name] = relation

    def split(self, name: Name) -> tuple[str | None, str | None, str]:
        """Database, schema and name of a dotted name."""
        padded = (None,) * (3 - len(name)) + tuple(name)
        return padded[0], padded[1], str(padded[2])

    def find(self, name: Name) -> Relation | None:
        """The relation the name means, None if there is none; remembered until :meth:`forget`."""
        if name not in self._found:
            found = self._lasting.get(name) or self._look_up(name)
            self._found[name] = found
            if found is not None and found.kind in _LASTING:
                self._lasting[name] = found
        return self._found[name]

    def function(self, name: Name, count: int) -> CreateRoutine | None:
        """The user's function of that name and number of arguments."""
        if (name, count) not in self._functions:
            self._functions[name, count] = self.find_function(name, count)
        return self._functions[name, count]

    def forget(self, version: int | None = None) -> None:
        """Another statement begins: what was found may have changed.

        What the catalog alone said lasts as long as the search path and ``version``, the catalog's from before the
        statement's snapshot, are what they were at the last call.
        """
        self._found.clear()
        under = None if version is None else (version, self.search_path)
        if under is None or under != self._lasting_under:
            self._lasting.clear()
            self._functions.clear()
        self._lasting_under = under

    def _look_up(self, name: Name) -> Relation | None:
        database, schema, plain = self.split(name)
        if schema is not None:
            found = self.catalog.find(schema, plain, database)
            return self.external.find(schema, plain) if found is None and self.external is not None else found
        found = self.catalog.find(None, plain)  # a temporary table hides one of the search path
        for candidate in self.search_path:
            if found is not None:
                break
            found = self.catalog.find(candidate, plain)
        return found

    def need(self, name: Name, *, table: bool = False) -> Relation:
        """The relation the name means; raises 42P01 as Redshift words it, 42809 where a ``table`` is needed."""
        found = self.find(name)
        if found is None:
            raise RedshiftError(f'relation "{".".join(name)}" does not exist', "42P01")
        if table and found.kind != "TABLE":
            raise RedshiftError(f'"{found.name}" is not a table', "42809")
        return found

    def schema_for_new(self, name: Name) -> str:
        """The schema a relation of that name is created in; raises 3F000 if it is not there."""
        database, schema, _ = self.split(name)
        if database is not None and database != self.catalog.database:
            raise RedshiftError("cross-database reference to database is not supported for this statement", "0A000")
        known = self.catalog.schemas()
        if schema is None:
            schema = next((candidate for candidate in self.search_path if candidate in known), None)
            if schema is None:
                raise RedshiftError("no schema has been selected to create in", "3F000")
        if schema not in known:
            raise RedshiftError(f'schema "{schema}" does not exist', "3F000")
        return schema

    def system_view(self, name: Name) -> str | None:
        """The engine's name of a system view, None if the name is not one."""
        _, schema, plain = self.split(name)
        if schema == "information_schema":
            plain = f"information_schema_{plain}"
        elif schema not in (None, "pg_catalog") or plain.startswith("information_schema_"):
            return None
        if plain in SYSTEM_VIEWS:
            return f"{SYSTEM_SCHEMA}.{quoted(plain)}"
        if schema in _SYSTEM_SCHEMAS:
            raise RedshiftError(f'relation "{".".join(name)}" does not exist', "42P01")
        return None


def table_name(table: Any) -> Name:
    """The dotted name of a table in a tree."""
    return tuple(part for part in (table.catalog, table.db, table.name) if part)
