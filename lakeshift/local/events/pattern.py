"""Event patterns: whether an event matches one. Pure.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

__all__ = ["alternatives", "matches"]

_MISSING: Final = object()
_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


def alternatives(pattern: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """The patterns of an ``$or``, where it is the operator and not a field of that name."""
    found = pattern.get("$or")
    is_operator = isinstance(found, list) and len(found) > 1 and all(isinstance(one, dict) and one for one in found)
    return found if is_operator else None


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Whether the event (or a part of it) has every field that the pattern names, with a value that fits.

    Of an array of objects one object must fit as a whole.
    """
    if isinstance(event, list):
        return any(matches(pattern, one) for one in event) or (not event and _fits_nothing(pattern))
    either = alternatives(pattern)
    if either is not None and not any(matches(one, event) for one in either):
        return False
    fields = event if isinstance(event, dict) else {}
    return all(
        _field(wanted, fields.get(name, _MISSING))
        for name, wanted in pattern.items()
        if either is None or name != "$or"
    )


def _fits_nothing(pattern: Mapping[str, Any]) -> bool:
    return matches(pattern, {})


def _field(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, dict):
        return matches(wanted, {} if value is _MISSING else value)
    leaves = list(_leaves(value))
    return any(_rule(rule, leaves) for rule in wanted)


def _leaves(value: Any) -> Iterator[Any]:
    """The values of a field: those of an array, or the one it is; an object is none."""
    if isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif value is not _MISSING and not isinstance(value, dict):
        yield value


def _rule(rule: Any, leaves: list[Any]) -> bool:
    if isinstance(rule, dict):
        name, operand = next(iter(rule.items()))
        if name == "exists":
            return bool(leaves) == bool(operand)
        return any(_OPERATORS[name](operand, leaf) for leaf in leaves)
    return any(_equal(rule, leaf) for leaf in leaves)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equal(wanted: Any, value: Any) -> bool:
    if _is_number(wanted) and _is_number(value):
        return bool(wanted == value)
    return type(wanted) is type(value) and bool(wanted == value)


def _text(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    """Of a text, by ``test(value, operand)``; an operand of ``equals-ignore-case`` compares in one case."""

    def fits(operand: Any, value: Any) -> bool:
        if isinstance(operand, dict):
            return isinstance(value, str) and test(value.lower(), str(operand["equals-ignore-case"]).lower())
        return isinstance(value, str) and test(value, operand)

    return fits


def _numeric(operand: list[Any], value: Any) -> bool:
    pairs = zip(operand[::2], operand[1::2], strict=True)
    return _is_number(value) and all(_COMPARISONS[sign](value, bound) for sign, bound in pairs)


def _cidr(operand: str, value: Any) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(operand, strict=False)
    except ValueError:
        return False


def _wildcard(operand: str, value: str) -> bool:
    parts = re.findall(r"\\.|[^\\]", operand, re.DOTALL)
    pattern = "".join(".*" if part == "*" else re.escape(part[-1]) for part in parts)
    return re.fullmatch(pattern, value, re.DOTALL) is not None


def _anything_but(operand: Any, value: Any) -> bool:
    if isinstance(operand, dict):
        name, inner = next(iter(operand.items()))
        choices = inner if isinstance(inner, list) else [inner]
        return not any(_OPERATORS[name](choice, value) for choice in choices)
    return not any(_equal(one, value) for one in (operand if isinstance(operand, list) else [operand]))


_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "prefix": _text(str.startswith),
    "suffix": _text(str.endswith),
    "equals-ignore-case": _text(lambda value, operand: value.lower() == operand.lower()),
    "wildcard": _text(lambda value, operand: _wildcard(operand, value)),
    "numeric": _numeric,
    "cidr": _cidr,
    "anything-but": _anything_but,
}
