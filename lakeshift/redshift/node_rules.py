"""What an operator, a cast or a clause of a Redshift tree is in the engine's SQL, one rule a kind of node."""

from __future__ import annotations

from typing import Any, Final

from sqlglot import expressions as exp

from lakeshift.redshift.calls import rewrite_nulls
from lakeshift.redshift.dates import date_part
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.moment_casts import at_zone, interval_sql, text_as
from lakeshift.redshift.navigation import path_text
from lakeshift.redshift.reading import Navigate, render
from lakeshift.redshift.types import MAX_VARCHAR, SqlType, refuse_interval
from lakeshift.redshift.typing_rules import as_decimal, kind_of, type_of_cast

__all__ = ["RULES", "cast", "decimal_quotient"]


def _replace(node: Any, sql: str) -> None:
    made = exp.Var(this=sql)
    made.meta.update(node.meta)
    node.replace(made)


_MOMENTS: Final = {
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "instant",
    "time without time zone": "time",
}


def cast(node: Any) -> None:  # noqa: C901, PLR0912 - a rule for each pair of types
    """A CAST: texts are read leniently, SUPER and VARBYTE by their own rules."""
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
    if kind.name == "interval" and not (of is not None and of.name == "interval"):
        refuse_interval()
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
    value, kind = node.expression, kind_of(node.expression)
    if value.is_string or (kind is not None and kind.is_text):
        text = text_as(render(value), "timestamp", value)
        _replace(node, date_part(str(node.this.name), text, SqlType("timestamp without time zone")))
        return
    _replace(node, date_part(str(node.this.name), render(value), kind))


def _user(node: Any) -> None:
    _replace(node, "getvariable('user')")


RULES: Final[dict[type, Any]] = {
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
