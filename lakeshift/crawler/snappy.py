"""The two containers of Snappy that the crawler knows: the framing format and Hadoop's blocks."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["framed", "hadoop_blocks"]


def framed(raw: bytes, limit: int) -> tuple[bytes, bool]:
    """Bytes of a framed stream, at most ``limit``, and whether that is all; raises ValueError where it is damaged."""
    data, at = bytearray(), 0
    while at + 4 <= len(raw) and len(data) < limit:
        kind, length = raw[at], int.from_bytes(raw[at + 1 : at + 4], "little")
        body = raw[at + 4 : at + 4 + length]
        if len(body) < length:
            break
        if kind == 0x00:
            data += _block(body[4:])
        elif kind == 0x01:
            data += body[4:]
        elif 0x02 <= kind <= 0x7F:
            raise ValueError(f"unknown chunk 0x{kind:02x}")
        at += 4 + length
    return bytes(data[:limit]), at >= len(raw) and len(data) <= limit


def hadoop_blocks(raw: bytes, limit: int) -> tuple[bytes, bool]:
    """Bytes of Hadoop's SnappyCodec, at most ``limit``, and whether that is all."""
    data, consumed = bytearray(), 0
    for end, chunk in _chunks(raw):
        data, consumed = data + _block(chunk), end
        if len(data) >= limit:
            break
    return bytes(data[:limit]), consumed >= len(raw) and len(data) <= limit


def _chunks(raw: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(raw):
        left = int.from_bytes(raw[at : at + 4], "big")
        at += 4
        while left > 0:
            length = int.from_bytes(raw[at : at + 4], "big")
            chunk = raw[at + 4 : at + 4 + length]
            if not length or len(chunk) < length:
                return
            at += 4 + length
            left -= _length(chunk)[0]
            yield at, chunk


def _length(block: bytes) -> tuple[int, int]:
    """The uncompressed length that a raw block starts with, and how many bytes said it."""
    length = 0
    for at, byte in enumerate(block[:5]):
        length |= (byte & 0x7F) << (7 * at)
        if byte < 0x80:
            return length, at + 1
    raise ValueError("no length at the start of a Snappy block")


def _block(block: bytes) -> bytes:
    import pyarrow as pa

    length, _ = _length(block)
    data: bytes = pa.decompress(block, decompressed_size=length, codec="snappy", asbytes=True)
    return data
