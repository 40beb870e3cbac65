"""The head of one object, decompressed: what a classifier may look at."""

from __future__ import annotations

import bz2
import os
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lakeshift.crawler.snappy import framed, hadoop_blocks
from lakeshift.lake import FolderLake, ObjectInfo

__all__ = ["FIRST", "FURTHEST", "Sample", "take"]

FIRST: Final = 1 << 20  # bytes every text classifier reads
FURTHEST: Final = 10 << 20  # bytes it reads at most when the first hold no whole record


@dataclass(frozen=True, slots=True)
class Sample:
    """``data``: the first uncompressed bytes; ``whole``: nothing follows them; ``compression`` as table parameter."""

    info: ObjectInfo
    data: bytes
    whole: bool
    compression: str = "none"
    damage: str = ""


def take(lake: FolderLake, info: ObjectInfo, limit: int = FIRST) -> Sample:
    """The first ``limit`` bytes of the object, after whole-file compression is undone.

    A damaged archive gives what could be read and says so in ``damage``.
    """
    try:
        raw = _head(info, limit)
    except OSError as error:
        return Sample(info, b"", whole=True, damage=f"it cannot be read: {error.strerror}")
    if raw[:1] in _TEXT_STARTS:
        return Sample(info, raw, len(raw) >= info.size)
    for magic, name, unpack in _PACKERS:
        if raw.startswith(magic):
            return _unpacked(lake, info, raw, limit, (name, unpack))
    if _looks_hadoop_snappy(raw):
        return _unpacked(lake, info, raw, limit, ("snappy", hadoop_blocks))
    return Sample(info, raw, len(raw) >= info.size)


def _head(info: ObjectInfo, limit: int) -> bytes:
    """The listing knows the path, so the object is opened without being looked up again."""
    descriptor = os.open(info.file, os.O_RDONLY)
    try:
        return os.read(descriptor, min(limit, info.size + 1))
    finally:
        os.close(descriptor)


def _unpacked(lake: FolderLake, info: ObjectInfo, raw: bytes, limit: int, packer: tuple[str, _Unpack]) -> Sample:
    name, unpack = packer
    try:
        data, ended = _zip(lake, info, limit) if name == "zip" else unpack(raw, limit)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, ValueError) as error:
        return Sample(info, b"", whole=True, compression=name, damage=f"{name} cannot be read: {error}")
    cut = not ended and len(raw) >= info.size and len(data) < limit
    return Sample(info, data, ended, name, f"{name} ends before its data does" if cut else "")


def _gzip(raw: bytes, limit: int) -> tuple[bytes, bool]:
    data, ended = b"", False
    while raw and len(data) < limit:  # members may follow each other
        stream = zlib.decompressobj(wbits=31)
        data += stream.decompress(raw, limit - len(data))
        raw, ended = stream.unused_data, stream.eof
        if not ended:
            break
    return data, ended and not raw


def _bzip2(raw: bytes, limit: int) -> tuple[bytes, bool]:
    stream = bz2.BZ2Decompressor()
    data = stream.decompress(raw, limit)
    return data, stream.eof


def _zip(lake: FolderLake, info: ObjectInfo, limit: int) -> tuple[bytes, bool]:
    """Its directory is at the end, so it is read as a file and not from its first bytes."""
    with lake.open(info.bucket, info.key) as file, zipfile.ZipFile(file) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            raise ValueError(f"an archive of {len(members)} files; the crawler reads archives of one")
        with archive.open(members[0]) as stream:
            return stream.read(limit), members[0].file_size <= limit


def _lz4(raw: bytes, limit: int) -> tuple[bytes, bool]:
    import pyarrow as pa

    with pa.input_stream(pa.py_buffer(raw), compression="lz4") as stream:
        data: bytes = stream.read(limit + 1)
    return data[:limit], len(data) <= limit


def _nothing(_: bytes, __: int) -> tuple[bytes, bool]:
    return b"", True


_TEXT_STARTS: Final = (b"{", b"[", b"<")  # of no archive
_Unpack = Callable[[bytes, int], tuple[bytes, bool]]
_PACKERS: Final[tuple[tuple[bytes, str, _Unpack], ...]] = (
    (b"\x1f\x8b", "gzip", _gzip),
    (b"BZh", "bzip2", _bzip2),
    (b"PK\x03\x04", "zip", _nothing),
    (b"\x04\x22\x4d\x18", "lz4", _lz4),
    (b"\xff\x06\x00\x00sNaPpY", "snappy", framed),
)


def _looks_hadoop_snappy(raw: bytes) -> bool:
    """Length of the block, length of its first chunk, then data: the lengths must fit each other."""
    if len(raw) < 10 or raw[0] != 0:
        return False
    block, chunk = int.from_bytes(raw[:4], "big"), int.from_bytes(raw[4:8], "big")
    return 0 < block < FURTHEST and 0 < chunk <= block + block // 6 + 32 and chunk <= max(len(raw) - 8, FIRST)
