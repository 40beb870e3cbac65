"""Which conditions of a statement tell on their own which partitions of an external table can have rows."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

__all__ = ["usable_conditions"]

_OUTER = ("LEFT", "RIGHT", "FULL")


def usable_conditions(table: Any, keys: set[str]) -> list[Any]:
    """Copies of the conditions that speak of nothing but ``table``'s partition ``keys``, to be joined by AND.

    They come from the WHERE of the SELECT that reads the table, and from the ON of the inner join that brings it in.
    A table that an outer join may fill with nulls is read whole.
    """
    select = table.find_ancestor(exp.Select)
    if select is None or not _is_source(table, select) or _may_be_missing(table, select):
        return []
    alone = _sources(select) == 1
    found: list[Any] = []
    for clause in _clauses(table, select):
        parts = list(clause.flatten()) if isinstance(clause, exp.And) else [clause]
        found += [part.copy() for part in parts if _speaks_of(part, table.alias_or_name, keys, alone=alone)]
    return found


def _is_source(table: Any, select: Any) -> bool:
    holder = table.parent
    return isinstance(holder, exp.From | exp.Join) and holder.parent is select


def _sources(select: Any) -> int:
    return 1 + len(select.args.get("joins") or [])


def _may_be_missing(table: Any, select: Any) -> bool:
    joins = select.args.get("joins") or []
    own = table.parent if isinstance(table.parent, exp.Join) else None
    if own is not None and own.side in _OUTER:
        return True
    later = joins[joins.index(own) + 1 :] if own in joins else joins
    return any(join.side in ("RIGHT", "FULL") for join in later)


def _clauses(table: Any, select: Any) -> list[Any]:
    found = []
    where = select.args.get("where")
    if where is not None:
        found.append(where.this)
    if isinstance(table.parent, exp.Join) and table.parent.args.get("on") is not None:
        found.append(table.parent.args["on"])
    return found


def _speaks_of(condition: Any, alias: str, keys: set[str], *, alone: bool) -> bool:
    if condition.find(exp.Query, exp.AggFunc, exp.Window):
        return False
    named = list(condition.find_all(exp.Column))
    return bool(named) and all(
        column.name in keys and (column.table == alias or (not column.table and alone)) for column in named
    )
