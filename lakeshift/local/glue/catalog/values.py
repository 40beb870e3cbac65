"""Partition values, which are text, as values of their key's type."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

__all__ = ["INTEGRAL", "NULL_PARTITION", "TEXT", "base_type", "cast"]

INTEGRAL: Final = ("tinyint", "smallint", "int", "bigint", "long")
TEXT: Final = ("string", "char", "varchar")
NULL_PARTITION: Final = "__HIVE_DEFAULT_PARTITION__"

_TIMESTAMP: Final = re.compile(r"(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?")


def base_type(kind: str) -> str:
    """``decimal`` of ``decimal(10,2)``."""
    return kind.partition("(")[0].strip().lower()


def cast(kind: str, text: str) -> Any:
    """``text`` as a value that compares as the type does; None for Hive's null partition of a typed key.

    Raises ValueError, in Glue's words, where it is none of that type; LookupError for a type no key may have.
    """
    base = base_type(kind)
    if base in TEXT:
        return text
    try:
        convert = _CASTS[base]
    except KeyError:
        raise LookupError(f"Unknown type : '{kind}'") from None
    return None if text == NULL_PARTITION else convert(text)


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f'"{text}" is not an integer.') from None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text} is not a decimal.") from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else _fail(text)
    except ValueError:
        raise ValueError(f"{text} is not a date.") from None


def _fail(text: str) -> date:
    raise ValueError(text)


def _timestamp(text: str) -> tuple[datetime, int]:
    found = _TIMESTAMP.fullmatch(text)
    try:
        if found:
            return datetime.fromisoformat(found[1]), int((found[2] or "0").ljust(9, "0"))
    except ValueError:
        pass
    raise ValueError(f"Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] {text} is not a timestamp.")


_CASTS: Final[dict[str, Callable[[str], Any]]] = {
    **dict.fromkeys(INTEGRAL, _integer),
    "decimal": _decimal,
    "date": _date,
    "timestamp": _timestamp,
}
