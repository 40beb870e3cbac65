"""From a Redshift tree to the engine's SQL: names to relations, functions to ours, arithmetic by Redshift's rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sqlglot import expressions as exp

from lakeshift.redshift.calls import rewrite_call, rewrite_nulls, rewrite_wrapper
from lakeshift.redshift.catalog import Relation
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.functions import LEADER_ONLY
from lakeshift.redshift.moment_casts import at_zone, interval_sql, text_as
from lakeshift.redshift.naming import Names, cte_names, table_name
from lakeshift.redshift.navigation import navigate, path_text
from lakeshift.redshift.reading import Navigate, parse_query, render
from lakeshift.redshift.routines import inline_functions
from lakeshift.redshift.select_forms import normalize
from lakeshift.redshift.types import MAX_VARCHAR, SqlType
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
        inline_functions(tree, self._names.find_function)
        tree = normalize(tree, self._column_names)
        found = Rewritten(tree)
        self._inline_late_views(tree, found, depth=0)
        _unwrap_system_calls(tree)
        navigate(tree)
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
        return found

    def _column_names(self, table: Any) -> list[str] | None:
        relation = self._names.find(table_name(table))
        return None if relation is None else [column.name for column in relation.columns]

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
            if isinstance(table.this, exp.Var) and str(table.this.this).startswith("LATERAL ("):
                continue
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


def _rewrite(node: Any) -> None:
    if isinstance(node, exp.Window | exp.WithinGroup):
        rewrite_wrapper(node)
    elif isinstance(node, exp.Anonymous):
        rewrite_call(node)
    elif isinstance(node, exp.Cast):
        _cast(node)
    else:
        rule = _RULES.get(type(node))
        if rule is not None:
            rule(node)


def _replace(node: Any, sql: str) -> None:
    made = exp.Var(this=sql)
    made.meta.update(node.meta)
    node.replace(made)


def _unwrap_system_calls(tree: Any) -> None:
    """pg_catalog.f(…) is f(…)."""
    for dot in list(tree.find_all(exp.Dot)):
        if isinstance(dot.expression, exp.Anonymous) and dot.this.name in ("pg_catalog", "information_schema"):
            dot.replace(dot.expression)


_MOMENTS: Final = {
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "instant",
    "time without time zone": "time",
}


def _cast(node: Any) -> None:  # noqa: C901 - a rule for each pair of types
    kind = type_of_cast(node)
    inner = render(node.this)
    of = kind_of(node.this)
    if of is not None and of.name == "super" and kind.name != "super":
        inner = f"main.ls_super_text({inner})"
        of = SqlType("character varying", length=MAX_VARCHAR)
    if kind.name == "super":
        plain = of is not None and of.name == "super"
        _replace(node, inner if plain else f"to_json({inner})")
        return
    if kind.name == "binary varying":
        _replace(node, _as_bytes(inner, of, kind))
        return
    if of is not None and of.name == "binary varying" and kind.is_text:
        inner = f"ls_from_varbyte({inner}, 'utf8')"
    is_text = node.this.is_string or (of is not None and of.is_text)
    if kind.name in _MOMENTS and is_text:
        _replace(node, text_as(inner, _MOMENTS[kind.name], node.this))
        return
    if kind.name == "interval" and node.this.is_string:
        _replace(node, interval_sql(exp.Interval(this=node.this)))
        return
    if kind.name == "numeric" and is_text:
        text = f"ls_to_numeric(CAST({inner} AS VARCHAR), {kind.precision}, {kind.scale})"
        _replace(node, f"CAST({text} AS {kind.engine})")
        return
    if kind.name == "boolean" and is_text:
        _replace(node, f"main.ls_boolean({inner})")
        return
    if of is not None and of.name == "boolean" and kind.is_text:
        inner = f"CASE {inner} WHEN true THEN 'true' WHEN false THEN 'false' END"
    if kind.is_text:
        # CAST cuts a text that is too long, in bytes; only a column refuses it.
        _replace(node, f"main.ls_cut(CAST({inner} AS VARCHAR), {kind.length})")
    elif kind.name == "date" and not (
        isinstance(node.this, exp.Literal) or ((of := kind_of(node.this)) and of.is_text)
    ):
        _replace(node, f"CAST({inner} AS DATE)")
    else:
        _replace(node, f"CAST({inner} AS {kind.engine})")


def _as_bytes(inner: str, of: SqlType | None, kind: SqlType) -> str:
    """VARBYTE of a text's bytes, cut at the type's length."""
    whole = inner if of is not None and of.name == "binary varying" else f"encode(CAST({inner} AS VARCHAR))"
    return f"ls_bytes_substring({whole}, 1, {kind.length})"


def _is_super(node: Any) -> bool:
    kind = kind_of(node)
    return kind is not None and kind.name == "super"


def _super_side(node: Any) -> str:
    text = render(node)
    return f"CAST({text} AS VARCHAR)" if _is_super(node) else f"CAST(to_json({text}) AS VARCHAR)"


def _arithmetic(node: Any) -> None:
    """On SUPER by dynamic typing; ``+`` of two texts joins them."""
    marks = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
    left, right = node.this, node.expression
    if _is_super(left) or _is_super(right):
        sides = f"{_super_side(left)}, {_super_side(right)}"
        _replace(node, f"CAST(ls_super_math('{marks[type(node)]}', {sides}) AS JSON)")
        return
    kinds = kind_of(left), kind_of(right)
    if isinstance(node, exp.Add) and all(kind is not None and kind.is_text for kind in kinds):
        _concat(node)
    elif isinstance(node, exp.Div):
        _divide(node)
    elif isinstance(node, exp.Add | exp.Sub):
        _moment_sides(node)
    elif isinstance(node, exp.Mul):
        _multiply(node)


def _multiply(node: Any) -> None:
    kind = kind_of(node)
    if kind is not None and kind.name in ("real", "double precision"):
        _replace(node, f"main.ls_finite(({render(node.this)}) * ({render(node.expression)}))")


def _moment_sides(node: Any) -> None:
    """A text beside a date or an interval is read as a date."""
    for side, other in ((node.this, node.expression), (node.expression, node.this)):
        kind = kind_of(other)
        if side.is_string and kind is not None and kind.name == "interval":
            side.replace(exp.Var(this=text_as("", "timestamp", side)))


_COMPARED: Final = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}


def _compare(node: Any) -> None:
    left, right = node.this, node.expression
    if isinstance(node.parent, exp.Update) and node.arg_key == "expressions":
        return  # SET a = b compares nothing
    if isinstance(left, exp.Tuple) or isinstance(right, exp.Tuple | exp.Any | exp.All):
        return
    if _is_super(left) or _is_super(right):
        _replace(node, f"(ls_super_compare({_super_side(left)}, {_super_side(right)}) {_COMPARED[type(node)]} 0)")
        return
    _read_texts(left, [right])
    _read_texts(right, [left])
    for key, other in (("this", node.expression), ("expression", node.this)):
        if other.meta.get("folded"):
            node.set(key, exp.Var(this=f"lower({render(node.args[key])})"))
    _without_blanks(node)


def _without_blanks(node: Any) -> None:
    """Blanks at the end count for nothing where texts are compared."""
    sides = (node.this, node.expression)
    kinds = [kind_of(side) for side in sides]
    if not all(kind is not None and kind.is_text for kind in kinds):
        return
    for key, side in (("this", sides[0]), ("expression", sides[1])):
        if side.is_string:
            node.set(key, exp.Literal.string(str(side.this).rstrip(" ")))
        else:
            kind = kind_of(side)
            if kind is None or kind.name != "character":
                node.set(key, exp.Var(this=f"rtrim({render(side)}, ' ')"))


def _read_texts(subject: Any, others: list[Any]) -> None:
    """Literals compared with a date or time are read as one."""
    kind = kind_of(subject)
    target = _MOMENTS.get(kind.name) if kind is not None else None
    if target is None:
        return
    for other in others:
        if isinstance(other, exp.Literal) and other.is_string:
            other.replace(exp.Var(this=text_as("", target, other)))


def _between(node: Any) -> None:
    if _is_super(node.this):
        raise RedshiftError("BETWEEN on SUPER is not supported: compare with <= and >=", "0A000")
    _read_texts(node.this, [node.args["low"], node.args["high"]])


def _in(node: Any) -> None:
    _read_texts(node.this, list(node.expressions))
    if _is_super(node.this) and node.expressions:
        left = _super_side(node.this)
        tests = " OR ".join(f"ls_super_compare({left}, {_super_side(item)}) = 0" for item in node.expressions)
        _replace(node, f"({tests})")


def _navigate(node: Any) -> None:
    kind = kind_of(node.this)
    if kind is not None and kind.name != "super":
        raise RedshiftError(f"cannot navigate into a value of type {kind.name}: only into SUPER", "42804")
    if all(isinstance(step, exp.Literal) for step in node.expressions):
        path = f"'{path_text(node.expressions)}'"
    else:
        steps = (
            f"'{path_text([step])[1:]}'" if isinstance(step, exp.Literal) else f"'[' || ({render(step)}) || ']'"
            for step in node.expressions
        )
        parts = ["'$'", *steps]
        path = " || ".join(parts)
    _replace(node, f"main.ls_nav({render(node.this)}, {path})")


def _ordered(node: Any) -> None:
    if _is_super(node.this):
        node.set("this", exp.Var(this=f"ls_super_order(CAST({render(node.this)} AS VARCHAR))"))


def _zone(node: Any) -> None:
    _replace(node, at_zone(node.this, render(node.this), render(node.args["zone"])))


def _regexp(node: Any) -> None:
    letters = "'i'" if isinstance(node, exp.RegexpILike) else "''"
    _replace(node, f"ls_regexp_like(CAST({render(node.this)} AS VARCHAR), {render(node.expression)}, {letters})")


def _power(node: Any) -> None:
    _replace(
        node, f"main.ls_finite(pow(CAST({render(node.this)} AS DOUBLE), CAST({render(node.expression)} AS DOUBLE)))"
    )


def _xor(node: Any) -> None:
    _replace(node, f"xor({render(node.this)}, {render(node.expression)})")


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
    kinds = [kind.name if (kind := kind_of(side)) else "" for side in (node.this, node.expression)]
    if "binary varying" in kinds:
        sides = (render(node.this), render(node.expression))
        _replace(
            node,
            "("
            + " || ".join(
                text if of == "binary varying" else f"encode({text})" for text, of in zip(sides, kinds, strict=True)
            )
            + ")",
        )
        return
    for key, of in zip(("this", "expression"), kinds, strict=True):
        if of == "super":
            node.set(key, exp.Var(this=f"main.ls_super_text({render(node.args[key])})"))
    _replace(node, f"(CAST({render(node.this)} AS VARCHAR) || CAST({render(node.expression)} AS VARCHAR))")


def _like(node: Any) -> None:
    """LIKE with Redshift's default escape, the backslash."""
    if isinstance(node.parent, exp.Escape):
        return
    word = ("NOT " if node.args.get("negate") else "") + ("ILIKE" if isinstance(node, exp.ILike) else "LIKE")
    _replace(node, f"({render(node.this)} {word} {render(node.expression)} ESCAPE '\\')")


