"""Types of JSON values, as the crawler writes them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any, Final

from lakeshift.crawler.types import NULL, Array, HiveType, Struct, merge

__all__ = ["fields_of", "type_of"]

_INT: Final = (-(1 << 31), (1 << 31) - 1)
_PLAIN: Final[dict[type, str]] = {str: "string", bool: "boolean", float: "double", type(None): NULL}


def type_of(value: Any) -> HiveType:
    """Int where 32 bits hold it, else bigint; float double; text string, never a date; null is yet unknown."""
    plain = _PLAIN.get(type(value))
    if plain is not None:
        return plain
    if isinstance(value, int):
        return "int" if _INT[0] <= value <= _INT[1] else "bigint"
    if isinstance(value, list):
        element: HiveType = NULL
        for item in value:
            element = merge(element, type_of(item))
        return Array(element)
    return Struct(tuple((name, type_of(item)) for name, item in value.items()))


def fields_of(records: Iterable[dict[str, Any]]) -> dict[str, HiveType]:
    """Merged type of every key over all records, keys in first-seen order and original case.

    Records of the same keys are looked at column by column: most of a year's records have one of a few shapes.
    """
    shapes: dict[tuple[str, ...], list[Iterable[Any]]] = {}
    for record in records:
        names = tuple(record)
        rows = shapes.get(names)
        if rows is None:
            rows = shapes[names] = []
        rows.append(record.values())
    found: dict[str, HiveType] = {}
    for names, rows in shapes.items():
        for name, column in zip(names, zip(*rows, strict=True), strict=False):
            kind = _type_of_column(column)
            before = found.get(name)
            found[name] = kind if before is None else merge(before, kind)
    return found


def _type_of_column(values: tuple[Any, ...]) -> HiveType:
    kinds = set(map(type, values))
    if len(kinds) == 1:
        return _type_of_all(kinds.pop(), values)
    by_kind: dict[type, list[Any]] = {}
    for value in values:
        by_kind.setdefault(type(value), []).append(value)
    return reduce(merge, (_type_of_all(kind, tuple(some)) for kind, some in by_kind.items()))


def _type_of_all(kind: type, values: tuple[Any, ...]) -> HiveType:
    plain = _PLAIN.get(kind)
    if plain is not None:
        return plain
    if kind is int:
        low, high = _INT
        return "int" if low <= min(values) and max(values) <= high else "bigint"
    return reduce(merge, map(type_of, values))
