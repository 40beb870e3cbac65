"""One function call to the engine's SQL, alone or inside OVER and WITHIN GROUP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlglot import expressions as exp

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift import dates
from lakeshift.redshift.errors import RedshiftError, syntax_error
from lakeshift.redshift.functions import WINDOW_ONLY, Function, candidates, is_not_yet
from lakeshift.redshift.moment_casts import at_zone, text_as
from lakeshift.redshift.reading import render as _sql
from lakeshift.redshift.types import SqlType, parse_type
from lakeshift.redshift.typing_rules import kind_of

__all__ = ["SPECIAL_NAMES", "rewrite_call", "rewrite_nulls", "rewrite_wrapper"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions.html"
_INSTEAD: Final = {
    "checksum": "Use FNV_HASH or MURMUR3_32_HASH: how CHECKSUM computes is nowhere written.",
    "hll": "Use COUNT(DISTINCT …), or APPROXIMATE COUNT(DISTINCT …).",
}
_WRAPPERS: Final = (exp.Window, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)
# Calls that need their OVER or WITHIN GROUP to be written, because it lands inside or more than once.
_DEFERRED: Final = frozenset(
    {"listagg", "percentile_cont", "percentile_disc", "avg", "sum", "ratio_to_report", "median"}
)


def _replace(node: Any, sql: str) -> None:
    made = exp.Var(this=sql)
    made.meta.update(node.meta)
    node.replace(made)


def rewrite_call(node: Any) -> None:
    """Replace the call by the engine's; one that :func:`rewrite_wrapper` needs whole is left to it."""
    name = node.name.lower()
    wrapped = isinstance(node.parent, _WRAPPERS) and node.parent.this is node
    if wrapped and name in _DEFERRED:
        return
    if name in WINDOW_ONLY and not wrapped:
        raise RedshiftError(f"window function {name} requires an OVER clause", "42P20")
    _replace(node, _call(node, name, ""))


def rewrite_wrapper(node: Any) -> None:
    """Finish a deferred call together with its WITHIN GROUP and OVER."""
    if isinstance(node, exp.WithinGroup) and isinstance(node.parent, exp.Window) and node.parent.this is node:
        return
    inner = node.this
    order = ""
    while isinstance(inner, _WRAPPERS):
        if isinstance(inner, exp.WithinGroup):
            order = _sql(inner.expression).strip()
        inner = inner.this
    if isinstance(node, exp.WithinGroup):
        order = _sql(node.expression).strip()
    if not isinstance(inner, exp.Anonymous):
        return
    over = ""
    if isinstance(node, exp.Window):
        # The window's own text, with a stand-in for the call.
        whole = _sql(exp.Window(**{**node.args, "this": exp.Var(this="f")}).copy())
        over = whole.removeprefix("f")
    _replace(node, _call(inner, inner.name.lower(), over, order))


def rewrite_nulls(node: Any) -> None:
    """IGNORE NULLS and RESPECT NULLS, behind the call or its argument; the engine has them before the bracket."""
    if isinstance(node.this, exp.Anonymous):
        raise syntax_error("NULLS")
    text = _sql(node.this)
    if isinstance(node, exp.RespectNulls):
        _replace(node, text)
    elif isinstance(node.parent, exp.Window):
        _replace(node, f"{text.removesuffix(')')} IGNORE NULLS)")
    else:
        _replace(node, f"{text} IGNORE NULLS")


def _call(node: Any, name: str, over: str, order: str = "") -> str:
    special = _SPECIAL.get(name)
    if special is not None:
        return special(node, over, order)
    function = _find(node, name)
    return _fill(function.template, node.expressions) + over


