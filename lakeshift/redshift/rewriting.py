"""From a Redshift tree to the engine's SQL: names to relations, functions to ours, arithmetic by Redshift's rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from sqlglot import expressions as exp

from lakeshift.redshift.calls import rewrite_call, rewrite_wrapper
from lakeshift.redshift.catalog import Relation
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.external_nested import reach_into_externals
from lakeshift.redshift.functions import LEADER_ONLY
from lakeshift.redshift.naming import Names, cte_names, table_name
from lakeshift.redshift.navigation import navigate
from lakeshift.redshift.node_rules import RULES, cast
from lakeshift.redshift.reading import Navigate, parse_query, render
from lakeshift.redshift.routines import inline_functions
from lakeshift.redshift.select_forms import normalize
from lakeshift.redshift.statements import Name
from lakeshift.redshift.types import SqlType
from lakeshift.redshift.typing_rules import annotate, kind_of, note_kind, output_columns, type_of_cast
from lakeshift.redshift.walking import Nodes, nodes

__all__ = ["Rewriter", "Rewritten", "render"]

_LEADER_ERROR: Final = (
    "One or more of the used functions must be applied on at least one user created tables. Examples of user table "
    "only functions are LISTAGG, MEDIAN, PERCENTILE_CONT, etc"
)

_ENGINE_WORDS: Final = frozenset(
    {
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "localtime",
        "localtimestamp",
        "session_user",
        "user",
    }
)


@dataclass(slots=True)
class Rewritten:
    """A tree ready to run, the types of its result where they can be told, and the relations it reads.

    ``names`` are those the statement itself has in FROM, its WITH clauses' apart.
    """

    tree: Any
    columns: list[tuple[str, SqlType | None]] = field(default_factory=list)
    relations: dict[int, Relation] = field(default_factory=dict)
    names: frozenset[Name] = frozenset()

    @property
    def sql(self) -> str:
        """The engine's SQL."""
        # Written when asked for: a caller may still change the tree.
        return render(self.tree)

    def last_sql(self) -> str:
        """The engine's SQL, faster, from a tree that is of no use afterwards."""
        return render(self.tree, copy=False)

    def known(self, names: list[str]) -> list[SqlType | None]:
        """The type told for each of the result's ``names``; two columns of one name are told apart by position."""
        if [name for name, _ in self.columns] == names:
            return [kind for _, kind in self.columns]
        # Stars are left out of ``columns``: then only a name that stands once says anything.
        told = dict(self.columns)
        return [told.get(name) if names.count(name) == 1 else None for name in names]


class Rewriter:
    """Rewrites statements for one session."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.read: set[int] = set()  # numbers of the relations that the transaction read
        # Raises where the session's user may not do that with the relation.
        self.authorize: Callable[[Relation, str], None] = lambda _relation, _privilege: None

    def query(self, sql: str) -> Rewritten:
        """Parse and rewrite a query."""
        return self.tree(parse_query(sql))

    def over(self, tree: Any, name: str, relation: Relation) -> str:
        """The engine's SQL of a query over a relation that is in no catalog."""
        self._names.remember((name,), relation)
        return self.tree(tree).sql

    def expression(self, sql: str) -> str:
        """Rewrite a scalar expression, such as a column's default."""
        found = self.tree(parse_query(f"SELECT {sql}"))
        item = found.tree.expressions[0]
        return render(item.this if isinstance(item, exp.Alias) else item)

    def tree(self, tree: Any) -> Rewritten:
        """Rewrite a folded tree in place."""
        seen = Nodes(tree)
        local = cte_names(seen)
        names = frozenset(table_name(one) for one in seen.of(exp.Table) if one.db or one.name not in local)
        seen = inline_functions(tree, seen, self._names.function)
        tree, seen = normalize(tree, seen, self._column_names)
        found = Rewritten(tree, names=names)
        seen = self._inline_late_views(tree, seen, found, depth=0)
        seen = reach_into_externals(tree, seen, self._names, cte_names(seen))
        if _unwrap_system_calls(seen):
            seen = Nodes(tree)
        seen = navigate(tree, seen)
        tables = self._resolve(seen, found)
        annotate(tree, seen, lambda table: tables.get(id(table)))
        _refuse_engine_words(seen)
        if isinstance(tree, exp.Query):
            _name_columns(seen)
            found.columns = output_columns(tree)
        used = {node.name.lower() for node in seen.of(exp.Anonymous)}
        if used & LEADER_ONLY and not found.relations:
            raise RedshiftError(_LEADER_ERROR, "0A000")
        # Leaves first: a call is written from arguments that are the engine's already.
        for node in reversed(nodes(tree)):
            rule = _rule(node.__class__)
            if rule is not None:
                rule(node)
        self.read.update(found.relations)
        return found

    def _column_names(self, table: Any) -> list[str] | None:
        relation = self._names.find(table_name(table))
        return None if relation is None else [column.name for column in relation.columns]

    def _inline_late_views(self, tree: Any, seen: Nodes, found: Rewritten, depth: int) -> Nodes:
        if depth > 32:
            raise RedshiftError("infinite recursion detected in a late-binding view", "42P17")
        local, inlined = cte_names(seen), False
        for table in seen.of(exp.Table):
            if not table.db and table.name in local:
                continue
            view = self._names.find(table_name(table))
            if view is None or view.kind != "LATE":
                continue
            if "granted" not in table.meta:
                self.authorize(view, "SELECT")
            inner, inlined = parse_query(view.definition or ""), True
            below = Nodes(inner)
            for read in below.of(exp.Table):
                read.meta["granted"] = True  # who may read the view may read it whole
            below = self._inline_late_views(inner, below, found, depth + 1)
            if isinstance(inner, exp.Query):
                _name_columns(below)
            alias = exp.TableAlias(this=exp.to_identifier(table.alias_or_name, quoted=True))
            table.replace(exp.Subquery(this=inner, alias=alias))
        return Nodes(tree) if inlined else seen

    def _resolve(self, seen: Nodes, found: Rewritten) -> dict[int, dict[str, SqlType]]:
        local = cte_names(seen)
        columns: dict[int, dict[str, SqlType]] = {}
        for column in seen.of(exp.Column):
            if "db" in column.args:
                column.set("db", None)
                column.set("catalog", None)
        for table in seen.of(exp.Table):
            if isinstance(table.this, exp.Var) and str(table.this.this).startswith("LATERAL ("):
                continue
            if (not table.db and table.name in local) or not isinstance(table.this, exp.Identifier):
                self._refuse_function(table)
                continue
            relation = self._point(table)
            if relation is not None:
                if "granted" not in table.meta:
                    self.authorize(relation, _privilege(table))
                found.relations[relation.id] = relation
                columns[id(table)] = {column.name: column.type for column in relation.columns}
        return columns

    @staticmethod
    def _refuse_function(table: Any) -> None:
        if isinstance(table.this, exp.Identifier):
            return
        name = table.this.name.lower() if table.this else ""
        raise RedshiftError(f"function {name}() does not exist", "42883")

    def _point(self, table: Any) -> Relation | None:
        """Make the table name what lies in the engine; None for a system view."""
        name = table_name(table)
        relation = self._names.find(name)
        alias = table.alias_or_name
        parts: tuple[str | None, str, str]
        if relation is None:
            view = self._names.system_view(name)
            if view is None:
                raise RedshiftError(f'relation "{".".join(name)}" does not exist', "42P01")
            schema, plain = view.split(".", 1)
            parts = (None, schema, plain.strip('"'))
        elif relation.kind == "EXTERNAL" and self._names.external is not None:
            parts = ("temp", "main", self._names.external.view(relation, table, self))
        else:
            schema, plain = relation.physical
            parts = ("temp", "main", plain) if relation.temporary else (None, schema, plain)
        for key, part in zip(("catalog", "db", "this"), parts, strict=True):
            table.set(key, exp.to_identifier(part, quoted=True) if part else None)
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        return relation


