"""Redshift's typing of expressions: what a tree's nodes are, from the catalog's columns up.

A type that cannot be told is None; rules that need one then keep the engine's behaviour.
https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, Final

from sqlglot import expressions as exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.functions import candidates, result_type
from lakeshift.redshift.types import MAX_VARCHAR, SqlType, parse_type
from lakeshift.redshift.walking import Nodes, nodes

__all__ = ["annotate", "as_decimal", "kind_of", "note_kind", "output_columns", "type_of_cast"]

Lookup = Callable[[Any], "dict[str, SqlType] | None"]

_KEY: Final = "redshift"
# What a query may have names of its own in, besides the tables it is FROM.
_OWN_SCOPE: Final = (exp.Subquery, exp.CTE, exp.SetOperation, exp.UDTF, exp.Pivot)
_WHOLE: Final = ("smallint", "integer", "bigint")
_DIGITS: Final = {"smallint": 5, "integer": 10, "bigint": 19}
_BOOLEAN: Final = SqlType("boolean")
_FLOAT: Final = SqlType("double precision")


def kind_of(node: Any) -> SqlType | None:
    """The type :func:`annotate` found for the node."""
    found = node.meta_get(_KEY)
    return found if isinstance(found, SqlType) else None


def note_kind(node: Any, kind: SqlType) -> None:
    """Note a type that is known before :func:`annotate` looks."""
    node.meta[_KEY] = kind


def output_columns(query: Any) -> list[tuple[str, SqlType | None]]:
    """Names and types of an annotated query's result; stars are left out."""
    while isinstance(query, exp.Subquery):
        query = query.this
    if isinstance(query, exp.SetOperation):
        return output_columns(query.left)
    return [(item.alias_or_name, kind_of(item)) for item in query.expressions if not item.is_star]


def annotate(tree: Any, seen: Nodes, table_columns: Lookup) -> None:
    """Note the type of every node that can be told; ``seen`` are its nodes, ``table_columns`` tells a table's."""
    if isinstance(tree, exp.Select) and not seen.has(*_OWN_SCOPE) and len(seen.of(exp.Query)) == 1:
        _annotate_lone(tree, seen, table_columns)
        return
    outer: dict[str, dict[str, SqlType]] = {}
    if not isinstance(tree, exp.Query):
        for table in tree.find_all(exp.Table):
            outer.setdefault(table.alias_or_name, table_columns(table) or {})
    outputs: dict[int, dict[str, SqlType]] = {}
    roots = [tree] if isinstance(tree, exp.Query) else _outermost_queries(tree)
    for root in roots:
        for scope in traverse_scope(root):
            outputs[id(scope)] = _annotate_scope(scope, outputs, outer, table_columns)
    if not isinstance(tree, exp.Query):
        _annotate_nodes(seen.all, _resolver([outer], {}))


def _outermost_queries(tree: Any) -> list[Any]:
    found = [node for node in tree.find_all(exp.Query) if not isinstance(node, exp.Table)]
    return [node for node in found if not _inside(node, found)]


def _inside(node: Any, others: list[Any]) -> bool:
    parent = node.parent
    while parent is not None:
        if any(parent is other for other in others):
            return True
        parent = parent.parent
    return False


def _annotate_lone(select: Any, seen: Nodes, table_columns: Lookup) -> None:
    """A SELECT from tables alone: what its columns mean is told without looking for scopes."""
    sources = {table.alias_or_name: table_columns(table) or {} for table in seen.of(exp.Table)}
    aliases = {item.alias: item for item in select.expressions if isinstance(item, exp.Alias)}
    _annotate_nodes(seen.all, _resolver([sources], aliases))


