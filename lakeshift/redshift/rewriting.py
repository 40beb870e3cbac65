"""From a Redshift tree to the engine's SQL: names to relations, functions to ours, arithmetic by Redshift's rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sqlglot import expressions as exp

from lakeshift.redshift.calls import rewrite_call, rewrite_nulls, rewrite_wrapper
from lakeshift.redshift.catalog import Relation
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.functions import LEADER_ONLY
from lakeshift.redshift.naming import Names, cte_names, table_name
from lakeshift.redshift.reading import parse_query, render
from lakeshift.redshift.types import SqlType
from lakeshift.redshift.typing_rules import annotate, as_decimal, kind_of, output_columns, type_of_cast

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
    """A tree ready to run, the types of its result where they can be told, and the relations it reads."""

    tree: Any
    columns: list[tuple[str, SqlType | None]] = field(default_factory=list)
    relations: dict[int, Relation] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        """The engine's SQL."""
        # Written when asked for: a caller may still change the tree.
        return render(self.tree)

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

    def query(self, sql: str) -> Rewritten:
        """Parse and rewrite a query."""
        return self.tree(parse_query(sql))

    def expression(self, sql: str) -> str:
        """Rewrite a scalar expression, such as a column's default."""
        found = self.tree(parse_query(f"SELECT {sql}"))
        item = found.tree.expressions[0]
        return render(item.this if isinstance(item, exp.Alias) else item)

    def tree(self, tree: Any) -> Rewritten:
        """Rewrite a folded tree in place."""
        found = Rewritten(tree)
        self._inline_late_views(tree, found, depth=0)
        tables = self._resolve(tree, found)
        annotate(tree, lambda table: tables.get(id(table)))
        _refuse_engine_words(tree)
        if isinstance(tree, exp.Query):
            _name_columns(tree)
            found.columns = output_columns(tree)
        used = {node.name.lower() for node in tree.find_all(exp.Anonymous)}
        if used & LEADER_ONLY and not found.relations:
            raise RedshiftError(_LEADER_ERROR, "0A000")
        # Leaves first: a call is written from arguments that are the engine's already.
        for node in reversed(list(tree.walk())):
            _rewrite(node)
        self.read.update(found.relations)
        return found

    def _inline_late_views(self, tree: Any, found: Rewritten, depth: int) -> None:
        if depth > 32:
            raise RedshiftError("infinite recursion detected in a late-binding view", "42P17")
        local = cte_names(tree)
        for table in list(tree.find_all(exp.Table)):
            if not table.db and table.name in local:
                continue
            view = self._names.find(table_name(table))
            if view is None or view.kind != "LATE":
                continue
            inner = parse_query(view.definition or "")
            self._inline_late_views(inner, found, depth + 1)
            if isinstance(inner, exp.Query):
                _name_columns(inner)
            alias = exp.TableAlias(this=exp.to_identifier(table.alias_or_name, quoted=True))
            table.replace(exp.Subquery(this=inner, alias=alias))

    def _resolve(self, tree: Any, found: Rewritten) -> dict[int, dict[str, SqlType]]:
        local = cte_names(tree)
        columns: dict[int, dict[str, SqlType]] = {}
        for column in tree.find_all(exp.Column):
            column.set("db", None)
            column.set("catalog", None)
        for table in list(tree.find_all(exp.Table)):
            if (not table.db and table.name in local) or not isinstance(table.this, exp.Identifier):
                self._refuse_function(table)
                continue
            relation = self._point(table)
            if relation is not None:
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
        else:
            schema, plain = relation.physical
            parts = ("temp", "main", plain) if relation.temporary else (None, schema, plain)
        for key, part in zip(("catalog", "db", "this"), parts, strict=True):
            table.set(key, exp.to_identifier(part, quoted=True) if part else None)
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        return relation


def _refuse_engine_words(tree: Any) -> None:
    """The engine answers some names that are no column, its own role and clock among them; Redshift does not."""
    for column in tree.find_all(exp.Column):
        if not column.table and column.name in _ENGINE_WORDS and kind_of(column) is None:
            raise RedshiftError(f'column "{column.name}" does not exist', "42703")


def _name_columns(tree: Any) -> None:
    """Give every result column the name Redshift gives it."""
    for select in tree.find_all(exp.Select):
        for item in list(select.expressions):
            if isinstance(item, exp.Alias | exp.Column) or item.is_star:
                continue
            name = _column_name(item)
            alias = exp.alias_(item.copy(), name, quoted=True)
            alias.meta.update(item.meta)
            item.replace(alias)


def _column_name(item: Any) -> str:
    while isinstance(item, exp.Paren | exp.Window | exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls):
        item = item.this
    if isinstance(item, exp.Cast):
        inner = _column_name(item.this) if not isinstance(item.this, exp.Column) else str(item.this.name)
        return type_of_cast(item).wire if inner == "?column?" else inner
    if isinstance(item, exp.Column):
        return str(item.name)
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
}


