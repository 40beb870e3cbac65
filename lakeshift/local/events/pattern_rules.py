"""Event patterns: the rules that PutRule and TestEventPattern hold them to. Pure.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from lakeshift.local.events.pattern import alternatives

__all__ = ["InvalidPatternError", "parse"]

_LONGEST: Final = 4096  # characters of a pattern
_MOST_WAYS: Final = 1000  # combinations of all $or
_LARGEST: Final = 5_000_000_000
_SIGNS: Final = ("=", "<", "<=", ">", ">=")


class InvalidPatternError(ValueError):
    """The text is no event pattern; the message is the reason alone."""


def parse(text: str) -> dict[str, Any]:
    """The pattern that the JSON ``text`` is; raises InvalidPatternError."""
    if len(text) > _LONGEST:
        raise InvalidPatternError(f"The pattern is longer than {_LONGEST} characters")
    try:
        found = json.loads(text)
    except ValueError:
        raise InvalidPatternError("Invalid JSON") from None
    if not isinstance(found, dict):
        raise InvalidPatternError("Filter is not an object")
    _object(found)
    if _ways(found) > _MOST_WAYS:
        raise InvalidPatternError(f"More than {_MOST_WAYS} combinations of $or")
    return found


def _object(pattern: Mapping[str, Any]) -> None:
    if not pattern:
        raise InvalidPatternError("Empty objects are not allowed")
    for one in alternatives(pattern) or ():
        _object(one)
    for name, wanted in pattern.items():
        if name == "$or" and alternatives(pattern) is not None:
            continue
        if isinstance(wanted, dict):
            _object(wanted)
        elif isinstance(wanted, list):
            _array(wanted)
        else:
            raise InvalidPatternError(f'"{name}" must be an object or an array')


def _ways(pattern: Mapping[str, Any]) -> int:
    ways = sum(_ways(one) for one in alternatives(pattern) or ()) or 1
    for wanted in pattern.values():
        ways *= _ways(wanted) if isinstance(wanted, dict) else 1
    return ways


def _array(rules: list[Any]) -> None:
    if not rules:
        raise InvalidPatternError("Empty arrays are not allowed")
    for rule in rules:
        if isinstance(rule, list):
            raise InvalidPatternError("Match value must be String, number, true, false, or null")
        if isinstance(rule, dict):
            _match(rule, _CHECKS)


def _match(rule: Mapping[str, Any], checks: Mapping[str, Callable[[str, Any], None]]) -> None:
    if len(rule) != 1:
        raise InvalidPatternError("Only one key allowed in match expression")
    name, operand = next(iter(rule.items()))
    if name not in checks:
        raise InvalidPatternError(f"Unrecognized match type {name}")
    checks[name](name, operand)


def _text(name: str, operand: Any) -> None:
    if not isinstance(operand, str):
        raise InvalidPatternError(f"{name} match pattern must be a string")


def _affix(name: str, operand: Any) -> None:
    if isinstance(operand, dict):
        _match(operand, {"equals-ignore-case": _text})
    else:
        _text(name, operand)


def _wildcard(name: str, operand: Any) -> None:
    _text(name, operand)
    if re.search(r"(?<!\\)\*\*", operand):
        raise InvalidPatternError("Consecutive wildcard characters")
    if re.search(r"\\(?![\\*])", re.sub(r"\\\\|\\\*", "", operand)):
        raise InvalidPatternError("Invalid escape character")


def _exists(name: str, operand: Any) -> None:
    if not isinstance(operand, bool):
        raise InvalidPatternError(f"{name} match pattern must be either true or false.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numeric(name: str, operand: Any) -> None:
    if not isinstance(operand, list):
        raise InvalidPatternError(f"Value of {name} must be an array.")
    signs, bounds = operand[::2], operand[1::2]
    if not operand or len(signs) != len(bounds):
        raise InvalidPatternError(f"Invalid member in {name} match")
    for sign in signs:
        if sign not in _SIGNS:
            raise InvalidPatternError(f"Unrecognized numeric range operator: {sign}")
    for bound in bounds:
        if not _is_number(bound):
            raise InvalidPatternError(f"Value of {signs[0]} must be numeric")
        if abs(bound) > _LARGEST:
            raise InvalidPatternError(f"Value must be between -{_LARGEST}.0 and {_LARGEST}.0")
    _range(signs, bounds)


def _range(signs: list[str], bounds: list[float]) -> None:
    if len(signs) == 1:
        return
    ends = {sign[0] for sign in signs}
    if len(signs) > 2 or ends != {"<", ">"}:
        raise InvalidPatternError("Too many elements in numeric expression")
    bottom, top = bounds if signs[0][0] == ">" else reversed(bounds)
    if bottom >= top:
        raise InvalidPatternError("Bottom must be less than top")


def _cidr(name: str, operand: Any) -> None:
    _text(name, operand)
    try:
        if "/" not in operand:
            raise ValueError(operand)
        ipaddress.ip_network(operand, strict=False)
    except ValueError:
        raise InvalidPatternError(f"Malformed CIDR, one '/' required: {operand}") from None


def _anything_but(name: str, operand: Any) -> None:  # noqa: ARG001 - one signature
    if isinstance(operand, dict):
        inner = {"prefix": _each, "suffix": _each, "equals-ignore-case": _each, "wildcard": _each_wildcard}
        return _match(operand, inner)
    choices = operand if isinstance(operand, list) else [operand]
    if not choices:
        raise InvalidPatternError("Empty arrays are not allowed")
    if not (all(isinstance(one, str) for one in choices) or all(_is_number(one) for one in choices)):
        raise InvalidPatternError(
            "Inside anything but list, either all values should be number or string, mixed type is not supported"
        )
    return None


def _each(name: str, operand: Any) -> None:
    for one in operand if isinstance(operand, list) else [operand]:
        _text(name, one)


def _each_wildcard(name: str, operand: Any) -> None:
    for one in operand if isinstance(operand, list) else [operand]:
        _wildcard(name, one)


_CHECKS: Final[dict[str, Callable[[str, Any], None]]] = {
    "prefix": _affix,
    "suffix": _affix,
    "equals-ignore-case": _text,
    "wildcard": _wildcard,
    "exists": _exists,
    "numeric": _numeric,
    "cidr": _cidr,
    "anything-but": _anything_but,
}
