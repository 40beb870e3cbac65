"""Shapes: what kinds of value lie at each place of some records, in a form that merges.

A shape maps a kind (a Glue type name) to its detail: fields for ``struct``, one shape for ``array`` and ``map``,
``(precision, scale)`` for ``decimal``, None otherwise.
"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Mapping
from functools import reduce
from typing import Any

from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.type_text import parse_type
from lakeshift.glue_runtime.engine.types import MARK, glue_name, is_choice

__all__ = ["Shape", "kind_of", "merge", "observe", "record_type", "shape_of", "type_of"]

Shape = dict[str, Any]

_KINDS: dict[type, str] = {
    bool: "boolean",
    float: "double",
    str: "string",
    dt.date: "date",
    dt.datetime: "timestamp",
    bytes: "binary",
    bytearray: "binary",
}
_INT_MAX = 2**31 - 1
_LONG_MAX = 2**63 - 1


def kind_of(value: Any) -> str:
    """Return the Glue type name of a Python value; integers by size, as Glue's records have it."""
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "struct"
    if isinstance(value, list | tuple | set):
        return "array"
    if type(value) is int:
        magnitude = value if value >= 0 else -value - 1
        return "int" if magnitude <= _INT_MAX else "long" if magnitude <= _LONG_MAX else "double"
    if isinstance(value, decimal.Decimal):
        return "decimal"
    return _KINDS.get(type(value), "string")


def _digits(value: decimal.Decimal) -> tuple[int, int]:
    parts = value.as_tuple()
    exponent = parts.exponent if isinstance(parts.exponent, int) else 0
    scale = max(0, -exponent)
    return max(len(parts.digits) + max(0, exponent), scale), scale


def observe(shape: Shape, value: Any) -> Shape:
    """Add one value to ``shape`` (in place) and return it."""
    kind = kind_of(value)
    if kind == "struct":
        fields = shape.setdefault("struct", {})
        for name, inner in value.items():
            observe(fields.setdefault(name, {}), inner)
    elif kind == "array":
        elements = shape.setdefault("array", {})
        for inner in value:
            observe(elements, inner)
    elif kind == "decimal":
        shape["decimal"] = _wider(shape.get("decimal", (1, 0)), _digits(value))
    else:
        shape.setdefault(kind, None)
    return shape


def _wider(left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
    scale = max(left[1], right[1])
    return min(38, max(left[0] - left[1], right[0] - right[1]) + scale), scale


def merge(left: Shape, right: Shape) -> Shape:
    """Return the shape of the records of both; the order of fields is that of first appearance."""
    merged = dict(left)
    for kind, detail in right.items():
        if kind not in merged:
            merged[kind] = detail
        elif kind == "struct":
            fields = dict(merged[kind])
            for name, inner in detail.items():
                fields[name] = merge(fields.get(name, {}), inner)
            merged[kind] = fields
        elif kind in ("array", "map"):
            merged[kind] = merge(merged[kind], detail)
        elif kind == "decimal":
            merged[kind] = _wider(merged[kind], detail)
    return merged


def shape_of(data_type: t.DataType) -> Shape:
    """Return the shape of all the records a Spark type can hold."""
    if isinstance(data_type, t.StructType):
        if is_choice(data_type):
            return reduce(merge, [shape_of(field.dataType) for field in data_type.fields], {})
        return {"struct": {field.name: shape_of(field.dataType) for field in data_type.fields}}
    if isinstance(data_type, t.ArrayType):
        return {"array": shape_of(data_type.elementType)}
    if isinstance(data_type, t.MapType):
        return {"map": shape_of(data_type.valueType)}
    if isinstance(data_type, t.DecimalType):
        return {"decimal": (data_type.precision, data_type.scale)}
    return {glue_name(data_type): None}


def _one(kind: str, detail: Any) -> t.DataType:
    if kind == "struct":
        return t.StructType([t.StructField(name, type_of(inner)) for name, inner in detail.items()])
    if kind == "array":
        return t.ArrayType(type_of(detail))
    if kind == "map":
        return t.MapType(t.StringType(), type_of(detail))
    if kind == "decimal":
        return t.DecimalType(max(1, detail[0]), detail[1])
    return parse_type(kind)


def type_of(shape: Shape) -> t.DataType:
    """Return the Spark type of a shape; several kinds make a choice, null never does."""
    kinds = [kind for kind in shape if kind != "null"]
    if not kinds:
        return t.NullType()
    if len(kinds) == 1:
        return _one(kinds[0], shape[kinds[0]])
    return t.StructType([t.StructField(MARK + kind, _one(kind, shape[kind])) for kind in sorted(kinds)])


def record_type(shape: Shape) -> t.StructType:
    """Return the Spark schema of some records' shape (their struct's)."""
    return t.StructType([t.StructField(name, type_of(inner)) for name, inner in shape.get("struct", {}).items()])
