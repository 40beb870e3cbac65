"""Paths into SUPER values and the FROM items that unnest them: PartiQL's part of the dialect.

https://docs.aws.amazon.com/redshift/latest/dg/query-super.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sqlglot import expressions as exp

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.reading import CASE_SENSITIVE, RELATION, Navigate, Unnesting
from lakeshift.redshift.types import SqlType
from lakeshift.redshift.typing_rules import note_kind
from lakeshift.redshift.walking import Nodes

__all__ = ["navigate", "path_text"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/query-super.html"
_SCOPES: Final = (exp.Select, exp.Update, exp.Delete, exp.Merge)
_SUPER: Final = SqlType("super")


@dataclass(slots=True)
class _Scope:
    """Names that a column of one query may begin with."""

    relations: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    positions: dict[str, SqlType] = field(default_factory=dict)


def navigate(tree: Any, seen: Nodes) -> Nodes:
    """Turn paths into :class:`Navigate` and items that unnest into laterals of the engine, in place.

    ``seen`` are the tree's nodes; those it has afterwards come back.
    """
    scopes: dict[int, _Scope] = {}
    for query in seen.of(*_SCOPES):
        scopes[id(query)] = _read_scope(query, _enclosing(query, scopes))
    if seen.has(exp.Dot, exp.Bracket) or any(scope.values for scope in scopes.values()):
        seen = Nodes(tree)
        for node in [one for one in seen.all if _is_step(one) and not _is_step(one.parent, one)]:
            _replace_path(node, _enclosing(node, scopes))
        seen = Nodes(tree)
    replaced = False
    for node in seen.of(exp.Column):
        if not isinstance(node.parent, Navigate) or node.parent.this is not node:
            replaced |= _replace_column(node, _enclosing(node, scopes))
    return Nodes(tree) if replaced else seen


def _is_step(node: Any, inner: Any = None) -> bool:
    if isinstance(node, exp.Dot):
        return isinstance(node.expression, exp.Identifier) and (inner is None or node.this is inner)
    return isinstance(node, exp.Bracket) and (inner is None or node.this is inner)


def _enclosing(node: Any, scopes: dict[int, _Scope]) -> list[_Scope]:
    found = []
    parent = node.parent
    while parent is not None:
        if id(parent) in scopes:
            found.append(scopes[id(parent)])
        parent = parent.parent
    return found


def _read_scope(query: Any, outer: list[_Scope]) -> _Scope:
    scope = _Scope()
    holders = [query.args.get("from_"), *query.args.get("joins", ())]
    using = query.args.get("using")
    holders += using if isinstance(using, list) else [using]
    if not isinstance(query, exp.Select) and isinstance(query.this, exp.Table):
        scope.relations.add(query.this.alias_or_name)
    for holder in holders:
        if not isinstance(holder, exp.Expression):
            continue
        item = holder.this if isinstance(holder, exp.From | exp.Join) else holder
        unnested = _as_unnesting(item, [scope, *outer])
        if unnested is None:
            scope.relations.add(item.meta.get(RELATION) or item.alias_or_name)
        else:
            item.replace(_lateral(unnested, [scope, *outer], scope))
    return scope


def _as_unnesting(item: Any, scopes: list[_Scope]) -> Any:
    """The item as one that unnests, None for a table or subquery."""
    if isinstance(item, Unnesting):
        return item
    if isinstance(item, exp.AtIndex):
        alias = item.this.args["alias"] if isinstance(item.this, exp.Alias) else item.this.this
        path = item.this.this if isinstance(item.this, exp.Alias) else item.this
        return Unnesting(this=path, alias=alias, at=item.expression)
    if isinstance(item, exp.Unnest):
        names = item.args["alias"].args.get("columns") or [item.args["alias"].this] if item.args.get("alias") else None
        if not names or len(item.expressions) != 1:
            raise RedshiftError("an alias is needed for the elements of an array", "42601")
        return Unnesting(this=item.expressions[0], alias=names[0])
    if isinstance(item, exp.Table) and isinstance(item.this, exp.Identifier):
        parts = [part for part in (item.args.get("catalog"), item.args.get("db"), item.this) if part]
        first = parts[0].name
        known = any(first in scope.values for scope in scopes) or (
            len(parts) > 1 and any(first in scope.relations for scope in scopes)
        )
        if known and item.alias:
            column = exp.Column(**dict(zip(("this", "table", "db"), reversed(parts), strict=False)))
            return Unnesting(this=column, alias=item.args["alias"].this)
    return None


def _lateral(item: Any, scopes: list[_Scope], scope: _Scope) -> Any:
    base, steps = _unwound(item.this, scopes)
    if base is None or any(not isinstance(step, exp.Literal) for step in steps):
        raise NotSupportedLocallyError("A computed path in FROM", "Use names and whole numbers in it.", _PAGE)
    value = base.sql(dialect="duckdb")
    if steps:
        value = f"main.ls_nav({value}, '{path_text(steps)}')"
    alias, at = item.args["alias"].name, item.args.get("at")
    columns = [alias, at.name] if at is not None else [alias]
    if item.args.get("pairs"):
        inner = (
            f"SELECT json_extract(ls_pair, '$[1]') AS ls_1, json_extract_string(ls_pair, '$[0]') AS ls_2 FROM (SELECT "
            f"unnest(json_extract(ls_object_names(CAST({value} AS VARCHAR)), '$[*]')) AS ls_pair)"
        )
        columns = [alias, at.name if at is not None else "ls_2"]
    else:
        inner = f"SELECT unnest(json_extract(ls_elements(CAST({value} AS VARCHAR)), '$[*]')) AS ls_1"
        if at is not None:
            inner += f", unnest(range(ls_array_length(ls_elements(CAST({value} AS VARCHAR))))) AS ls_2"
    scope.values[alias] = alias
    if at is not None:
        scope.positions[at.name] = (
            SqlType("character varying", length=256) if item.args.get("pairs") else SqlType("bigint")
        )
    names = [exp.to_identifier(name, quoted=True) for name in columns]
    table_alias = exp.TableAlias(this=exp.to_identifier(alias, quoted=True), columns=names)
    return exp.Table(this=exp.Var(this=f"LATERAL ({inner})"), alias=table_alias)


def path_text(steps: list[Any]) -> str:
    """Literal steps as the engine's path, for between quotes."""
    made = "$"
    for step in steps:
        text = str(step.this)
        name = text.replace("\\", "\\\\").replace('"', '\\"').replace("'", "''")
        made += f'."{name}"' if step.is_string else f"[{text}]"
    return made


