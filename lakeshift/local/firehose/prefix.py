"""Where an object goes: custom prefixes with their expressions. Pure.

https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

__all__ = ["Moment", "PrefixError", "error_prefix", "evaluate", "expressions", "object_prefix"]

_EXPRESSION: Final = re.compile(r"!\{([^:{}]+):([^{}]*)\}")
_PATTERN: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|.", re.DOTALL)
_NAMESPACES: Final = frozenset({"timestamp", "firehose", "partitionKeyFromQuery"})
_DEFAULT: Final = "%Y/%m/%d/%H/"

_LETTERS: Final[dict[str, Callable[[datetime], str]]] = {
    "yyyy": lambda at: f"{at.year:04d}",
    "yy": lambda at: f"{at.year % 100:02d}",
    "y": lambda at: str(at.year),
    "uuuu": lambda at: f"{at.year:04d}",
    "MM": lambda at: f"{at.month:02d}",
    "M": lambda at: str(at.month),
    "MMM": lambda at: f"{at:%b}",
    "dd": lambda at: f"{at.day:02d}",
    "d": lambda at: str(at.day),
    "DDD": lambda at: f"{at:%j}",
    "HH": lambda at: f"{at.hour:02d}",
    "H": lambda at: str(at.hour),
    "mm": lambda at: f"{at.minute:02d}",
    "m": lambda at: str(at.minute),
    "ss": lambda at: f"{at.second:02d}",
    "s": lambda at: str(at.second),
    "EEE": lambda at: f"{at:%a}",
}


class PrefixError(ValueError):
    """The prefix holds what is no expression, or one that cannot be evaluated."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What expressions are evaluated from; ``at`` is the arrival of the oldest record of the object."""

    at: datetime
    random: Callable[[], str]
    keys: Mapping[str, str] = field(default_factory=dict)
    error_type: str | None = None


def expressions(prefix: str) -> list[tuple[str, str]]:
    """Namespace and value of each expression; raises PrefixError for one that Firehose does not know."""
    found: list[tuple[str, str]] = _EXPRESSION.findall(prefix)
    if "!{" in _EXPRESSION.sub("", prefix):
        raise PrefixError(f"The prefix {prefix!r} holds '!{{' that starts no expression !{{namespace:value}}.")
    for namespace, value in found:
        if namespace not in _NAMESPACES:
            raise PrefixError(f"The namespace {namespace!r} in prefix {prefix!r} is none of {sorted(_NAMESPACES)}.")
        if namespace == "firehose" and value not in ("random-string", "error-output-type"):
            raise PrefixError(f"!{{firehose:{value}}} is neither random-string nor error-output-type.")
        if namespace == "timestamp":
            _check_pattern(value)
    return found


def evaluate(prefix: str, moment: Moment) -> str:
    """The prefix with every expression replaced; raises PrefixError for a key that the record lacks."""

    def replace(found: re.Match[str]) -> str:
        namespace, value = found.groups()
        if namespace == "timestamp":
            return _format(value, moment.at)
        if namespace == "partitionKeyFromQuery":
            if value not in moment.keys:
                raise PrefixError(f"partitionKeyFromQuery:{value} has no value.")
            return moment.keys[value]
        return moment.random() if value == "random-string" else moment.error_type or ""

    return _EXPRESSION.sub(replace, prefix)


def object_prefix(prefix: str, moment: Moment) -> str:
    """A prefix without expressions is followed by ``yyyy/MM/dd/HH/``; one with them stands as it is."""
    if expressions(prefix):
        return evaluate(prefix, moment)
    return prefix + f"{moment.at:{_DEFAULT}}"


def error_prefix(prefix: str, error: str | None, moment: Moment) -> str:
    """Where failed records go; without an error prefix below the prefix, in a folder of the error's type."""
    if error is None:
        return f"{prefix}{moment.error_type}/{moment.at:{_DEFAULT}}"
    if expressions(error):
        return evaluate(error, moment)
    return f"{error}{moment.error_type}/{moment.at:{_DEFAULT}}"


def _check_pattern(pattern: str) -> None:
    for found in _PATTERN.finditer(pattern):
        if found.group(2) and found.group() not in _LETTERS:
            raise PrefixError(
                f"The timestamp pattern {pattern!r} has {found.group()!r}, which is not supported locally."
            )


def _format(pattern: str, at: datetime) -> str:
    def replace(found: re.Match[str]) -> str:
        quoted, letter = found.groups()
        if quoted is not None:
            return quoted.replace("''", "'") or "'"
        return _LETTERS[found.group()](at) if letter else found.group()

    return _PATTERN.sub(replace, pattern)