def _annotate_scope(
    scope: Scope, outputs: dict[int, dict[str, SqlType]], outer: dict[str, dict[str, SqlType]], columns: Lookup
) -> dict[str, SqlType]:
    levels: list[dict[str, dict[str, SqlType]]] = []
    level: Any = scope
    while level is not None:
        levels.append({name: _source(source, outputs, columns) for name, source in level.sources.items()})
        level = level.parent
    levels.append(outer)
    query: Any = scope.expression
    if isinstance(query, exp.Select):
        aliases = {item.alias: item for item in query.expressions if isinstance(item, exp.Alias)}
        _annotate_nodes(nodes(query), _resolver(levels, aliases))
    found: dict[str, SqlType] = {}
    for item in _projections(query):
        if item.is_star:
            for name, source in levels[0].items():
                if not isinstance(item, exp.Column) or item.table in ("", name):
                    found.update(source)
        elif (kind := kind_of(item)) is not None:
            found[item.alias_or_name] = kind
    # WITH name (a, b) AS: the names outside are those of the list.
    with_names = scope.parent and query.parent and isinstance(query.parent, exp.CTE) and query.parent.alias_column_names
    return dict(zip(with_names, found.values(), strict=False)) if with_names else found


def _projections(query: Any) -> list[Any]:
    while isinstance(query, exp.Subquery | exp.SetOperation):
        query = query.this
    return list(query.expressions) if isinstance(query, exp.Select) else []


def _source(source: Any, outputs: dict[int, dict[str, SqlType]], columns: Lookup) -> dict[str, SqlType]:
    if isinstance(source, exp.Table):
        return columns(source) or {}
    return outputs.get(id(source), {})


def _resolver(levels: list[dict[str, dict[str, SqlType]]], aliases: dict[str, Any]) -> Callable[[Any], SqlType | None]:
    def resolve(column: Any) -> SqlType | None:
        name, table = column.name, column.table
        for level in levels:
            for columns in (level.get(table, {}),) if table else level.values():
                if name in columns:
                    return columns[name]
        # A select list may name an alias to its left.
        alias = aliases.get(name) if not table else None
        return kind_of(alias) if alias is not None else None

    return resolve


def _annotate_nodes(found: list[Any], resolve: Callable[[Any], SqlType | None]) -> None:
    for node in reversed(found):
        rule = resolve if isinstance(node, exp.Column) else _rule(node.__class__)
        if rule is not None and node.meta_get(_KEY) is None:
            kind = rule(node)
            if kind is not None:
                node.meta[_KEY] = kind


@cache
def _rule(of: type) -> Callable[[Any], SqlType | None] | None:
    if of in _ARITHMETIC:
        return lambda node: _arithmetic(node, kind_of(node.this), kind_of(node.expression))
    return next((rule for kinds, rule in _RULES if issubclass(of, kinds)), None)


def _literal(node: Any) -> SqlType | None:
    if node.is_string:
        return SqlType("character varying", length=max(len(str(node.this).encode()), 1))
    text = str(node.this)
    if "e" in text.lower():
        return _FLOAT
    whole, dot, fraction = text.partition(".")
    if dot:
        return SqlType("numeric", precision=max(len(whole.lstrip("0")) + len(fraction), 1), scale=len(fraction))
    value = int(text)
    if value < 2**31:
        return SqlType("integer")
    return SqlType("bigint") if value < 2**63 else SqlType("numeric", precision=38, scale=0)


def type_of_cast(node: Any) -> SqlType:
    """The type a CAST names; raises for one that Redshift does not have."""
    known = node.meta_get(_KEY)
    if isinstance(known, SqlType):
        return known
    kind = node.to
    given = [item.this for item in kind.expressions]
    plain = {key for key, value in kind.args.items() if value} <= {"this", "expressions"}
    if plain and isinstance(kind.this, exp.DataType.Type) and all(isinstance(item, exp.Literal) for item in given):
        return _named_type(kind.this, *(str(item.this) for item in given))
    return _written_type(kind)


@lru_cache(maxsize=256)
def _named_type(kind: Any, *given: str) -> SqlType:
    expressions = [exp.DataTypeParam(this=exp.Literal.number(text)) for text in given]
    return _written_type(exp.DataType(this=kind, expressions=expressions))


