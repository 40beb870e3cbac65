"""Records that the Kinesis Producer Library aggregated, taken apart. Pure.

The format: https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md, a protocol buffer
between four magic bytes and its MD5 sum.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

__all__ = ["deaggregated"]

_MAGIC: Final = b"\xf3\x89\x9a\xc2"
_SUM: Final = 16
_RECORDS_FIELD: Final = 3
_DATA_FIELD: Final = 3


def deaggregated(data: bytes) -> list[bytes]:
    """The user records in it; a record that is not aggregated is the only one of itself."""
    body, told = data[len(_MAGIC) : -_SUM], data[-_SUM:]
    if not data.startswith(_MAGIC) or hashlib.md5(body, usedforsecurity=False).digest() != told:
        return [data]
    try:
        return [_data(inner) for field, inner in _fields(body) if field == _RECORDS_FIELD]
    except (IndexError, ValueError):
        return [data]


def _data(record: bytes) -> bytes:
    return next((value for field, value in _fields(record) if field == _DATA_FIELD), b"")


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each field that holds bytes."""
    at = 0
    while at < len(message):
        tag, at = _number(message, at)
        if tag & 7 == 0:
            _, at = _number(message, at)
            continue
        if tag & 7 != 2:
            raise ValueError("no field of an aggregated record")
        length, at = _number(message, at)
        if at + length > len(message):
            raise ValueError("an aggregated record is cut off")
        yield tag >> 3, message[at : at + length]
        at += length


def _number(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
