"""Bytes in the formats and compressions that crawlers know, for tests."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import struct
import zipfile
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet


def zipped(data: bytes, *names: str) -> bytes:
    """An archive that holds ``data`` under each name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("x",):
            archive.writestr(name, data)
    return packed.getvalue()


def lz4(data: bytes) -> bytes:
    """An LZ4 frame."""
    packed = pa.BufferOutputStream()
    with pa.CompressedOutputStream(packed, "lz4") as stream:
        stream.write(data)
    return bytes(packed.getvalue())


def snappy_framed(data: bytes) -> bytes:
    """Snappy's framing format; its four bytes of checksum are not checked."""
    block = b"\0\0\0\0" + pa.compress(data, codec="snappy", asbytes=True)
    return b"\xff\x06\x00\x00sNaPpY" + b"\x00" + len(block).to_bytes(3, "little") + block


def snappy_hadoop(data: bytes) -> bytes:
    """Hadoop's SnappyCodec: one block of one chunk."""
    block = pa.compress(data, codec="snappy", asbytes=True)
    return len(data).to_bytes(4, "big") + len(block).to_bytes(4, "big") + block


PACKERS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "zip": zipped,
    "lz4": lz4,
    "snappy": snappy_framed,
    "snappy-hadoop": snappy_hadoop,
}


def parquet(table: pa.Table, **given: Any) -> bytes:
    """A Parquet file."""
    out = io.BytesIO()
    pa.parquet.write_table(table, out, **given)
    return out.getvalue()


def orc(table: pa.Table) -> bytes:
    """An ORC file."""
    out = pa.BufferOutputStream()
    pa.orc.write_table(table, out)
    return bytes(out.getvalue())


def avro(fields: list[dict[str, Any]], records: list[dict[str, Any]]) -> bytes:
    """An Avro container file of records with the fields."""
    out = io.BytesIO()
    fastavro.writer(out, {"type": "record", "name": "row", "fields": fields}, records)
    return out.getvalue()


def bson(document: dict[str, Any]) -> bytes:
    """One BSON document of what the tests need: text, numbers, truth, nothing, lists and documents."""
    body = b"".join(_element(name, value) for name, value in document.items())
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def _element(name: str, value: Any) -> bytes:
    key = name.encode() + b"\0"
    if isinstance(value, bool):
        return b"\x08" + key + bytes([value])
    if isinstance(value, int):
        small = abs(value) < 1 << 31
        return (b"\x10" + key + struct.pack("<i", value)) if small else (b"\x12" + key + struct.pack("<q", value))
    if isinstance(value, float):
        return b"\x01" + key + struct.pack("<d", value)
    if isinstance(value, str):
        text = value.encode() + b"\0"
        return b"\x02" + key + struct.pack("<i", len(text)) + text
    if isinstance(value, list):
        return b"\x04" + key + bson({str(at): item for at, item in enumerate(value)})
    if isinstance(value, dict):
        return b"\x03" + key + bson(value)
    if value is None:
        return b"\x0a" + key
    raise TypeError(json.dumps(value))