def _written_type(kind: Any) -> SqlType:
    written = kind.sql(dialect="redshift")
    if written.upper() == "INTERVAL":  # no type of a column, but literals are cast to it
        return SqlType("interval")
    if kind.is_type(exp.DataType.Type.USERDEFINED):
        raise RedshiftError(f'type "{written.lower()}" does not exist', "42704")
    if kind.is_type(exp.DataType.Type.TINYINT):
        raise RedshiftError('type "tinyint" does not exist', "42704")
    return parse_type(written)


def _call(node: Any) -> SqlType | None:
    name = node.name.lower()
    arguments = [kind_of(_plain(argument)) for argument in node.expressions]
    if name in ("to_number", "text_to_numeric_alt"):
        return _by_format(node)
    special = _SPECIAL.get(name)
    if special is not None:
        return special(arguments)
    for function in candidates(name, arguments[0] if arguments else None):
        if function.least <= len(arguments) and (function.most == -1 or len(arguments) <= function.most):
            found = result_type(function, arguments)
            # COALESCE(NULL, x) is of x's type.
            return next((kind for kind in arguments if kind), None) if function.returns == "=0" and not found else found
    return None


def _plain(argument: Any) -> Any:
    return argument.expressions[0] if isinstance(argument, exp.Distinct) and argument.expressions else argument


def _sum(arguments: list[SqlType | None]) -> SqlType | None:
    kind = arguments[0] if arguments else None
    if kind is None:
        return None
    if kind.name in ("smallint", "integer"):
        return SqlType("bigint")
    if kind.name in ("bigint", "numeric"):
        return SqlType("numeric", precision=38, scale=kind.scale or 0)
    return _FLOAT if kind.name in ("real", "double precision") else None


def _average(arguments: list[SqlType | None]) -> SqlType | None:
    kind = arguments[0] if arguments else None
    if kind is None:
        return None
    if kind.name in _WHOLE:
        return SqlType("bigint")
    if kind.name == "numeric":
        return SqlType("numeric", precision=38, scale=kind.scale)
    return _FLOAT if kind.name in ("real", "double precision") else None


def _moment(kind: SqlType | None) -> SqlType:
    """DATEADD and DATE_TRUNC make a timestamp of a date, and keep a time zone."""
    zoned = kind is not None and kind.name == "timestamp with time zone"
    return SqlType("timestamp with time zone" if zoned else "timestamp without time zone")


def _truncated(arguments: list[SqlType | None]) -> SqlType | None:
    kind = arguments[0] if arguments else None
    return SqlType("date") if kind is not None and kind.name.startswith("timestamp") else kind


_TEXT: Final = SqlType("character varying", length=MAX_VARCHAR)
_SPECIAL: Final[dict[str, Callable[[list[SqlType | None]], SqlType | None]]] = {
    "sum": _sum,
    "avg": _average,
    "datediff": lambda _: SqlType("bigint"),
    "date_diff": lambda _: SqlType("bigint"),
    "date_part": lambda _: SqlType("integer"),
    "dateadd": lambda arguments: _moment(arguments[2]) if len(arguments) > 2 else None,
    "date_add": lambda arguments: _moment(arguments[2]) if len(arguments) > 2 else None,
    "date_trunc": lambda arguments: _moment(arguments[1]) if len(arguments) > 1 else None,
    "trunc": _truncated,
    # DECODE(subject, match, result, …, default): the results are every second one, and the last of an even count.
    "decode": lambda arguments: _widest(
        [kind for kind in arguments[2::2] + (arguments[-1:] if len(arguments) % 2 == 0 else []) if kind]
    ),
    "to_char": lambda _: _TEXT,
    "to_date": lambda _: SqlType("date"),
    "to_timestamp": lambda _: SqlType("timestamp with time zone"),
    "json_extract_path_text": lambda _: _TEXT,
    "collate": lambda arguments: arguments[0] if arguments else None,
    "array": lambda _: SqlType("super"),
    "object": lambda _: SqlType("super"),
    "object_transform": lambda _: SqlType("super"),
    "fnv_hash": lambda _: SqlType("bigint"),
    "murmur3_32_hash": lambda _: SqlType("integer"),
    "pgdate_part": lambda _: SqlType("integer"),
    "timezone": lambda arguments: _other_zone(arguments[1]) if len(arguments) > 1 else None,
    "mod": lambda arguments: _widest([kind for kind in arguments if kind]),
}


