"""Avro: the writer's schema from the header, records counted block by block."""

from __future__ import annotations

import io
import json
from typing import Any, Final

from lakeshift.crawler.names import column_name
from lakeshift.crawler.reading import Reading
from lakeshift.crawler.sample import Sample
from lakeshift.crawler.statistics import FileCount
from lakeshift.crawler.types import Array, Column, HiveType, Struct, render

__all__ = ["avro_type", "read_avro"]

_MAGIC: Final = b"Obj\x01"
_SYNC: Final = 16
_PLAIN: Final = {
    "boolean": "boolean",
    "int": "int",
    "long": "bigint",
    "float": "float",
    "double": "double",
    "bytes": "binary",
    "fixed": "binary",
    "string": "string",
    "enum": "string",
    "null": "string",
}
_LOGICAL: Final = {"date": "date", "timestamp-millis": "timestamp", "timestamp-micros": "timestamp"}


def read_avro(sample: Sample) -> Reading | None:
    """The object as Avro, or None where it is none or its header is damaged."""
    if not sample.data.startswith(_MAGIC):
        return None
    try:
        metadata, at = _header(sample.data)
        schema = json.loads(metadata["avro.schema"])
    except (EOFError, KeyError, ValueError):
        return None
    if not isinstance(schema, dict) or schema.get("type") != "record":
        return None
    names: dict[str, HiveType] = {}
    columns = tuple(Column(column_name(field["name"]), avro_type(field["type"], names)) for field in schema["fields"])
    literal = json.dumps(schema, separators=(",", ":"))
    records = _count(sample.data, at)
    return Reading(
        classification="avro",
        classifier="avro",
        serde="avro",
        columns=columns,
        count=FileCount.sampled(sample.info.size, len(sample.data), records),
        records=records,
        serde_parameters=(("avro.schema.literal", literal),),
        parameters=(("avro.schema.literal", literal),),
    )


def avro_type(schema: Any, names: dict[str, HiveType]) -> HiveType:
    """The catalog's type of an Avro schema; a union with null is the other branch; ``names`` holds named types."""
    if isinstance(schema, list):
        branches = [branch for branch in schema if branch != "null"]
        return avro_type(branches[0], names) if len(branches) == 1 else "string"
    if isinstance(schema, str):
        return names.get(schema, _PLAIN.get(schema, "string"))
    if schema.get("logicalType") == "decimal":
        return f"decimal({schema['precision']},{schema.get('scale', 0)})"
    if schema.get("logicalType") in _LOGICAL:
        return _LOGICAL[schema["logicalType"]]
    found = _complex(schema, names)
    if "name" in schema:
        names[schema["name"]] = found
    return found


def _complex(schema: dict[str, Any], names: dict[str, HiveType]) -> HiveType:
    kind = schema["type"]
    if kind == "record":
        return Struct(tuple((field["name"], avro_type(field["type"], names)) for field in schema["fields"]))
    if kind == "array":
        return Array(avro_type(schema["items"], names))
    if kind == "map":
        return f"map<string,{render(avro_type(schema['values'], names))}>"
    return _PLAIN.get(kind, "string") if isinstance(kind, str) else avro_type(kind, names)


def _header(data: bytes) -> tuple[dict[str, bytes], int]:
    """The metadata map, and where the first block starts."""
    stream = io.BytesIO(data)
    stream.seek(len(_MAGIC))
    found: dict[str, bytes] = {}
    while count := _long(stream):
        if count < 0:
            _long(stream)
        for _ in range(abs(count)):
            name = _bytes(stream).decode()
            found[name] = _bytes(stream)
    return found, stream.tell() + _SYNC


def _count(data: bytes, at: int) -> int:
    """Records of the blocks that start within the sample."""
    stream, records = io.BytesIO(data), 0
    stream.seek(at)
    while stream.tell() < len(data):
        try:
            records += _long(stream)
            stream.seek(_long(stream) + _SYNC, io.SEEK_CUR)
        except EOFError:
            break
    return records


def _bytes(stream: io.BytesIO) -> bytes:
    length = _long(stream)
    data = stream.read(length)
    if length < 0 or len(data) < length:
        raise EOFError
    return data


def _long(stream: io.BytesIO) -> int:
    value = shift = 0
    while True:
        byte = stream.read(1)
        if not byte:
            raise EOFError
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return (value >> 1) ^ -(value & 1)
        shift += 7
