"""Column types of a Glue table as format conversion knows them, and what Arrow calls them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

__all__ = ["HiveType", "ListOf", "MapOf", "Scalar", "SchemaError", "StructOf", "arrow_type", "parse"]

_TOKEN: Final = re.compile(r"`(?:[^`]|``)*`|[^\s<>(),:`]+|[<>(),:]")
_ALIASES: Final = {"integer": "int", "real": "float", "numeric": "decimal", "bool": "boolean"}
_ARROW: Final = {
    "boolean": pa.bool_(), "tinyint": pa.int8(), "smallint": pa.int16(), "int": pa.int32(), "bigint": pa.int64(),
    "float": pa.float32(), "double": pa.float64(), "string": pa.string(), "char": pa.string(),
    "varchar": pa.string(), "date": pa.date32(), "timestamp": pa.timestamp("ns"),
}  # fmt: skip


class SchemaError(ValueError):
    """The table has a column that format conversion cannot write; the text names its type."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A plain type; ``size`` holds the numbers in brackets, as of ``decimal(10,2)``."""

    name: str
    size: tuple[int, ...] = ()

    def __str__(self) -> str:
        return self.name + (f"({','.join(map(str, self.size))})" if self.size else "")


@dataclass(frozen=True, slots=True)
class ListOf:
    """``array<element>``."""

    element: HiveType


@dataclass(frozen=True, slots=True)
class MapOf:
    """``map<key,value>``; the key is plain."""

    key: Scalar
    value: HiveType


@dataclass(frozen=True, slots=True)
class StructOf:
    """``struct<name:type,...>``."""

    fields: tuple[tuple[str, HiveType], ...]


HiveType = Scalar | ListOf | MapOf | StructOf


def parse(text: str) -> HiveType:
    """The type that a catalog's text says; raises SchemaError."""
    tokens = [found.group() for found in _TOKEN.finditer(text)]
    try:
        kind, rest = _type(tokens)
    except (IndexError, ValueError) as error:
        raise SchemaError(f"The type {text!r} cannot be converted to Parquet or ORC.") from error
    if rest:
        raise SchemaError(f"The type {text!r} goes on after its end.")
    return kind


def _type(tokens: list[str]) -> tuple[HiveType, list[str]]:
    name, rest = tokens[0].lower(), tokens[1:]
    if name == "array":
        element, rest = _type(_after("<", rest))
        return ListOf(element), _after(">", rest)
    if name == "map":
        key, rest = _type(_after("<", rest))
        value, rest = _type(_after(",", rest))
        if not isinstance(key, Scalar):
            raise ValueError("a map's key is plain")
        return MapOf(key, value), _after(">", rest)
    if name == "struct":
        return _struct(_after("<", rest))
    return _scalar(name, rest)


def _after(expected: str, tokens: list[str]) -> list[str]:
    if tokens[0] != expected:
        raise ValueError(f"{expected} is missing")
    return tokens[1:]


def _struct(tokens: list[str]) -> tuple[HiveType, list[str]]:
    fields: list[tuple[str, HiveType]] = []
    while True:
        name = tokens[0].strip("`").replace("``", "`")
        kind, tokens = _type(_after(":", tokens[1:]))
        fields.append((name, kind))
        if tokens[0] != ",":
            return StructOf(tuple(fields)), _after(">", tokens)
        tokens = tokens[1:]


def _scalar(name: str, tokens: list[str]) -> tuple[HiveType, list[str]]:
    name = _ALIASES.get(name, name)
    size: tuple[int, ...] = ()
    if tokens and tokens[0] == "(":
        end = tokens.index(")")
        size = tuple(int(number) for number in tokens[1:end] if number != ",")
        tokens = tokens[end + 1 :]
    kind = Scalar(name, (*size, *(10, 0)[len(size) :]) if name == "decimal" else size)
    arrow_type(kind)
    return kind, tokens


def arrow_type(kind: HiveType) -> Any:
    """Arrow's type; raises SchemaError for one that is not written."""
    if isinstance(kind, ListOf):
        return pa.list_(arrow_type(kind.element))
    if isinstance(kind, MapOf):
        return pa.map_(arrow_type(kind.key), arrow_type(kind.value))
    if isinstance(kind, StructOf):
        return pa.struct([(name, arrow_type(inner)) for name, inner in kind.fields])
    if kind.name == "decimal" and 1 <= kind.size[0] <= 38 and 0 <= kind.size[1] <= kind.size[0]:
        return pa.decimal128(*kind.size)
    if kind.name not in _ARROW:
        raise SchemaError(f"The type {kind} cannot be converted to Parquet or ORC.")
    return _ARROW[kind.name]