def _other_zone(kind: SqlType | None) -> SqlType:
    zoned = kind is not None and kind.name == "timestamp with time zone"
    return SqlType("timestamp without time zone" if zoned else "timestamp with time zone")


def _by_format(node: Any) -> SqlType | None:
    """TO_NUMBER and TEXT_TO_NUMERIC_ALT are as precise as their literals say."""
    if node.name.lower() == "to_number" and len(node.expressions) == 2:
        pattern = str(node.expressions[1].this).upper() if node.expressions[1].is_string else ""
        _, dot, fraction = pattern.replace("D", ".").partition(".")
        return SqlType("numeric", precision=38, scale=sum(letter in "90" for letter in fraction) if dot else 0)
    numbers = [str(item.this) for item in node.expressions[1:] if isinstance(item, exp.Literal)]
    if node.name.lower() == "text_to_numeric_alt" and all(number.isdigit() for number in numbers):
        return SqlType(
            "numeric", precision=int(numbers[0]) if numbers else 38, scale=int(numbers[1]) if len(numbers) > 1 else 0
        )
    return None


def _branches(node: Any) -> SqlType | None:
    kinds = [kind_of(branch.args["true"]) for branch in node.args["ifs"]]
    default = node.args.get("default")
    kinds += [kind_of(default)] if default is not None and not isinstance(default, exp.Null) else []
    return _widest([kind for kind in kinds if kind])


def _widest(kinds: list[SqlType]) -> SqlType | None:
    """What CASE and set operations of these kinds give."""
    if not kinds:
        return None
    result = kinds[0]
    for kind in kinds[1:]:
        if kind == result:
            continue
        if kind.is_text and result.is_text:
            result = SqlType("character varying", length=max(kind.length or 0, result.length or 0))
        elif "double precision" in (kind.name, result.name):
            result = _FLOAT
        elif kind.name in _WHOLE and result.name in _WHOLE:
            result = max(kind, result, key=lambda item: _WHOLE.index(item.name))
        elif as_decimal(kind) and as_decimal(result):
            left, right = _decimals(kind, result)
            scale = max(left[1], right[1])
            result = SqlType(
                "numeric", precision=min(max(left[0] - left[1], right[0] - right[1]) + scale, 38), scale=scale
            )
    return result


def as_decimal(kind: SqlType) -> tuple[int, int] | None:
    """Precision and scale of a number that takes part in decimal arithmetic."""
    if kind.name == "numeric":
        return kind.precision or 18, kind.scale or 0
    return (_DIGITS[kind.name], 0) if kind.name in _DIGITS else None


def _decimals(left: SqlType, right: SqlType) -> tuple[tuple[int, int], tuple[int, int]]:
    return as_decimal(left) or (18, 0), as_decimal(right) or (18, 0)