def _similar(node: Any) -> None:
    if isinstance(node.parent, exp.Escape):
        return
    _replace(node, f"ls_similar(CAST({render(node.this)} AS VARCHAR), {render(node.expression)}, '\\')")


def _escape(node: Any) -> None:
    if isinstance(node.this, exp.SimilarTo):
        inner = node.this
        _replace(
            node,
            f"ls_similar(CAST({render(inner.this)} AS VARCHAR), {render(inner.expression)}, {render(node.expression)})",
        )


def _substring(node: Any) -> None:
    start, size = node.args.get("start"), node.args.get("length")
    first, length = render(start) if start else "1", render(size) if size else "2147483647"
    kind = kind_of(node.this)
    if kind is not None and kind.name == "binary varying":
        _replace(node, f"ls_bytes_substring({render(node.this)}, CAST({first} AS BIGINT), CAST({length} AS BIGINT))")
        return
    _replace(node, f"main.ls_substring(CAST({render(node.this)} AS VARCHAR), {first}, {length})")


def _current(node: Any) -> None:
    zone = "(current_timestamp AT TIME ZONE 'UTC')" if not isinstance(node, exp.CurrentDate) else None
    _replace(node, zone or "CAST((current_timestamp AT TIME ZONE 'UTC') AS DATE)")


def _extract(node: Any) -> None:
    from lakeshift.redshift.dates import date_part

    value, kind = node.expression, kind_of(node.expression)
    if value.is_string or (kind is not None and kind.is_text):
        text = text_as(render(value), "timestamp", value)
        _replace(node, date_part(str(node.this.name), text, SqlType("timestamp without time zone")))
        return
    _replace(node, date_part(str(node.this.name), render(value), kind))


def _user(node: Any) -> None:
    _replace(node, "getvariable('user')")


_RULES: Final[dict[type, Any]] = {
    exp.IgnoreNulls: rewrite_nulls,
    exp.RespectNulls: rewrite_nulls,
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod), _arithmetic),
    **dict.fromkeys(_COMPARED, _compare),
    Navigate: _navigate,
    exp.AtTimeZone: _zone,
    exp.Between: _between,
    exp.BitwiseXor: _xor,
    exp.Escape: _escape,
    exp.In: _in,
    exp.Interval: lambda node: _replace(node, interval_sql(node)),
    exp.Ordered: _ordered,
    exp.Pow: _power,
    exp.RegexpLike: _regexp,
    exp.RegexpILike: _regexp,
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