def _argument(argument: Any, template: str, index: int) -> str:
    """An argument's SQL as the place in the template needs it."""
    kind = kind_of(argument)
    for name in ("TIMESTAMPTZ", "TIMESTAMP", "DATE"):
        if f"{{{index}}}::{name}" in template and (kind is None or kind.is_text or argument.is_string):
            return text_as(_sql(argument), {"TIMESTAMPTZ": "instant"}.get(name, name.lower()), argument)
    read = f"{{{index}}}::VARCHAR" in template or f"{{{index}}}::DOUBLE" in template
    if read and kind is not None and kind.name == "super" and "ls_" not in template and "json" not in template:
        return f"main.ls_super_text({_sql(argument)})"
    if kind is not None and kind.name == "binary varying" and f"{{{index}}}::VARCHAR" in template:
        return f"ls_from_varbyte({_sql(argument)}, 'hex')"
    return _sql(argument)


def _find(node: Any, name: str) -> Function:
    count = len(node.expressions)
    for function in candidates(name, kind_of(node.expressions[0]) if node.expressions else None):
        if function.least <= count and (function.most == -1 or count <= function.most):
            return function
    if is_not_yet(name):
        instead = _INSTEAD.get(name, "Write the expression with others.")
        raise NotSupportedLocallyError(f"The function {name.upper()}", instead, _PAGE)
    kinds = ", ".join(_type_name(argument) for argument in node.expressions)
    raise RedshiftError(
        f"function {name}({kinds}) does not exist",
        "42883",
        hint="No function matches the given name and argument types. You may need to add explicit type casts.",
    )


def _type_name(argument: Any) -> str:
    kind = kind_of(argument)
    if (isinstance(argument, exp.Literal) and argument.is_string) or kind is None:
        return '"unknown"'
    return kind.name


def _fill(template: str, arguments: list[Any]) -> str:
    texts = [_argument(argument, template, index) for index, argument in enumerate(arguments)]
    filled = template.replace("{*}", ", ".join(texts))
    pieces = filled.split("{")
    out = pieces[0]
    for piece in pieces[1:]:
        index, closed, rest = piece.partition("}")
        out += _operand(texts[int(index)]) + rest if closed and index.isdigit() else "{" + piece
    return out


def _operand(text: str) -> str:
    if text.endswith(" IGNORE NULLS"):
        return text
    simple = text.replace("_", "").replace('"', "").replace(".", "").isalnum() or text.startswith("DISTINCT ")
    return text if simple or text == "*" else f"({text})"


def _name(argument: Any) -> str:
    return str(argument.this if isinstance(argument, exp.Literal) else argument.name)


def _arity(node: Any, *allowed: int) -> list[Any]:
    if len(node.expressions) not in allowed:
        # A name no function has: the error tells the arguments given.
        _find(node, f"{node.name.lower()} ")
    return list(node.expressions)


def _sum(node: Any, over: str, _order: str) -> str:
    (argument,) = _arity(node, 1)
    kind = kind_of(node)
    plain = f"sum({_sql(argument)}){over}"
    return f"CAST({plain} AS {kind.engine})" if kind is not None and kind.name == "bigint" else plain


def _avg(node: Any, over: str, _order: str) -> str:
    """AVG keeps whole numbers whole and a decimal's scale, and cuts instead of rounding."""
    from lakeshift.redshift.node_rules import decimal_quotient  # it imports this module

    (argument,) = _arity(node, 1)
    text = _sql(argument)
    kind = kind_of(node)
    inner = argument.expressions[0] if isinstance(argument, exp.Distinct) else argument
    total, count = f"sum({text}){over}", f"nullif(count({text}){over}, 0)"
    if kind is not None and kind.name == "bigint":
        return f"CAST({total} // {count} AS BIGINT)"
    if kind is not None and kind.name == "numeric":
        of = SqlType("numeric", precision=38, scale=kind.scale)
        return decimal_quotient(total, of, count, SqlType("bigint"), kind)
    if kind is not None:
        return f"avg({text}){over}"
    return f"main.ls_average_unknown(avg({text}){over}, typeof({'any_value' if not over else ''}({_sql(inner)})))"