def _privilege(table: Any) -> str:
    """What the statement does with the table."""
    for kind, privilege in ((exp.Update, "UPDATE"), (exp.Delete, "DELETE")):
        if isinstance(table.parent, kind) and table.arg_key == "this":
            return privilege
    return "SELECT"


def _refuse_engine_words(seen: Nodes) -> None:
    """The engine answers some names that are no column, its own role and clock among them; Redshift does not."""
    for column in seen.of(exp.Column):
        if column.name in _ENGINE_WORDS and not column.table and kind_of(column) is None:
            raise RedshiftError(f'column "{column.name}" does not exist', "42703")


def _name_columns(seen: Nodes) -> None:
    """Give every result column the name Redshift gives it."""
    for select in seen.of(exp.Select):
        select.set("expressions", [_named(item) for item in select.expressions])


def _named(item: Any) -> Any:
    if isinstance(item, exp.Alias | exp.Column) or item.is_star:
        return item
    alias = exp.Alias(this=item, alias=exp.to_identifier(_column_name(item), quoted=True))
    if (kind := kind_of(item)) is not None:
        note_kind(alias, kind)
    return alias


def _column_name(item: Any) -> str:
    while isinstance(item, exp.Paren | exp.Window | exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls):
        item = item.this
    if isinstance(item, exp.Cast):
        inner = _column_name(item.this) if not isinstance(item.this, exp.Column) else str(item.this.name)
        return type_of_cast(item).wire if inner == "?column?" else inner
    if isinstance(item, exp.Column):
        return str(item.name)
    if isinstance(item, Navigate):
        names = [str(step.this) for step in item.expressions if isinstance(step, exp.Literal) and step.is_string]
        return names[-1] if names else _column_name(item.this)
    if isinstance(item, exp.Anonymous):
        name = str(item.name).lower()
        return _FUNCTION_NAMES.get(name, name)
    named = {
        exp.Case: "case",
        exp.Extract: "date_part",
        exp.Trim: "btrim",
        exp.Substring: "substring",
        exp.Exists: "exists",
        exp.CurrentDate: "date",
        exp.CurrentUser: "current_user",
        exp.SessionUser: "session_user",
        exp.CurrentUserId: "current_user_id",
    }
    return str(named.get(type(item), "?column?"))


_FUNCTION_NAMES: Final = {
    "datediff": "date_diff",
    "dateadd": "date_add",
    "nvl": "coalesce",
    "decode": "case",
    "ceiling": "ceil",
    "date_part": "pgdate_part",
}


@cache
def _rule(kind: type) -> Callable[[Any], None] | None:
    for kinds, rule in (((exp.Window, exp.WithinGroup), rewrite_wrapper), (exp.Anonymous, rewrite_call)):
        if issubclass(kind, kinds):
            return rule
    found: Callable[[Any], None] | None = cast if issubclass(kind, exp.Cast) else RULES.get(kind)
    return found


def _unwrap_system_calls(seen: Nodes) -> bool:
    """pg_catalog.f(…) is f(…); whether there was one."""
    found = False
    for dot in seen.of(exp.Dot):
        if isinstance(dot.expression, exp.Anonymous) and dot.this.name in ("pg_catalog", "information_schema"):
            dot.replace(dot.expression)
            found = True
    return found
