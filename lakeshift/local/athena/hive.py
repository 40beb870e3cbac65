"""Hive's types, what holds them in the engine, and what Athena calls them in a result.

https://docs.aws.amazon.com/athena/latest/ug/data-types.html
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from lakeshift.local.athena.failures import QueryError

__all__ = ["cell_text", "engine_type", "hive_type", "presto_type"]

_PLAIN: Final = {
    "tinyint": "TINYINT", "smallint": "SMALLINT", "int": "INTEGER", "integer": "INTEGER", "bigint": "BIGINT",
    "float": "FLOAT", "real": "FLOAT", "double": "DOUBLE", "boolean": "BOOLEAN", "string": "VARCHAR",
    "varchar": "VARCHAR", "char": "VARCHAR", "date": "DATE", "timestamp": "TIMESTAMP", "binary": "BLOB",
    "decimal": "DECIMAL(10,0)",
}  # fmt: skip
_RESULT: Final = {
    "TINYINT": "tinyint", "SMALLINT": "smallint", "INTEGER": "integer", "BIGINT": "bigint", "HUGEINT": "bigint",
    "FLOAT": "float", "DOUBLE": "double", "BOOLEAN": "boolean", "VARCHAR": "varchar", "DATE": "date",
    "TIMESTAMP": "timestamp", "TIMESTAMP WITH TIME ZONE": "timestamp with time zone", "TIME": "time",
    "BLOB": "varbinary", "JSON": "json", "UINTEGER": "bigint", "UBIGINT": "bigint", "INTERVAL": "interval day to "
    "second",
}  # fmt: skip


def engine_type(hive: str) -> str:
    """The engine's type of a column the catalog calls ``hive``, such as ``array<struct<a:int>>``."""
    text = hive.strip().lower()
    if text in _PLAIN:
        return _PLAIN[text]
    name, inner = _split(text)
    if name == "decimal":
        return f"DECIMAL({inner})"
    if name in ("varchar", "char"):
        return "VARCHAR"
    if name == "array":
        return f"{engine_type(inner)}[]"
    if name == "map":
        key, value = _parts(inner)
        return f"MAP({engine_type(key)}, {engine_type(value)})"
    if name == "struct":
        fields = [part.partition(":") for part in _parts(inner)]
        return "STRUCT(" + ", ".join(f'"{field.strip()}" {engine_type(kind)}' for field, _, kind in fields) + ")"
    raise QueryError(f"TYPE_NOT_FOUND: Unknown type: {hive}")


def _split(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"(\w+)\s*[<(](.*)[>)]", text, re.DOTALL)
    return (found[1], found[2]) if found else (text, "")


def _parts(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def hive_type(engine: str) -> str:
    """The catalog's type of a column the engine calls ``engine``, for CTAS."""
    if engine.endswith("[]"):
        return f"array<{hive_type(engine[:-2])}>"
    if engine.startswith("DECIMAL"):
        return engine.lower().replace(" ", "")
    if engine.startswith("MAP("):
        key, value = _parts(engine[4:-1])
        return f"map<{hive_type(key.strip())},{hive_type(value.strip())}>"
    if engine.startswith("STRUCT("):
        fields = [part.strip().split(" ", 1) for part in _parts(engine[7:-1])]
        return "struct<" + ",".join(f"{name.strip(chr(34))}:{hive_type(kind)}" for name, kind in fields) + ">"
    plain = {"VARCHAR": "string", "INTEGER": "int", "BLOB": "binary", "HUGEINT": "bigint", "TIMESTAMP": "timestamp"}
    return plain.get(engine, _RESULT.get(engine, "string"))


def presto_type(engine: str) -> tuple[str, int, int]:
    """Type, precision and scale of a result's column, as ResultSetMetadata tells them."""
    if engine.startswith("DECIMAL"):
        precision, scale = map(int, re.findall(r"\d+", engine)[:2])
        return "decimal", precision, scale
    if engine.endswith("[]"):
        return "array", 0, 0
    if engine.startswith(("MAP(", "STRUCT(")):
        return ("map" if engine.startswith("MAP(") else "row"), 0, 0
    name = _RESULT.get(re.sub(r"TIMESTAMP_\w+", "TIMESTAMP", engine), "varchar")
    precision = {
        "varchar": 2147483647, "integer": 10, "bigint": 19, "smallint": 5, "tinyint": 3, "double": 17, "float": 17,
        "timestamp": 3, "varbinary": 1073741824,
    }.get(name, 0)  # fmt: skip
    return name, precision, 0


def cell_text(value: Any) -> str | None:  # noqa: PLR0911 - a case for each kind of value
    """A value as Athena writes it, None for NULL."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, datetime):
        text = value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03d}"
        return f"{text} UTC" if value.tzinfo is not None else text
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes | bytearray):
        return " ".join(f"{byte:02x}" for byte in value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(cell_text(one) or "null" for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={cell_text(one) or 'null'}" for key, one in value.items()) + "}"
    return str(value)


def _float(value: float) -> str:
    """As Java prints a double."""
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN is what differs from itself
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "NaN")
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = f"{Decimal(repr(value)):f}"
        return text if "." in text else f"{text}.0"
    mantissa, _, exponent = f"{Decimal(repr(value)).normalize():E}".partition("E")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"
