"""Reading type texts of the catalog and of scripts: ``decimal(10,2)``, ``array<struct<a:int,b:map<string,date>>>``."""

from __future__ import annotations

import re
from typing import Final

from pyspark.sql import types as t

__all__ = ["parse_type"]

_SCALARS: Final[dict[str, t.DataType]] = {
    "string": t.StringType(),
    "varchar": t.StringType(),
    "char": t.StringType(),
    "int": t.IntegerType(),
    "integer": t.IntegerType(),
    "long": t.LongType(),
    "bigint": t.LongType(),
    "double": t.DoubleType(),
    "float": t.FloatType(),
    "real": t.FloatType(),
    "boolean": t.BooleanType(),
    "bool": t.BooleanType(),
    "date": t.DateType(),
    "timestamp": t.TimestampType(),
    "timestampntz": t.TimestampNTZType(),
    "timestamp_ntz": t.TimestampNTZType(),
    "binary": t.BinaryType(),
    "byte": t.ByteType(),
    "tinyint": t.ByteType(),
    "short": t.ShortType(),
    "smallint": t.ShortType(),
    "null": t.NullType(),
    "void": t.NullType(),
    "decimal": t.DecimalType(10, 2),
    "numeric": t.DecimalType(10, 2),
}
_SIZED: Final = re.compile(r"(decimal|numeric|varchar|char)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)")


def _parts(text: str, separator: str) -> list[str]:
    """Split at ``separator`` outside of brackets and back-ticks."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, character in enumerate(text):
        if character == "`":
            quoted = not quoted
        elif quoted:
            continue
        elif character in "<(":
            depth += 1
        elif character in ">)":
            depth -= 1
        elif character == separator and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _field(text: str) -> t.StructField:
    name, *rest = _parts(text, ":")
    if not rest:
        raise ValueError(f"Unknown type: a struct field needs name:type, found {text}")
    return t.StructField(name.strip().strip("`"), parse_type(":".join(rest)))


def _nested(kind: str, inner: str) -> t.DataType | None:
    if kind == "array":
        return t.ArrayType(parse_type(inner))
    if kind == "map":
        key, value = _parts(inner, ",")
        return t.MapType(parse_type(key), parse_type(value))
    if kind == "struct":
        return t.StructType([_field(part) for part in _parts(inner, ",") if part.strip()])
    return None


def parse_type(text: str) -> t.DataType:
    """Return the Spark type of a type text, in any case; a sized text type is a string.

    Raises:
        ValueError: the text is no type.
    """
    given = text.strip()
    lower = given.lower()
    if lower in _SCALARS:
        return _SCALARS[lower]
    if sized := _SIZED.fullmatch(lower):
        kind, first, second = sized.groups()
        return t.StringType() if kind.endswith("char") else t.DecimalType(int(first), int(second or 0))
    if given.endswith(">") and "<" in given:
        kind, inner = lower.split("<", 1)[0].strip(), given[given.index("<") + 1 : -1]
        found = _nested(kind, inner)
        if found is not None:
            return found
    raise ValueError(f"Unknown type: {text}")