def _listagg(node: Any, over: str, order: str) -> str:
    arguments = _arity(node, 1, 2)
    separator = _sql(arguments[1]) if len(arguments) > 1 else "''"
    first = arguments[0]
    if isinstance(first, exp.Distinct):
        if len(first.expressions) > 1:
            separator = _sql(first.expressions[1])
        text = f"DISTINCT CAST({_sql(first.expressions[0])} AS VARCHAR)"
        if order:
            # The engine orders a distinct aggregate only by what it aggregates.
            order = order.replace(_sql(first.expressions[0]), f"CAST({_sql(first.expressions[0])} AS VARCHAR)")
    else:
        text = f"CAST({_sql(first)} AS VARCHAR)"
    return f"string_agg({text}, {separator}{' ' if order else ''}{order}){over}"


def _percentile(node: Any, over: str, order: str) -> str:
    (argument,) = _arity(node, 1)
    if not order:
        raise RedshiftError(f"{node.name.upper()} requires WITHIN GROUP", "42601")
    key, _, direction = order.removeprefix("ORDER BY ").partition(" DESC")
    fraction = _sql(argument)
    if direction or order.upper().find(" DESC") > 0:
        fraction = f"(1 - {fraction})"
    engine = "quantile_cont" if node.name.lower() == "percentile_cont" else "quantile_disc"
    return f"{engine}({key.removesuffix(' NULLS LAST')}, {fraction}){over}"


def _median(node: Any, over: str, _order: str) -> str:
    (argument,) = _arity(node, 1)
    return f"quantile_cont({_sql(argument)}, 0.5){over}"


def _ratio(node: Any, over: str, _order: str) -> str:
    (argument,) = _arity(node, 1)
    if not over:
        raise RedshiftError("window function ratio_to_report requires an OVER clause", "42P20")
    return f"(CAST({_sql(argument)} AS DOUBLE) / nullif(sum({_sql(argument)}){over}, 0))"


def _moment(node: Any) -> tuple[str, SqlType | None]:
    """An argument that is a date or time; a text is read as one."""
    kind = kind_of(node)
    if node.is_string or (kind is not None and kind.is_text):
        return text_as(_sql(node), "timestamp", node), SqlType("timestamp without time zone")
    return _sql(node), kind


def _date_add(node: Any, _over: str, _order: str) -> str:
    part, amount, moment = _arity(node, 3)
    return dates.date_add(_name(part), _sql(amount), *_moment(moment))


def _date_diff(node: Any, _over: str, _order: str) -> str:
    part, start, end = _arity(node, 3)
    (first, of_first), (last, of_last) = _moment(start), _moment(end)
    return dates.date_diff(_name(part), first, last, of_first, of_last)


def _date_trunc(node: Any, _over: str, _order: str) -> str:
    part, moment = _arity(node, 2)
    return dates.date_trunc(_name(part), *_moment(moment))


def _date_part(node: Any, _over: str, _order: str) -> str:
    part, moment = _arity(node, 2)
    return dates.date_part(_name(part), *_moment(moment))


def _trunc(node: Any, _over: str, _order: str) -> str:
    arguments = _arity(node, 1, 2)
    text = _sql(arguments[0])
    kind = kind_of(arguments[0])
    digits = f"CAST({_sql(arguments[1])} AS INTEGER)" if len(arguments) > 1 else "0"
    if kind is not None and kind.name.startswith("timestamp"):
        return f"CAST({text} AS DATE)"
    if kind is not None and kind.name == "super":
        return f"CAST(ls_super_round('trunc', CAST({text} AS VARCHAR), {digits}) AS JSON)"
    return f"trunc({text})" if len(arguments) == 1 else f"trunc({text}, {digits})"


def _decode(node: Any, _over: str, _order: str) -> str:
    if len(node.expressions) < 3:
        raise syntax_error(")")
    subject, *rest = (_sql(argument) for argument in node.expressions)
    pairs = zip(rest[:None:2], rest[1::2], strict=False)
    # Unlike CASE, DECODE finds NULL equal to NULL.
    whens = " ".join(f"WHEN ({subject}) IS NOT DISTINCT FROM ({match}) THEN {result}" for match, result in pairs)
    default = f" ELSE {rest[-1]}" if len(rest) % 2 else ""
    return f"(CASE {whens}{default} END)"


