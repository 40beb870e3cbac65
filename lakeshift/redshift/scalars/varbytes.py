"""VARBYTE: conversions, pieces and bits.

https://docs.aws.amazon.com/redshift/latest/dg/varbyte-functions.html
"""

from __future__ import annotations

import base64
import binascii

from lakeshift.redshift.errors import raised_in_sql
from lakeshift.redshift.scalars.registry import scalar

__all__ = ["from_varbyte", "to_varbyte"]


def _refused(message: str) -> ValueError:
    return ValueError(raised_in_sql("22P02", message))


@scalar("ls_to_varbyte", "VARCHAR", "VARCHAR", returns="BLOB")
def to_varbyte(text: str, form: str) -> bytes:
    """Bytes of a text in ``form``: hex, binary, base64 or utf8."""
    form = form.lower()
    try:
        if form == "hex":
            return bytes.fromhex("0" * (len(text) % 2) + text)
        if form == "binary":
            return int(text or "0", 2).to_bytes((len(text) + 7) // 8, "big")
        if form == "base64":
            return base64.b64decode(text, validate=True)
        if form in ("utf8", "utf-8"):
            return text.encode()
    except (ValueError, binascii.Error):
        raise _refused(f'invalid input for format {form}: "{text}"') from None
    raise _refused(f'unsupported format "{form}" for VARBYTE')


@scalar("ls_from_varbyte", "BLOB", "VARCHAR", returns="VARCHAR")
def from_varbyte(data: bytes, form: str) -> str:
    """Its inverse."""
    form = form.lower()
    if form == "hex":
        return data.hex()
    if form == "binary":
        return "".join(f"{byte:08b}" for byte in data)
    if form == "base64":
        return base64.b64encode(data).decode()
    if form in ("utf8", "utf-8"):
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise _refused("invalid UTF8 sequence in VARBYTE") from None
    raise _refused(f'unsupported format "{form}" for VARBYTE')


@scalar("ls_bytes_substring", "BLOB", "BIGINT", "BIGINT", returns="BLOB")
def bytes_substring(data: bytes, start: int, size: int) -> bytes:
    """SUBSTRING of bytes, counted from 1; a start before that reads from the beginning."""
    if size < 0:
        raise ValueError(raised_in_sql("22011", "negative substring length not allowed"))
    if start < 1:
        return data if size >= len(data) else data[: max(start - 1 + size, 0)]
    return data[start - 1 : start - 1 + size]


@scalar("ls_getbit", "BLOB", "INTEGER", returns="INTEGER")
def getbit(data: bytes, index: int) -> int:
    """A bit, numbered from the right."""
    if not 0 <= index < 8 * len(data):
        raise ValueError(raised_in_sql("22003", f"index {index} out of valid range, 0..{8 * len(data) - 1}"))
    return (data[len(data) - 1 - index // 8] >> (index % 8)) & 1


@scalar("ls_setbit", "BLOB", "INTEGER", "INTEGER", returns="BLOB")
def setbit(data: bytes, index: int, bit: int) -> bytes:
    """The bytes with one bit changed."""
    getbit(data, index)
    number = int.from_bytes(data, "big") & ~(1 << index) | ((bit & 1) << index)
    return number.to_bytes(len(data), "big")


@scalar("ls_to_hex", "BIGINT", returns="VARCHAR")
def to_hex(number: int) -> str:
    """TO_HEX of a number: its two's complement."""
    return (
        f"{number & 0xFFFFFFFFFFFFFFFF:x}"
        if number < -(2**31)
        else f"{number & 0xFFFFFFFF:x}"
        if number < 0
        else f"{number:x}"
    )


@scalar("ls_bytes_reverse", "BLOB", returns="BLOB")
def reverse(data: bytes) -> bytes:
    """REVERSE of bytes."""
    return data[::-1]


@scalar("ls_bytes_position", "BLOB", "BLOB", returns="INTEGER")
def position(part: bytes, data: bytes) -> int:
    """Where ``part`` begins, from 1; 0 where it is not."""
    return data.find(part) + 1
