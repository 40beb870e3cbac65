"""Shapes: what kinds of value lie at each place of some records, in a form that merges.

A shape maps a kind (a Glue type name) to its detail: fields for ``struct``, one shape for ``array`` and ``map``,
``(precision, scale)`` for ``decimal``, None otherwise. Two more kinds tell presence: ``null`` (somewhere the value is
an explicit null) and ``absent`` (somewhere a record does not have the key).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.paths import Path
from lakeshift.glue_runtime.engine.presence import hidden_name, is_hidden
from lakeshift.glue_runtime.engine.type_text import parse_type
from lakeshift.glue_runtime.engine.types import MARK, glue_name, is_choice

__all__ = ["Shape", "framed", "merge", "merge_all", "record_type", "shape_of", "type_of", "wider"]

Shape = dict[str, Any]


def wider(left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
    """Return precision and scale of the decimals that hold both."""
    scale = max(left[1], right[1])
    return min(38, max(left[0] - left[1], right[0] - right[1]) + scale), scale


def merge(left: Shape, right: Shape) -> Shape:
    """Return the shape of the records of both; the order of fields is that of first appearance.

    A field that only one side's structs have is absent in the other's.
    """
    merged = dict(left)
    for kind, detail in right.items():
        if kind not in merged:
            merged[kind] = detail
        elif kind == "struct":
            merged[kind] = _merged_fields(merged[kind], detail)
        elif kind in ("array", "map"):
            merged[kind] = merge(merged[kind], detail)
        elif kind == "decimal":
            merged[kind] = wider(merged[kind], detail)
    return merged


def _merged_fields(left: Shape, right: Shape) -> Shape:
    fields = {name: inner if name in right else {**inner, "absent": None} for name, inner in left.items()}
    for name, inner in right.items():
        fields[name] = merge(fields[name], inner) if name in fields else {**inner, "absent": None}
    return fields


def merge_all(shapes: Iterable[Shape]) -> Shape:
    """Return the shape of all records; that of no records is empty."""
    return reduce(merge, shapes, {})


def shape_of(data_type: t.DataType, absent: frozenset[Path] = frozenset(), path: Path = ()) -> Shape:
    """Return the shape of all the records a Spark type can hold; ``absent`` are the frame's, see `GlueFrame`."""
    if isinstance(data_type, t.StructType):
        if is_choice(data_type):
            return merge_all(shape_of(field.dataType, absent, path) for field in data_type.fields)
        return {"struct": _field_shapes(data_type, absent, path)}
    if isinstance(data_type, t.ArrayType):
        return {"array": shape_of(data_type.elementType, absent, path)}
    if isinstance(data_type, t.MapType):
        return {"map": shape_of(data_type.valueType, absent, path)}
    if isinstance(data_type, t.DecimalType):
        return {"decimal": (data_type.precision, data_type.scale)}
    return {glue_name(data_type): None}


def _field_shapes(struct: t.StructType, absent: frozenset[Path], path: Path) -> Shape:
    names = {field.name for field in struct.fields}
    fields: Shape = {}
    for field in struct.fields:
        if is_hidden(field.name):
            continue
        inner = (*path, field.name)
        shape = shape_of(field.dataType, absent, inner)
        if inner in absent:
            shape["absent"] = None
        if inner not in absent or hidden_name(field.name) in names:
            shape["null"] = None
        fields[field.name] = shape
    return fields


@dataclass(frozen=True)
class _Typing:
    """Makes types of shapes; a field whose null is explicit, at a path where a null means absent, gets a hidden one."""

    absent: frozenset[Path] = frozenset()

    def struct(self, fields: Shape, path: Path) -> t.StructType:
        made = []
        for name, inner in fields.items():
            here = (*path, name)
            made.append(t.StructField(name, self.value(inner, here)))
            if "null" in inner and here in self.absent:
                made.append(t.StructField(hidden_name(name), t.BooleanType()))
        return t.StructType(made)

    def value(self, shape: Shape, path: Path) -> t.DataType:
        kinds = [kind for kind in shape if kind not in ("null", "absent")]
        if not kinds:
            return t.NullType()
        if len(kinds) == 1:
            return self.one(kinds[0], shape[kinds[0]], path)
        return t.StructType([t.StructField(MARK + k, self.one(k, shape[k], path)) for k in sorted(kinds)])

    def one(self, kind: str, detail: Any, path: Path) -> t.DataType:
        if kind == "struct":
            return self.struct(detail, path)
        if kind == "array":
            return t.ArrayType(self.value(detail, path))
        if kind == "map":
            return t.MapType(t.StringType(), self.value(detail, path))
        if kind == "decimal":
            return t.DecimalType(max(1, detail[0]), detail[1])
        return parse_type(kind)


def type_of(shape: Shape) -> t.DataType:
    """Return the Spark type of a shape; several kinds make a choice, null never does."""
    return _Typing().value(shape, ())


def record_type(shape: Shape) -> t.StructType:
    """Return the Spark schema of some records' shape (their struct's)."""
    return _Typing().struct(shape.get("struct", {}), ())


def framed(shape: Shape) -> tuple[t.StructType, frozenset[Path]]:
    """Return the schema of some records' shape with its hidden fields, and the paths where a null means absent."""
    absent: set[Path] = set()

    def look(inside: Shape, path: Path) -> None:
        for name, inner in inside.get("struct", {}).items():
            if "absent" in inner or "null" not in inner:
                absent.add((*path, name))
            look(inner, (*path, name))
        if "array" in inside:
            look(inside["array"], path)

    look(shape, ())
    found = frozenset(absent)
    return _Typing(found).struct(shape.get("struct", {}), ()), found