def _arithmetic(  # noqa: PLR0911 - a rule for each pair of types
    node: Any, left: SqlType | None, right: SqlType | None
) -> SqlType | None:
    if "super" in (left.name if left else "", right.name if right else ""):
        return SqlType("super")
    if left is None or right is None:
        return None
    if left.is_text and right.is_text and isinstance(node, exp.Add):
        return SqlType(
            "character varying", length=min((left.length or 0) + (right.length or 0), MAX_VARCHAR) or MAX_VARCHAR
        )
    if left.name == "interval" and right.name.startswith(("timestamp", "date")):
        return right if right.name.startswith("timestamp") else SqlType("timestamp without time zone")
    if left.name in _WHOLE and right.name in _WHOLE:
        return max(left, right, key=lambda item: _WHOLE.index(item.name))
    if as_decimal(left) and as_decimal(right):
        return _decimal_arithmetic(node, *_decimals(left, right))
    if {left.name, right.name} & {"real", "double precision"}:
        return _FLOAT
    if left.name == "date":
        return (
            SqlType("bigint")
            if right.name == "date"
            else left
            if right.name in _WHOLE
            else SqlType("timestamp without time zone")
        )
    if left.name.startswith("timestamp"):
        return SqlType("interval") if right.name.startswith("timestamp") else left
    return None


def _decimal_arithmetic(node: Any, left: tuple[int, int], right: tuple[int, int]) -> SqlType:
    """Precision and scale by the table of the page "Computations with numeric values"."""
    (p1, s1), (p2, s2) = left, right
    if isinstance(node, exp.Mul):
        precision, scale = p1 + p2 + 1, s1 + s2
    elif isinstance(node, exp.Div):
        scale = max(4, s1 + p2 - s2 + 1)
        precision = p1 - s1 + s2 + scale
    else:
        scale = max(s1, s2)
        precision = max(p1 - s1, p2 - s2) + 1 + scale
    if precision > 38:
        if isinstance(node, exp.Div):
            scale = max(4, 38 - (precision - scale))
        elif isinstance(node, exp.Mul):
            scale = min(scale, 37)
        precision = 38
    return SqlType("numeric", precision=precision, scale=min(scale, 37))


def _concatenated(node: Any) -> SqlType:
    """|| of two texts is as long as both together; of anything else, as long as a text can be."""
    if any(kind and kind.name == "binary varying" for kind in (kind_of(node.this), kind_of(node.expression))):
        return SqlType("binary varying", length=1_024_000)
    lengths = [kind.length for kind in (kind_of(node.this), kind_of(node.expression)) if kind and kind.is_text]
    known = [length for length in lengths if length is not None]
    return SqlType("character varying", length=min(sum(known), MAX_VARCHAR)) if len(known) == 2 else _TEXT


def _only_column(node: Any) -> SqlType | None:
    columns = _projections(node)
    return kind_of(columns[0]) if len(columns) == 1 else None


_ARITHMETIC: Final = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
_RULES: Final[tuple[tuple[Any, Callable[[Any], SqlType | None]], ...]] = (
    (exp.Literal, _literal),
    (exp.Cast, type_of_cast),
    (exp.Anonymous, _call),
    (exp.Case, _branches),
    (exp.Boolean, lambda _: _BOOLEAN),
    ((exp.Predicate, exp.Not, exp.Connector), lambda _: _BOOLEAN),
    (exp.DPipe, _concatenated),
    (exp.Extract, lambda _: SqlType("integer")),
    (exp.Trim, lambda node: kind_of(node.this)),
    (exp.Substring, lambda node: kind_of(node.this)),
    (exp.StrPosition, lambda _: SqlType("integer")),
    (
        (exp.Paren, exp.Alias, exp.Neg, exp.Window, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls),
        lambda node: kind_of(node.this),
    ),
    (exp.Interval, lambda _: SqlType("interval")),
    (exp.CurrentDate, lambda _: SqlType("date")),
    (exp.CurrentTimestamp, lambda _: SqlType("timestamp without time zone")),
    (exp.AtTimeZone, lambda node: _other_zone(kind_of(node.this))),
    (
        (exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor),
        lambda node: _widest([k for k in (kind_of(node.this), kind_of(node.expression)) if k]),
    ),
    ((exp.BitwiseLeftShift, exp.BitwiseRightShift, exp.BitwiseNot), lambda node: kind_of(node.this)),
    (exp.Pow, lambda _: _FLOAT),
    (exp.Subquery, _only_column),
)