_NUMBERS: Final = ("smallint", "integer", "bigint", "numeric", "real", "double precision")


def _to_char(node: Any, _over: str, _order: str) -> str:
    value, pattern = _arity(node, 2)
    kind = kind_of(value)
    if kind is not None and kind.name in _NUMBERS:
        return f"ls_number_text(CAST({_sql(value)} AS VARCHAR), {_sql(pattern)})"
    if kind is not None and kind.name == "timestamp with time zone":
        return f"ls_moment_text(({_sql(value)}) AT TIME ZONE 'UTC', {_sql(pattern)})"
    text, _ = _moment(value)
    return f"ls_moment_text(CAST({text} AS TIMESTAMP), {_sql(pattern)})"


def _to_date(node: Any, _over: str, _order: str) -> str:
    value, *rest = _arity(node, 1, 2, 3)
    if not rest:
        return text_as(_sql(value), "date", value)
    strict = _sql(rest[1]) if len(rest) > 1 else "false"
    return f"ls_text_to_date(CAST({_sql(value)} AS VARCHAR), {_sql(rest[0])}, {strict})"


def _to_timestamp(node: Any, _over: str, _order: str) -> str:
    value, pattern, *rest = _arity(node, 2, 3)
    strict = _sql(rest[0]) if rest else "false"
    return f"(ls_text_to_timestamp(CAST({_sql(value)} AS VARCHAR), {_sql(pattern)}, {strict}) AT TIME ZONE 'UTC')"


def _to_number(node: Any, _over: str, _order: str) -> str:
    value, pattern = _arity(node, 2)
    kind = kind_of(node)
    scale = kind.scale if kind is not None and kind.scale is not None else 0
    return f"CAST(ls_text_number({_sql(value)}, {_sql(pattern)}) AS DECIMAL(38,{scale}))"


def _text_to_numeric(node: Any, _over: str, _order: str) -> str:
    value, *rest = _arity(node, 1, 2, 3)
    kind = kind_of(node) or SqlType("numeric", precision=38, scale=0)
    if not all(isinstance(item, exp.Literal) for item in rest):
        raise NotSupportedLocallyError("TEXT_TO_NUMERIC_ALT with a computed precision", "Write it out.", _PAGE)
    text = f"ls_text_to_numeric_alt({_sql(value)}, {kind.precision}, {kind.scale})"
    return f"CAST({text} AS {kind.engine})"


def _bytes_of(node: Any) -> str:
    """An argument as the bytes it is hashed by."""
    kind = kind_of(node)
    sizes = {"smallint": 2, "integer": 4, "bigint": 8}
    if kind is not None and kind.name in sizes:
        return f"ls_whole_bytes(CAST({_sql(node)} AS BIGINT), {sizes[kind.name]})"
    if kind is not None and kind.name == "binary varying":
        return _sql(node)
    if kind is not None and not kind.is_text and kind.name != "unknown":
        raise NotSupportedLocallyError(f"A hash of {kind.name}", "Cast it to VARCHAR.", _PAGE)
    return f"encode(CAST({_sql(node)} AS VARCHAR))"


def _seeded(engine: str, default: str) -> Callable[[Any, str, str], str]:
    def write(node: Any, _over: str, _order: str) -> str:
        value, *seed = _arity(node, 1, 2)
        return f"{engine}({_bytes_of(value)}, {f'CAST({_sql(seed[0])} AS BIGINT)' if seed else default})"

    return write


def _mod(node: Any, _over: str, _order: str) -> str:
    left, right = _arity(node, 2)
    return (
        f"(({_sql(left)}) % nullif({_sql(right)}, 0))"
        if _is_float(left, right)
        else f"main.ls_mod({_sql(left)}, {_sql(right)})"
    )


def _is_float(*nodes: Any) -> bool:
    return any((kind := kind_of(node)) is not None and kind.name in ("real", "double precision") for node in nodes)


def _timezone(node: Any, _over: str, _order: str) -> str:
    zone, moment = _arity(node, 2)
    return at_zone(moment, _sql(moment), _sql(zone))


