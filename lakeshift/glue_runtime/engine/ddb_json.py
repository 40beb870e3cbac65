"""DynamoDB's JSON, where every value lies in an object that names its type: {"S": "text"}, {"M": {...}}, {"L": [...]}.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.paths import Path, column_name
from lakeshift.glue_runtime.engine.presence import hidden_name, is_hidden
from lakeshift.glue_runtime.engine.types import MARK, glue_name, is_choice

__all__ = ["simplify", "unnest"]

_TYPES = {"S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"}
_ITEM = "Item"


@dataclass(frozen=True)
class _Value:
    """A value without its wrapping; ``explicit`` is not null where the value is NULL."""

    column: Column
    data_type: t.DataType
    explicit: Column | None


def _fields(struct: t.StructType) -> list[t.StructField]:
    return [field for field in struct.fields if not is_hidden(field.name)]


def _wrapped(data_type: t.DataType) -> bool:
    if not isinstance(data_type, t.StructType) or is_choice(data_type):
        return False
    return {f.name for f in _fields(data_type)} <= _TYPES and bool(_fields(data_type))


def _unwrapped(column: Column, data_type: t.DataType) -> _Value:
    """Take the wrapping off; what is not wrapped, or cannot be simplified, stays."""
    if not isinstance(data_type, t.StructType) or not _wrapped(data_type):
        return _Value(column, data_type, None)
    kinds = {field.name: field.dataType for field in _fields(data_type)}
    explicit = column.getField("NULL") if "NULL" in kinds else None
    found: dict[str, tuple[Column, t.DataType]] = {}
    for name, kind in kinds.items():
        if name == "NULL":
            continue
        cell, cell_type = _one(column.getField(name), name, kind)
        known = found.get(glue_name(cell_type))
        found[glue_name(cell_type)] = (F.coalesce(known[0], cell) if known else cell, cell_type)
    if not found:
        return _Value(F.lit(None), t.NullType(), explicit)
    if len(found) == 1:
        return _Value(*next(iter(found.values())), explicit)
    # An attribute that has several types over the items is what Glue calls a choice.
    names = sorted(found)
    cells = F.struct(*[found[name][0].alias(MARK + name) for name in names])
    held = reduce(or_, [found[name][0].isNotNull() for name in names])
    choice = t.StructType([t.StructField(MARK + name, found[name][1]) for name in names])
    return _Value(F.when(held, cells), choice, explicit)


def _one(column: Column, name: str, kind: t.DataType) -> tuple[Column, t.DataType]:
    if name == "M" and isinstance(kind, t.StructType):
        return _map(column, kind)
    if name == "L" and isinstance(kind, t.ArrayType) and isinstance(kind.elementType, t.StructType):
        inner = _fields(kind.elementType)
        # "If there are multiple types or Map types in a List type, the elements in the List will not be simplified."
        if _wrapped(kind.elementType) and len(inner) == 1 and inner[0].name not in ("M", "L", "NULL"):
            only = inner[0]
            return F.transform(column, lambda item: item.getField(only.name)), t.ArrayType(only.dataType)
    return column, kind


def _map(column: Column, kind: t.StructType) -> tuple[Column, t.DataType]:
    cells, fields = [], []
    for field in _fields(kind):
        value = _unwrapped(column.getField(field.name), field.dataType)
        cells.append(value.column.alias(field.name))
        fields.append(t.StructField(field.name, value.data_type))
    return F.when(column.isNotNull(), F.struct(*cells)), t.StructType(fields)


def _attributes(schema: t.StructType) -> Iterator[tuple[str, Path, Column, t.DataType]]:
    """The attributes at the top; those of the column Item are lifted out of it."""
    for field in _fields(schema):
        column = F.col(column_name(field.name))
        if field.name == _ITEM and isinstance(field.dataType, t.StructType) and not is_choice(field.dataType):
            for inner in _fields(field.dataType):
                yield inner.name, (_ITEM, inner.name), column.getField(inner.name), inner.dataType
        else:
            yield field.name, (field.name,), column, field.dataType


def simplify(frame: GlueFrame) -> GlueFrame:
    """Return the records without DynamoDB's type objects; maps are structs, numbers stay the text they are."""
    cells: list[Column] = []
    absent: set[Path] = set()
    for name, path, column, data_type in _attributes(frame.schema):
        value = _unwrapped(column, data_type)
        cells.append(value.column.alias(name))
        absent |= {(name,)} if any(path[:depth] in frame.absent for depth in (1, 2)) else set()
        absent |= {(name, *inner) for inner in _inner_paths(value.data_type)} if _wrapped(data_type) else set()
        if value.explicit is not None:
            absent.add((name,))
            cells.append(value.explicit.alias(hidden_name(name)))
    return frame.derive(frame.data.select(*cells), absent=frozenset(absent))


def _inner_paths(data_type: t.DataType, path: Path = ()) -> Iterator[Path]:
    if isinstance(data_type, t.StructType) and not is_choice(data_type):
        for field in data_type.fields:
            yield (*path, field.name)
            yield from _inner_paths(field.dataType, (*path, field.name))
    elif isinstance(data_type, t.ArrayType):
        yield from _inner_paths(data_type.elementType, path)


def unnest(frame: GlueFrame) -> GlueFrame:
    """Return the simplified records with the fields of maps at the top, named by their path with dots.

    Arrays stay as they are: "Columns that are of an array of struct types will not be unnested."
    """
    simple = simplify(frame)
    cells: list[Column] = []
    absent: set[Path] = set()

    def lift(struct: t.StructType, parent: Column | None, prefix: str, path: Path) -> None:
        for field in struct.fields:
            column = F.col(column_name(field.name)) if parent is None else parent.getField(field.name)
            name, here = prefix + field.name.lstrip(hidden_name("")), (*path, field.name)
            if is_hidden(field.name):
                cells.append(column.alias(hidden_name(name)))
            elif isinstance(field.dataType, t.StructType) and not is_choice(field.dataType):
                lift(field.dataType, column, name + ".", here)
            else:
                cells.append(column.alias(name))
                absent.update({(name,)} if here in simple.absent else set())

    lift(simple.schema, None, "", ())
    return frame.derive(simple.data.select(*cells), absent=frozenset(absent))
