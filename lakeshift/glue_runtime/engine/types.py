"""Glue's type names, choices, and the two ways a schema is written.

A choice is a struct with one nullable field per alternative of which exactly one is not null; the names of those
fields begin with a private mark. So it goes through every Spark operation, and a schema can be read off a DataFrame.
"""

from __future__ import annotations

import json
from typing import Any, Final, TypeGuard

from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.presence import visible

__all__ = ["MARK", "glue_name", "has_choice", "is_choice", "schema_json", "tree", "without_marks"]

MARK: Final = "\u0001"

_GLUE_NAMES: Final = {
    "integer": "int",
    "bigint": "long",
    "tinyint": "byte",
    "smallint": "short",
    "void": "null",
    "timestamp_ntz": "timestampntz",
}


def is_choice(data_type: t.DataType) -> TypeGuard[t.StructType]:
    """Whether a Spark type stands for a choice."""
    return (
        isinstance(data_type, t.StructType)
        and bool(data_type.fields)
        and all(field.name.startswith(MARK) for field in data_type.fields)
    )


def has_choice(data_type: t.DataType) -> bool:
    """Whether a choice lies anywhere within a Spark type."""
    return MARK in data_type.simpleString()


def glue_name(data_type: t.DataType) -> str:
    """Return Glue's name of a Spark type: ``int``, ``long``, ``choice``, ``struct``..."""
    if isinstance(data_type, t.StructType):
        return "choice" if is_choice(data_type) else "struct"
    name = data_type.typeName()
    return _GLUE_NAMES.get(name, "decimal" if name.startswith("decimal") else name)


def without_marks(data_type: t.DataType) -> t.DataType:
    """Return the type with every choice turned into a plain struct whose fields are named by type."""
    if isinstance(data_type, t.StructType):
        return t.StructType(
            [t.StructField(f.name.removeprefix(MARK), without_marks(f.dataType), f.nullable) for f in data_type.fields]
        )
    if isinstance(data_type, t.ArrayType):
        return t.ArrayType(without_marks(data_type.elementType), data_type.containsNull)
    if isinstance(data_type, t.MapType):
        return t.MapType(data_type.keyType, without_marks(data_type.valueType), data_type.valueContainsNull)
    return data_type


def _node(data_type: t.DataType) -> dict[str, Any]:
    node: dict[str, Any] = {"dataType": glue_name(data_type), "properties": {}}
    if isinstance(data_type, t.StructType):
        if is_choice(data_type):
            node["choices"] = [_node(field.dataType) for field in data_type.fields]
        else:
            node["fields"] = [
                {"name": field.name, "container": _node(field.dataType), "properties": {}} for field in data_type.fields
            ]
    elif isinstance(data_type, t.ArrayType):
        node["elementType"] = _node(data_type.elementType)
    elif isinstance(data_type, t.MapType):
        node["valueType"] = _node(data_type.valueType)
    elif isinstance(data_type, t.DecimalType):
        node["precision"], node["scale"] = data_type.precision, data_type.scale
    return node


def schema_json(schema: t.StructType) -> str:
    """Return the schema as the `awsglue` library reads it (gluetypes JSON)."""
    return json.dumps(_node(visible(schema)))


def _label(data_type: t.DataType) -> str:
    if isinstance(data_type, t.DecimalType):
        return f"decimal({data_type.precision},{data_type.scale})"
    return glue_name(data_type)


def _branches(data_type: t.DataType) -> list[tuple[str, t.DataType]]:
    if isinstance(data_type, t.StructType):
        if is_choice(data_type):
            inner = sorted(data_type.fields, key=lambda field: field.name)
            return [(_label(field.dataType), field.dataType) for field in inner]
        return [(f"{field.name}: {_label(field.dataType)}", field.dataType) for field in data_type.fields]
    if isinstance(data_type, t.ArrayType):
        return [(f"element: {_label(data_type.elementType)}", data_type.elementType)]
    if isinstance(data_type, t.MapType):
        value = data_type.valueType
        return [("keyType: string", data_type.keyType), (f"valueType: {_label(value)}", value)]
    return []


def tree(schema: t.StructType) -> str:
    """Return the schema as ``printSchema`` shows it.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
    """
    lines = ["root"]

    def grow(data_type: t.DataType, indent: str) -> None:
        for label, inner in _branches(data_type):
            lines.append(f"{indent}|-- {label}")
            grow(inner, indent + "|    ")

    grow(visible(schema), "")
    return "\n".join(lines) + "\n"
