"""Arrow types, as Parquet and ORC files give them, in the catalog's words."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa
import pyarrow.types as at

from lakeshift.crawler.types import Array, HiveType, Struct, render

__all__ = ["hive_type"]

_PLAIN: Final[dict[Any, str]] = {
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int16(): "smallint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.uint8(): "smallint",
    pa.uint16(): "int",
    pa.uint32(): "bigint",
    pa.uint64(): "bigint",
    pa.float16(): "float",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.string(): "string",
    pa.large_string(): "string",
    pa.binary(): "binary",
    pa.large_binary(): "binary",
    pa.date32(): "date",
    pa.date64(): "date",
    pa.null(): "string",
}


def hive_type(kind: Any) -> HiveType:
    """The catalog's type of an Arrow type; time of day is the integer it is stored as."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if at.is_struct(kind):
        return Struct(tuple((kind.field(i).name, hive_type(kind.field(i).type)) for i in range(kind.num_fields)))
    if at.is_map(kind):
        return f"map<{render(hive_type(kind.key_type))},{render(hive_type(kind.item_type))}>"
    if at.is_list(kind) or at.is_large_list(kind) or at.is_fixed_size_list(kind):
        return Array(hive_type(kind.value_type))
    return _parametric(kind)


def _parametric(kind: Any) -> HiveType:
    if at.is_dictionary(kind):
        return hive_type(kind.value_type)
    if at.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if at.is_timestamp(kind):
        return "timestamp"
    if at.is_time32(kind):
        return "int"
    if at.is_time64(kind):
        return "bigint"
    return "binary" if at.is_fixed_size_binary(kind) else "string"
