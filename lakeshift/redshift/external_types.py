"""The catalog's column types (Hive's) and what they are in Redshift and in the engine.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html#r_CREATE_EXTERNAL_TABLE-parameters
"""

from __future__ import annotations

import re
from typing import Final

from lakeshift.redshift.catalog import quoted
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.types import SqlType

__all__ = ["catalog_type", "engine_type", "is_nested", "sql_type"]

# Hive's name -> Redshift's; lengths and precisions are kept where they are given.
_PLAIN: Final = {
    "tinyint": "smallint",
    "smallint": "smallint",
    "int2": "smallint",
    "int": "integer",
    "integer": "integer",
    "int4": "integer",
    "bigint": "bigint",
    "int8": "bigint",
    "float": "real",
    "real": "real",
    "float4": "real",
    "double": "double precision",
    "double precision": "double precision",
    "float8": "double precision",
    "boolean": "boolean",
    "bool": "boolean",
    "string": "character varying",
    "varchar": "character varying",
    "character varying": "character varying",
    "char": "character",
    "character": "character",
    "date": "date",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "timestamp with local time zone": "timestamp with time zone",
    "binary": "binary varying",
    "varbyte": "binary varying",
    "decimal": "numeric",
    "numeric": "numeric",
}
_LONGEST: Final = 65535


def _parts(text: str) -> tuple[str, list[int]]:
    found = re.fullmatch(r"\s*([a-z][a-z0-9_ ]*?)\s*(?:\(([\d\s,]+)\))?\s*", text.lower())
    if found is None or found[1] not in _PLAIN:
        raise RedshiftError(f'type "{text}" is not supported in external tables', "0A000")
    return _PLAIN[found[1]], [int(number) for number in (found[2] or "").split(",") if number.strip()]


def is_nested(text: str) -> bool:
    """Whether it is a struct, an array or a map."""
    return text.lower().startswith(("struct<", "array<", "map<"))


def sql_type(text: str) -> SqlType:
    """Redshift's type of a catalog type; nested ones are SUPER where they are looked at whole."""
    if is_nested(text):
        return SqlType("super")
    name, numbers = _parts(text)
    if name == "numeric":
        precision, scale = [*numbers, *[10, 0][len(numbers) :]][:2]
        return SqlType(name, precision=precision, scale=scale)
    if name in ("character varying", "character", "binary varying"):
        default = _LONGEST if name != "character" else 1
        return SqlType(name, length=numbers[0] if numbers else default)
    return SqlType(name)


def engine_type(text: str) -> str:
    """The engine's type of a catalog type, nested ones with their parts."""
    lowered = text.strip()
    if lowered.lower().startswith("array<"):
        return f"{engine_type(lowered[6:-1])}[]"
    if lowered.lower().startswith("map<"):
        key, value = _split(lowered[4:-1])
        return f"MAP({engine_type(key)}, {engine_type(value)})"
    if lowered.lower().startswith("struct<"):
        fields = [part.partition(":") for part in _split(lowered[7:-1])]
        return f"STRUCT({', '.join(f'{quoted(name.strip().lower())} {engine_type(kind)}' for name, _, kind in fields)})"
    return sql_type(lowered).engine


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def catalog_type(kind: SqlType) -> str:
    """How the catalog writes a type of Redshift."""
    if kind.name == "numeric":
        return f"decimal({kind.precision},{kind.scale})"
    if kind.is_text:
        return f"{'char' if kind.name == 'character' else 'varchar'}({kind.length or 256})"
    names = {
        "integer": "int", "double precision": "double", "real": "float", "binary varying": "binary",
        "timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz", "super": "string",
    }  # fmt: skip
    return names.get(kind.name, kind.name)