def _rewrite(node: Any) -> None:
    if isinstance(node, exp.Window | exp.WithinGroup):
        rewrite_wrapper(node)
    elif isinstance(node, exp.Anonymous):
        rewrite_call(node)
    elif isinstance(node, exp.Cast):
        _cast(node)
    elif isinstance(node, exp.Div):
        _divide(node)
    else:
        rule = _RULES.get(type(node))
        if rule is not None:
            rule(node)


def _replace(node: Any, sql: str) -> None:
    made = exp.Var(this=sql)
    made.meta.update(node.meta)
    node.replace(made)


def _cast(node: Any) -> None:
    kind = type_of_cast(node)
    inner = render(node.this)
    if kind.is_text:
        # CAST cuts a text that is too long, in bytes; only a column refuses it.
        _replace(node, f"main.ls_cut(CAST({inner} AS VARCHAR), {kind.length})")
    elif kind.name == "date" and not (
        isinstance(node.this, exp.Literal) or ((of := kind_of(node.this)) and of.is_text)
    ):
        _replace(node, f"CAST({inner} AS DATE)")
    else:
        _replace(node, f"CAST({inner} AS {kind.engine})")


def _divide(node: Any) -> None:
    """Decimal by decimal, exact and cut at Redshift's scale; the engine would answer with a float."""
    left, right, kind = kind_of(node.this), kind_of(node.expression), kind_of(node)
    if kind is None or kind.name != "numeric" or left is None or right is None:
        return
    _replace(node, decimal_quotient(render(node.this), left, render(node.expression), right, kind))


def decimal_quotient(left: str, of_left: SqlType, right: str, of_right: SqlType, kind: SqlType) -> str:
    """Integer division of both numbers' digits, shifted so that the quotient has the result's scale."""
    (_, s1), (_, s2) = as_decimal(of_left) or (18, 0), as_decimal(of_right) or (18, 0)
    scale = kind.scale or 0
    shift = scale - s1 + s2
    numerator = f"(CAST(({left}) * CAST(1{'0' * s1} AS HUGEINT) AS HUGEINT) * CAST(1{'0' * max(shift, 0)} AS HUGEINT))"
    denominator = f"CAST(({right}) * CAST(1{'0' * s2} AS HUGEINT) AS HUGEINT)"
    digits = f"({numerator} // {denominator})"
    return _from_digits(digits, scale, kind.precision or 38)


def _from_digits(digits: str, scale: int, precision: int) -> str:
    power = f"CAST(1{'0' * scale} AS HUGEINT)"
    # Whole part and fraction apart: their sum keeps every digit, a division by the power would be a float.
    return (
        f"(CAST({digits} // {power} AS DECIMAL({precision},{scale})) + CAST(CAST("
        f"{digits} % {power} AS DOUBLE) / {power} AS DECIMAL({precision},{scale})))"
    )


def _concat(node: Any) -> None:
    _replace(node, f"(CAST({render(node.this)} AS VARCHAR) || CAST({render(node.expression)} AS VARCHAR))")


def _like(node: Any) -> None:
    """LIKE with Redshift's default escape, the backslash."""
    if isinstance(node.parent, exp.Escape):
        return
    word = ("NOT " if node.args.get("negate") else "") + ("ILIKE" if isinstance(node, exp.ILike) else "LIKE")
    _replace(node, f"({render(node.this)} {word} {render(node.expression)} ESCAPE '\\')")


def _similar(node: Any) -> None:
    pattern = render(node.expression)
    _replace(
        node,
        f"regexp_full_match({render(node.this)}, replace(replace({pattern}, '%', '.*'), '_', '.'))",
    )


def _substring(node: Any) -> None:
    start, size = node.args.get("start"), node.args.get("length")
    first, length = render(start) if start else "1", render(size) if size else "2147483647"
    _replace(node, f"main.ls_substring(CAST({render(node.this)} AS VARCHAR), {first}, {length})")


def _current(node: Any) -> None:
    zone = "(current_timestamp AT TIME ZONE 'UTC')" if not isinstance(node, exp.CurrentDate) else None
    _replace(node, zone or "CAST((current_timestamp AT TIME ZONE 'UTC') AS DATE)")


def _extract(node: Any) -> None:
    from lakeshift.redshift.dates import date_part

    _replace(node, date_part(str(node.this.name), render(node.expression), kind_of(node.expression)))


def _user(node: Any) -> None:
    _replace(node, "getvariable('user')")


_RULES: Final[dict[type, Any]] = {
    exp.IgnoreNulls: rewrite_nulls,
    exp.RespectNulls: rewrite_nulls,
    exp.DPipe: _concat,
    exp.Like: _like,
    exp.ILike: _like,
    exp.SimilarTo: _similar,
    exp.Substring: _substring,
    exp.CurrentDate: _current,
    exp.CurrentTimestamp: _current,
    exp.Extract: _extract,
    exp.CurrentUser: _user,
    exp.SessionUser: _user,
    exp.CurrentUserId: lambda node: _replace(node, "100"),
}
