"""Presence: telling a key that a record does not have from one that holds null, where a field has both.

A field whose null cells all mean the same needs nothing but `GlueFrame.absent`. Where one field holds both, a hidden
field beside it in the same struct is true exactly where the null is explicit. It travels with its field through every
rewrite, and leaves where rows leave the engine: toDF, sinks, schemas.
"""

from __future__ import annotations

from typing import Final

from pyspark.sql import types as t

__all__ = ["HIDDEN", "has_hidden", "hidden_name", "is_hidden", "visible"]

HIDDEN: Final = "\u0003"


def hidden_name(name: str) -> str:
    """Return the name of the hidden field beside ``name``."""
    return HIDDEN + name


def is_hidden(name: str) -> bool:
    """Whether a field is a hidden one."""
    return name.startswith(HIDDEN)


def has_hidden(data_type: t.DataType) -> bool:
    """Whether a hidden field lies anywhere within a Spark type."""
    if isinstance(data_type, t.StructType):
        return any(is_hidden(field.name) or has_hidden(field.dataType) for field in data_type.fields)
    if isinstance(data_type, t.ArrayType):
        return has_hidden(data_type.elementType)
    return isinstance(data_type, t.MapType) and has_hidden(data_type.valueType)


def visible(data_type: t.DataType) -> t.DataType:
    """Return the type without hidden fields."""
    if isinstance(data_type, t.StructType):
        return t.StructType(
            [
                t.StructField(f.name, visible(f.dataType), f.nullable, f.metadata)
                for f in data_type.fields
                if not is_hidden(f.name)
            ]
        )
    if isinstance(data_type, t.ArrayType):
        return t.ArrayType(visible(data_type.elementType), data_type.containsNull)
    return data_type
