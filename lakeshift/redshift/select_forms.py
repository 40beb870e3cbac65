"""Clauses of SELECT that the engine has not, or has otherwise, written as ones it has.

PIVOT and UNPIVOT, CONNECT BY, the ``(+)`` of outer joins.
https://docs.aws.amazon.com/redshift/latest/dg/r_FROM_clause-pivot-unpivot-examples.html
https://docs.aws.amazon.com/redshift/latest/dg/r_CONNECT_BY_clause.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlglot import expressions as exp
from sqlglot.transforms import eliminate_join_marks

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.walking import Nodes, nodes_of

__all__ = ["normalize"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/"
Columns = Callable[[Any], "list[str] | None"]


def normalize(tree: Any, seen: Nodes, columns: Columns) -> tuple[Any, Nodes]:
    """The tree with those clauses rewritten, and its nodes, which were ``seen``.

    ``columns`` gives the names of a table's columns, None if it is none.
    """
    marked = any(column.args.get("join_mark") for column in seen.of(exp.Column))
    if not marked and not seen.has(exp.Pivot, exp.Connect):
        return tree, seen
    if marked:
        tree = _joins(tree, columns)
    for select in [node for node in nodes_of(tree, exp.Select) if node.args.get("connect")]:
        _connect(select)
    for pivot in nodes_of(tree, exp.Pivot):
        _pivot(pivot, columns)
    return tree, Nodes(tree)


def _joins(tree: Any, columns: Columns) -> Any:
    for join in tree.find_all(exp.Join):
        if join.args.get("on") or join.args.get("using"):
            raise RedshiftError("Old style outer join (+) specification is not allowed with ANSI joins.", "0A000")
    for column in tree.find_all(exp.Column):
        if column.args.get("join_mark") and not column.table:
            _say_table(column, columns)
    try:
        return eliminate_join_marks(tree)
    except (AssertionError, ValueError) as error:
        raise NotSupportedLocallyError(
            "This use of (+)", "Write LEFT JOIN ... ON.", f"{_PAGE}r_WHERE_oracle_outer.html"
        ) from error


def _say_table(column: Any, columns: Columns) -> None:
    """Put the table's name before a column that only one of the query's tables has."""
    query = column.find_ancestor(exp.Select)
    holders = [query.args.get("from_"), *query.args.get("joins", ())] if query else []
    tables = [holder.this for holder in holders if holder is not None and isinstance(holder.this, exp.Table)]
    found = [table for table in tables if column.name in (columns(table) or ())]
    if len(found) == 1:
        column.set("table", _quoted(found[0].alias_or_name))


def _pivot(pivot: Any, columns: Columns) -> None:
    source = pivot.parent
    if not isinstance(source, exp.Subquery | exp.Table):
        raise NotSupportedLocallyError(
            "PIVOT of this item", "Put the query into a subquery.", f"{_PAGE}r_FROM_clause-pivot-unpivot-examples.html"
        )
    source.set("pivots", None)
    alias = pivot.args.get("alias") or source.args.get("alias")
    names = _names_of(source, columns)
    item = source.copy()
    made = _unpivoted(pivot, item, names) if pivot.args.get("unpivot") else _pivoted(pivot, item, names)
    source.replace(
        exp.Subquery(
            this=made, alias=alias.copy() if alias else exp.TableAlias(this=exp.to_identifier("ls_pivot", quoted=True))
        )
    )


def _names_of(source: Any, columns: Columns) -> list[str]:
    query = source.this if isinstance(source, exp.Subquery) else None
    while isinstance(query, exp.SetOperation | exp.Subquery):
        query = query.this
    if query is None:
        found = columns(source)
        if found is None:
            raise RedshiftError(f'relation "{source.name}" does not exist', "42P01")
        return found
    names: list[str] = []
    for item in query.expressions:
        if not item.is_star:
            names.append(item.alias_or_name)
            continue
        for holder in [query.args.get("from_"), *query.args.get("joins", ())]:
            if holder is not None and (not isinstance(item, exp.Column) or item.table == holder.this.alias_or_name):
                names += _names_of(holder.this, columns)
    return names


def _quoted(name: str) -> Any:
    return exp.to_identifier(name, quoted=True)


def _plain(name: str) -> Any:
    return exp.Column(this=_quoted(name))


def _pivoted(pivot: Any, source: Any, names: list[str]) -> Any:
    (field,) = pivot.args["fields"]
    key = field.this
    used = {column.name for aggregate in pivot.expressions for column in aggregate.find_all(exp.Column)} | {key.name}
    groups = [name for name in names if name not in used]
    items: list[Any] = [_plain(name) for name in groups]
    for value in field.expressions:
        literal = value.this if isinstance(value, exp.PivotAlias | exp.Alias) else value
        given = value.args.get("alias") if isinstance(value, exp.PivotAlias | exp.Alias) else None
        label = (given.name if given is not None else _label(literal)).lower()
        for aggregate in pivot.expressions:
            call = aggregate.this if isinstance(aggregate, exp.Alias) else aggregate
            name = f"{label}_{aggregate.alias.lower()}" if isinstance(aggregate, exp.Alias) else label
            items.append(exp.Alias(this=_filtered(call.copy(), key, literal), alias=_quoted(name)))
    query = exp.Select(expressions=items, from_=exp.From(this=_named(source)))
    if groups:
        query.set("group", exp.Group(expressions=[_plain(name) for name in groups]))
    return query


def _named(source: Any) -> Any:
    if not source.alias:
        source.set("alias", exp.TableAlias(this=_quoted(source.name if isinstance(source, exp.Table) else "ls_source")))
    return source


def _label(literal: Any) -> str:
    if isinstance(literal, exp.Null):
        return "null"
    return str(literal.this if isinstance(literal, exp.Literal) else literal.sql(dialect="redshift"))


def _filtered(call: Any, key: Any, literal: Any) -> Any:
    """The aggregate of only those rows whose key is the value."""
    if isinstance(literal, exp.Null):
        condition: Any = exp.Is(this=_plain(key.name), expression=exp.Null())
    else:
        condition = exp.EQ(this=_plain(key.name), expression=literal.copy())
    arguments = call.expressions
    inner: Any = arguments[0] if arguments else exp.Star()
    distinct = isinstance(inner, exp.Distinct)
    value = inner.expressions[0] if distinct else exp.Literal.number(1) if isinstance(inner, exp.Star) else inner
    case: Any = exp.Case(ifs=[exp.If(this=condition, true=value.copy())])
    case = exp.Distinct(expressions=[case]) if distinct else case
    call.set("expressions", [case, *arguments[1:]])
    return call


def _unpivoted(pivot: Any, source: Any, names: list[str]) -> Any:
    (field,) = pivot.args["fields"]
    value, key = pivot.expressions[0], field.this
    chosen: list[tuple[str, str]] = []
    for item in field.expressions:
        aliased = isinstance(item, exp.PivotAlias | exp.Alias)
        column = (item.this if aliased else item).name
        chosen.append(
            (
                column,
                _label(item.args["alias"])
                if aliased and isinstance(item.args["alias"], exp.Literal)
                else item.args["alias"].name
                if aliased
                else column,
            )
        )
        if column not in names:
            raise RedshiftError(f'column "{column}" does not exist', "42703")
    others = [name for name in names if name not in {column for column, _ in chosen}]
    made: Any = None
    for column, label in chosen:
        items = [_plain(name) for name in others]
        items.append(exp.Alias(this=exp.Literal.string(label), alias=_quoted(key.name)))
        items.append(exp.Alias(this=_plain(column), alias=_quoted(value.name)))
        select = exp.Select(expressions=items, from_=exp.From(this=_named(source.copy())))
        if not pivot.args.get("include_nulls"):
            select.set("where", exp.Where(this=exp.Not(this=exp.Is(this=_plain(column), expression=exp.Null()))))
        made = select if made is None else exp.Union(this=made, expression=select, distinct=False)
    return made


def _connect(select: Any) -> None:
    """CONNECT BY as a recursive WITH: the rows of START WITH, then those whose PRIOR is a row found before."""
    connect = select.args["connect"]
    source = select.args["from_"].this
    if select.args.get("joins") or not isinstance(source, exp.Table) or select.args.get("with_"):
        raise NotSupportedLocallyError(
            "CONNECT BY over a join",
            "Put the join into a view, or write WITH RECURSIVE.",
            f"{_PAGE}r_CONNECT_BY_clause.html",
        )
    alias = source.alias_or_name
    name = _quoted("ls_tree")
    condition = connect.args["connect"].copy()
    for prior in list(condition.find_all(exp.Prior)):
        for column in prior.find_all(exp.Column):
            column.set("table", name.copy())
        prior.replace(prior.this)
    for column in condition.find_all(exp.Column):
        if not column.table:
            column.set("table", _quoted(alias))
    star = exp.Column(this=exp.Star(), table=_quoted(alias))
    level = _quoted("level")
    first = exp.Select(
        expressions=[star.copy(), exp.Alias(this=exp.Literal.number(1), alias=level.copy())],
        from_=exp.From(this=source.copy()),
    )
    if connect.args.get("start") is not None:
        first.set("where", exp.Where(this=connect.args["start"].copy()))
    above = exp.Var(this='main.ls_deeper("ls_tree"."level")')
    inner = exp.Join(this=exp.Table(this=name.copy()), kind="INNER", on=condition)
    second = exp.Select(
        expressions=[star.copy(), exp.Alias(this=above, alias=level.copy())],
        from_=exp.From(this=source.copy()),
        joins=[inner],
    )
    body = exp.Union(this=first, expression=second, distinct=False)
    cte = exp.CTE(this=body, alias=exp.TableAlias(this=name.copy()))
    select.set("connect", None)
    select.set("with_", exp.With(expressions=[cte], recursive=True))
    table = exp.Table(this=name.copy(), alias=exp.TableAlias(this=_quoted(alias)))
    select.set("from_", exp.From(this=table))