def _replace_path(node: Any, scopes: list[_Scope]) -> None:
    base, steps = _unwound(node, scopes)
    if base is None:
        return
    made = Navigate(this=base, expressions=steps)
    note_kind(made, _SUPER)
    node.replace(made)


def _unwound(node: Any, scopes: list[_Scope]) -> tuple[Any, list[Any]]:
    """The value a path begins with, and its steps."""
    steps: list[Any] = []
    while _is_step(node):
        if isinstance(node, exp.Dot):
            steps.insert(0, _name_step(node.expression))
        else:
            steps[:0] = [item.copy() for item in node.expressions]
        node = node.this
    if isinstance(node, exp.Column):
        column, more = _located(node, scopes)
        return column, more + steps
    return node.copy(), steps


def _name_step(identifier: Any) -> Any:
    name = identifier.meta.get("written", identifier.name) if CASE_SENSITIVE.get()[1] else identifier.name
    return exp.Literal.string(name)


def _located(column: Any, scopes: list[_Scope]) -> tuple[Any, list[Any]]:
    """The column that a dotted name begins with, and the attributes behind it."""
    parts = [part for key in ("catalog", "db", "table", "this") if (part := column.args.get(key)) is not None]
    first = parts[0].name
    for scope in scopes:
        if first in scope.values:
            alias = exp.to_identifier(first, quoted=True)
            made = exp.Column(this=alias.copy(), table=alias)
            note_kind(made, _SUPER)
            return made, [_name_step(part) for part in parts[1:]]
        if first in scope.relations and len(parts) > 1:
            return exp.Column(this=parts[1].copy(), table=parts[0].copy()), [_name_step(part) for part in parts[2:]]
    if len(parts) > 2 and any(parts[1].name in scope.relations for scope in scopes):
        # schema.table.column
        return exp.Column(this=parts[2].copy(), table=parts[1].copy()), [_name_step(part) for part in parts[3:]]
    if len(parts) > 3 and any(parts[2].name in scope.relations for scope in scopes):
        return exp.Column(this=parts[3].copy(), table=parts[2].copy()), []
    return exp.Column(this=parts[0].copy()), [_name_step(part) for part in parts[1:]]


def _replace_column(node: Any, scopes: list[_Scope]) -> bool:
    """Whether the column was replaced: it is an element of what was unnested, or a path."""
    name, table = node.name, node.table
    if not table:
        for scope in scopes:
            if name in scope.positions:
                note_kind(node, scope.positions[name])
                return False
            if name in scope.values:
                node.replace(_located(node, scopes)[0])
                return True
        return False
    if node.is_star or not scopes:
        return False
    known = any(table in scope.relations for scope in scopes) and not node.args.get("db")
    if known:
        return False
    base, steps = _located(node, scopes)
    if not steps:
        node.replace(base)
        return True
    if not isinstance(base, exp.Expression) or _is_missing_table(node, scopes):
        return False
    made = Navigate(this=base, expressions=steps)
    note_kind(made, _SUPER)
    node.replace(made)
    return True


def _is_missing_table(node: Any, scopes: list[_Scope]) -> bool:
    """Whether ``a.b`` with an unknown ``a`` is meant as table and column: nothing here can be an attribute."""
    return node.table in {"excluded", "old", "new"} or not any(scope.relations or scope.values for scope in scopes)
