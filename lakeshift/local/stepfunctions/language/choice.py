"""The rules of a Choice state that compare by JSONPath.

https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html#amazon-states-language-choice-state-rules
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from lakeshift.local.stepfunctions.language.expressions import missing
from lakeshift.local.stepfunctions.language.paths import Data, PathMissing, value_at

__all__ = ["OPERATORS", "holds", "instant_of"]

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def instant_of(text: Any) -> datetime | None:
    """An RFC 3339 timestamp with its ``T`` and its zone, or None."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "IsNull": lambda value: value is None,
    "IsString": lambda value: isinstance(value, str),
    "IsNumeric": _is_number,
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: instant_of(value) is not None,
}
OPERATORS: Final = frozenset(
    {
        *(
            f"{kind}{name}{path}"
            for kind in ("String", "Numeric", "Timestamp")
            for name in _COMPARE
            for path in ("", "Path")
        ),
        *("BooleanEquals", "BooleanEqualsPath", "StringMatches", "IsPresent", *_TYPES),
    }
)


def holds(rule: dict[str, Any], data: Data) -> bool:
    """Whether the rule holds for the data; raises StateFailure where its variable is not there."""
    if "And" in rule:
        return all(holds(inner, data) for inner in rule["And"])
    if "Or" in rule:
        return any(holds(inner, data) for inner in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], data)
    name = next(name for name in rule if name in OPERATORS)
    if name == "IsPresent":
        return _is_present(rule["Variable"], data) is bool(rule[name])
    value = _value(rule["Variable"], data, "Variable")
    if name in _TYPES:
        return _TYPES[name](value) is bool(rule[name])
    wanted = _value(rule[name], data, name) if name.endswith("Path") else rule[name]
    return _compare(name.removesuffix("Path"), value, wanted)


def _is_present(path: str, data: Data) -> bool:
    try:
        value_at(path, data)
    except PathMissing:
        return False
    return True


def _value(path: str, data: Data, field: str) -> Any:
    try:
        return value_at(path, data)
    except PathMissing as error:
        raise missing(error, field) from error


def _compare(name: str, value: Any, wanted: Any) -> bool:
    """A value of another type than the operator's never matches."""
    if name == "StringMatches":
        return isinstance(value, str) and _like(wanted, value)
    kind = next(kind for kind in ("String", "Numeric", "Timestamp", "Boolean") if name.startswith(kind))
    if kind == "Timestamp":
        value, wanted = instant_of(value), instant_of(wanted)
        fits = value is not None and wanted is not None
    else:
        is_kind = {"String": _TYPES["IsString"], "Numeric": _is_number, "Boolean": _TYPES["IsBoolean"]}[kind]
        fits = is_kind(value) and is_kind(wanted)
    return fits and _COMPARE[name.removeprefix(kind)](value, wanted)


def _like(pattern: str, text: str) -> bool:
    r"""``*`` is any text; a backslash makes the next letter stand for itself."""
    pieces = re.split(r"(\\.|\*)", pattern)
    expression = "".join(
        ".*" if piece == "*" else re.escape(piece[1:] if re.fullmatch(r"\\.", piece) else piece) for piece in pieces
    )
    return re.fullmatch(expression, text, re.DOTALL) is not None
