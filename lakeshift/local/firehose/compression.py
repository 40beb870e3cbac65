"""The compressions of delivered objects: bytes, file extension and Content-Encoding of each. Pure.

https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html; ``Snappy`` is the container of snappy-java, not
the framing format, and HADOOP_SNAPPY is delivered as ``.snappy`` too, as objects of the service show.
"""

from __future__ import annotations

import gzip
import io
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["COMPRESSIONS", "Compression"]

_XERIAL: Final = b"\x82SNAPPY\x00" + (1).to_bytes(4, "big") * 2  # magic, version, oldest version that reads it
_XERIAL_BLOCK: Final = 32 * 1024
_HADOOP_BLOCK: Final = 256 * 1024
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)


def _block(data: bytes) -> bytes:
    import pyarrow as pa

    return bytes(pa.compress(data, codec="snappy", asbytes=True))


def _blocks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def _length(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big")


def _xerial(data: bytes) -> bytes:
    packed = map(_block, _blocks(data, _XERIAL_BLOCK))
    return _XERIAL + b"".join(part for block in packed for part in (_length(block), block))


def _hadoop(data: bytes) -> bytes:
    parts = []
    for plain in _blocks(data, _HADOOP_BLOCK):
        packed = _block(plain)
        parts += [_length(plain), _length(packed), packed]
    return b"".join(parts)


def _zip(data: bytes) -> bytes:
    """One entry whose name says nothing of the object."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        entry = zipfile.ZipInfo(str(uuid.uuid5(uuid.NAMESPACE_OID, str(len(data)))), _ZIP_TIME)
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, data)
    return body.getvalue()


@dataclass(frozen=True, slots=True)
class Compression:
    """What a CompressionFormat does; ``encoding`` is the object's Content-Encoding."""

    pack: Callable[[bytes], bytes]
    extension: str = ""
    encoding: str | None = None


COMPRESSIONS: Final[dict[str, Compression]] = {
    "UNCOMPRESSED": Compression(lambda data: data),
    "GZIP": Compression(lambda data: gzip.compress(data, mtime=0), ".gz", "gzip"),
    "ZIP": Compression(_zip, ".zip", "zip"),
    "Snappy": Compression(_xerial, ".snappy", "snappy-java"),
    "HADOOP_SNAPPY": Compression(_hadoop, ".snappy", "hadoop-snappy"),
}
