"""BSON: documents one after the other, as mongodump writes them.

See https://bsonspec.org/spec.html
"""

from __future__ import annotations

import struct
from typing import Any, Final

from lakeshift.crawler.json_records import MOST
from lakeshift.crawler.names import column_name
from lakeshift.crawler.reading import Reading
from lakeshift.crawler.sample import Sample
from lakeshift.crawler.statistics import FileCount
from lakeshift.crawler.types import NULL, Array, Column, HiveType, Struct, merge

__all__ = ["read_bson"]

_SMALLEST: Final = 5  # bytes of an empty document
_DOCUMENT, _ARRAY, _STRING, _BINARY, _REGEX, _CODE_WITH_SCOPE = 0x03, 0x04, (0x02, 0x0D, 0x0E), 0x05, 0x0B, 0x0F
_FIXED: Final[dict[int, tuple[HiveType, int]]] = {
    0x01: ("double", 8),
    0x06: (NULL, 0),
    0x07: ("string", 12),  # an object id
    0x08: ("boolean", 1),
    0x09: ("timestamp", 8),
    0x0A: (NULL, 0),
    0x10: ("int", 4),
    0x11: ("timestamp", 8),
    0x12: ("bigint", 8),
    0x13: ("decimal(34,0)", 16),
    0x7F: (NULL, 0),
    0xFF: (NULL, 0),
}


class _DamagedError(ValueError):
    """The bytes are no BSON from here on."""


def read_bson(sample: Sample) -> Reading | None:
    """The object as BSON, or None where its first document is none."""
    columns: dict[str, HiveType] = {}
    at = records = 0
    data = sample.data
    while records < MOST and at + _SMALLEST <= len(data):
        length = int.from_bytes(data[at : at + 4], "little", signed=True)
        if length < _SMALLEST or at + length > len(data) or data[at + length - 1]:
            break
        try:
            fields = _fields(data[at : at + length])
        except (_DamagedError, struct.error, UnicodeDecodeError, RecursionError):
            break
        for name, kind in fields:
            folded = column_name(name)
            columns[folded] = merge(columns.get(folded, NULL), kind)
        records, at = records + 1, at + length
    if not columns:
        return None
    return Reading(
        classification="bson",
        classifier="bson",
        serde="none",
        columns=tuple(Column(name, kind) for name, kind in columns.items()),
        count=FileCount.sampled(sample.info.size, len(data), records),
        records=records,
        compression=sample.compression,
    )


def _fields(document: bytes) -> list[tuple[str, HiveType]]:
    found: list[tuple[str, HiveType]] = []
    at = 4
    while at < len(document) - 1:
        kind = document[at]
        end = document.index(b"\0", at + 1) if b"\0" in document[at + 1 :] else -1
        if end < 0:
            raise _DamagedError
        told, at_next = _value(kind, document, end + 1)
        found.append((document[at + 1 : end].decode(), told))
        at = at_next
    return found


def _value(kind: int, data: bytes, at: int) -> tuple[HiveType, int]:
    """The type of the value at ``at``, and where the next element starts."""
    if kind in _FIXED:
        told, size = _FIXED[kind]
        return told, at + size
    if kind == _REGEX:
        return "string", data.index(b"\0", data.index(b"\0", at) + 1) + 1
    (length,) = struct.unpack_from("<i", data, at)
    if length < 0 or at + length > len(data):
        raise _DamagedError
    if kind in _STRING:
        return "string", at + 4 + length
    if kind == _BINARY:
        return "binary", at + 5 + length
    if kind == _CODE_WITH_SCOPE:
        return "string", at + length
    if kind in (_DOCUMENT, _ARRAY):
        return _nested(kind, _fields(data[at : at + length])), at + length
    raise _DamagedError


def _nested(kind: int, fields: list[tuple[str, HiveType]]) -> Any:
    if kind == _DOCUMENT:
        return Struct(tuple(fields))
    element: HiveType = NULL
    for _, inner in fields:
        element = merge(element, inner)
    return Array(element)
