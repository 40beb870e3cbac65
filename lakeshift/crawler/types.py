"""Column types of the Data Catalog, and how two of them become one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

__all__ = ["NULL", "Array", "Column", "HiveType", "Struct", "merge", "merge_columns", "render"]

NULL: Final = "null"  # a value that was only ever null; written as string
_INTEGERS: Final = ("tinyint", "smallint", "int", "bigint")
_NUMBERS: Final = (*_INTEGERS, "float", "double")


@dataclass(frozen=True, slots=True)
class Array:
    """``array<element>``."""

    element: HiveType


@dataclass(frozen=True, slots=True)
class Struct:
    """``struct<name:type,...>``; field names keep their case, fields their first-seen order."""

    fields: tuple[tuple[str, HiveType], ...]


HiveType = str | Array | Struct


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name as the catalog holds it, and its type."""

    name: str
    type: HiveType
    comment: str = ""

    def as_api(self) -> dict[str, str]:
        """The column in the shape of the Glue API."""
        named = {"Name": self.name, "Type": render(self.type)}
        return {**named, "Comment": self.comment} if self.comment else named


def render(kind: HiveType) -> str:
    """The type as the catalog writes it: ``array<struct<a:int>>``."""
    if isinstance(kind, Array):
        return f"array<{render(kind.element)}>"
    if isinstance(kind, Struct):
        return "struct<" + ",".join(f"{name}:{render(inner)}" for name, inner in kind.fields) + ">"
    return "string" if kind == NULL else kind


def merge(left: HiveType, right: HiveType) -> HiveType:
    """The one type that holds both: numbers widen, structs join their fields, anything else becomes string."""
    if right in (left, NULL):
        return left
    if left == NULL:
        return right
    if isinstance(left, Array) and isinstance(right, Array):
        return Array(merge(left.element, right.element))
    if isinstance(left, Struct) and isinstance(right, Struct):
        fields = dict(left.fields)
        for name, kind in right.fields:
            fields[name] = merge(fields.get(name, NULL), kind)
        return Struct(tuple(fields.items()))
    if isinstance(left, str) and isinstance(right, str) and left in _NUMBERS and right in _NUMBERS:
        return _wider(left, right)
    return "string"


def _wider(left: str, right: str) -> str:
    if left in _INTEGERS and right in _INTEGERS:
        return max(left, right, key=_INTEGERS.index)
    return "double"


def merge_columns(schemas: Iterable[tuple[Column, ...]]) -> tuple[Column, ...]:
    """All columns of all schemas, by name, in first-seen order, with merged types; the first comment stays."""
    merged: dict[str, Column] = {}
    for schema in schemas:
        for column in schema:
            before = merged.get(column.name)
            if before is None:
                merged[column.name] = column
            elif before.type != column.type:
                merged[column.name] = Column(column.name, merge(before.type, column.type), before.comment)
    return tuple(merged.values())
