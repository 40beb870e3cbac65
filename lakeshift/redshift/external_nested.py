"""Arrays and maps of external tables in FROM: ``FROM t, t.items AS i`` is a row for each item.

https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlglot import exp

from lakeshift.redshift.catalog import quoted
from lakeshift.redshift.naming import Names, table_name
from lakeshift.redshift.reading import RELATION
from lakeshift.redshift.walking import Nodes

__all__ = ["reach_into_externals"]

# Alias of a source -> its columns and their catalog types; an item of an array has none.
_Known = dict[str, dict[str, str]]


def reach_into_externals(tree: Any, seen: Nodes, names: Names, local: Collection[str]) -> Nodes:
    """Arrays and maps in FROM become the engine's UNNEST, and paths into structs its own paths.

    ``seen`` are the tree's nodes; those it has afterwards come back.
    """
    if names.external is None or not any(_is_external(table, names, local) for table in seen.of(exp.Table)):
        return seen
    for select in seen.of(exp.Select):
        known = _sources(select, names, local)
        if known:
            for column in list(select.find_all(exp.Column)):
                _path(column, known)
    return Nodes(tree)


def _is_external(table: Any, names: Names, local: Collection[str]) -> bool:
    if not isinstance(table.this, exp.Identifier) or (not table.db and table.name in local):
        return False
    relation = names.find(table_name(table))
    return relation is not None and relation.kind == "EXTERNAL"


def _sources(select: Any, names: Names, local: Collection[str]) -> _Known:
    known: _Known = {}
    sources = [select.args["from_"].this] if select.args.get("from_") else []
    sources += [join.this for join in select.args.get("joins") or []]
    for source in sources:
        parts, alias = _named(source)
        if len(parts) > 1 and parts[0] in known:
            _unnest(source, parts, alias or parts[-1], known)
        elif isinstance(source, exp.Table) and (source.db or source.name not in local):
            relation = names.find(parts)
            if relation is not None and relation.kind == "EXTERNAL" and names.external is not None:
                known[source.alias_or_name] = dict(names.external.meta(relation).columns)
    return known


def _named(source: Any) -> tuple[tuple[str, ...], str]:
    """The dotted name of an item of FROM and its alias; a column of another item is parsed as UNNEST of it."""
    if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
        return table_name(source), source.alias
    if isinstance(source, exp.Unnest) and isinstance(source.expressions[0], exp.Column):
        alias = source.args.get("alias")
        names = [*(alias.columns if alias else []), *([alias.this] if alias and alias.this else [])]
        parts = tuple(part.name for part in source.expressions[0].parts)
        return parts, names[0].name if names else ""
    return (), ""


def _unnest(source: Any, parts: tuple[str, ...], alias: str, known: _Known) -> None:
    path = ".".join(quoted(part) for part in parts)
    kind = known[parts[0]].get(parts[1], "") if len(parts) == 2 else ""
    values = f"map_entries({path})" if kind.lower().startswith("map<") else path
    known[alias] = {}
    item = exp.Var(this=f"UNNEST({values}) AS {quoted(alias)}({quoted(alias)})")
    item.meta[RELATION] = alias
    source.replace(item)


def _path(column: Any, known: _Known) -> None:
    """``c.name.given``: three and four parts, of which the first is one of the sources."""
    parts = [part.name for part in column.parts]
    if len(parts) < 3 or parts[0] not in known:
        return
    path = exp.Var(this=".".join(quoted(part) for part in parts))
    column.replace(exp.alias_(path, parts[-1], quoted=True) if isinstance(column.parent, exp.Select) else path)