def _collate(node: Any, _over: str, _order: str) -> str:
    """COLLATE: what is compared with it is compared in lower case too, which the comparison sees to."""
    value, name = _arity(node, 2)
    collation = str(name.this).lower() if name.is_string else ""
    if collation in ("case_sensitive", "cs"):
        return _sql(value)
    if collation not in ("case_insensitive", "ci"):
        raise RedshiftError(f'collation "{collation}" does not exist', "42704")
    if not isinstance(node.parent, exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE):
        raise NotSupportedLocallyError("COLLATE outside of a comparison", "Use LOWER().", _PAGE)
    node.meta["folded"] = True
    return f"lower({_sql(value)})"


def _array(node: Any, _over: str, _order: str) -> str:
    items = ", ".join(f"to_json({_sql(item)})" for item in node.expressions)
    return f"json_array({items})" if items else "CAST('[]' AS JSON)"


def _object(node: Any, _over: str, _order: str) -> str:
    if len(node.expressions) % 2:
        raise RedshiftError("argument list of OBJECT must have an even number of elements", "42601")
    items = [_sql(item) if index % 2 == 0 else f"to_json({_sql(item)})" for index, item in enumerate(node.expressions)]
    return f"json_object({', '.join(items)})" if items else "CAST('{}' AS JSON)"


def _object_transform(node: Any, _over: str, _order: str) -> str:
    subject, keep, changes = node.expressions
    kept = ", ".join(_sql(item) for item in keep.expressions)
    pairs = ", ".join(f"to_json({_sql(item)})" for item in changes.expressions)
    keeps = f"CAST(json_array({kept}) AS VARCHAR)" if kept else "'null'"
    sets = f"CAST(json_array({pairs}) AS VARCHAR)" if pairs else "'[]'"
    return f"CAST(ls_object_transform(CAST({_sql(subject)} AS VARCHAR), {keeps}, {sets}) AS JSON)"


def _try_cast(node: Any, _over: str, _order: str) -> str:
    (item,) = _arity(node, 1)
    kind = parse_type(item.alias)
    return f"TRY_CAST({_sql(item.this)} AS {kind.engine})"


def _json_path(node: Any, _over: str, _order: str) -> str:
    document, *keys = node.expressions
    lenient = "false"
    if keys and isinstance(keys[-1], exp.Boolean):
        lenient = str(keys.pop().this).lower()
    if not keys:
        raise syntax_error(")")
    path = " || ".join(
        ["'$'", *(f"'.\"' || replace(CAST({_sql(key)} AS VARCHAR), '\"', '\\\"') || '\"'" for key in keys)]
    )
    return f"main.ls_json_path(CAST({_sql(document)} AS VARCHAR), {path}, {lenient})"


_SPECIAL: Final[dict[str, Callable[[Any, str, str], str]]] = {
    "array": _array,
    "avg": _avg,
    "collate": _collate,
    "date_diff": _date_diff,
    "date_part": _date_part,
    "date_trunc": _date_trunc,
    "dateadd": _date_add,
    "date_add": _date_add,
    "datediff": _date_diff,
    "decode": _decode,
    "json_extract_path_text": _json_path,
    "fnv_hash": _seeded("ls_fnv", "-3750763034362895579"),
    "listagg": _listagg,
    "median": _median,
    "mod": _mod,
    "murmur3_32_hash": _seeded("ls_murmur3", "0"),
    "object": _object,
    "object_transform": _object_transform,
    "pgdate_part": _date_part,
    "percentile_cont": _percentile,
    "percentile_disc": _percentile,
    "ratio_to_report": _ratio,
    "sum": _sum,
    "text_to_numeric_alt": _text_to_numeric,
    "timezone": _timezone,
    "to_char": _to_char,
    "to_date": _to_date,
    "to_number": _to_number,
    "to_timestamp": _to_timestamp,
    "trunc": _trunc,
    "try_cast": _try_cast,
}
# Functions written out here rather than in the table of functions.
SPECIAL_NAMES: Final = frozenset(_SPECIAL)
