"""Hash functions that Redshift names after their inventors.

https://docs.aws.amazon.com/redshift/latest/dg/hash-functions.html
"""

from __future__ import annotations

import hashlib
from typing import Final

from lakeshift.redshift.errors import raised_in_sql
from lakeshift.redshift.scalars.registry import scalar

__all__ = ["farm_fingerprint64", "fnv1a", "murmur3_32"]

_M32, _M64 = (1 << 32) - 1, (1 << 64) - 1
_K0: Final = 0xC3A5C85C97CB3127
_K1: Final = 0xB492B66FBE98F273
_K2: Final = 0x9AE16A3B2F90404F
_SIZES: Final = {0: "sha256", 224: "sha224", 256: "sha256", 384: "sha384", 512: "sha512"}


@scalar("ls_murmur3", "BLOB", "BIGINT", returns="BIGINT")
def murmur3_32(data: bytes, seed: int) -> int:
    """MurmurHash3 x86_32, as a signed number."""
    value = seed & _M32
    whole = len(data) - len(data) % 4
    for at in range(0, whole, 4):
        value ^= _scramble(int.from_bytes(data[at : at + 4], "little"))
        value = (_rotate32(value, 13) * 5 + 0xE6546B64) & _M32
    if whole < len(data):
        value ^= _scramble(int.from_bytes(data[whole:], "little"))
    value ^= len(data)
    value = ((value ^ (value >> 16)) * 0x85EBCA6B) & _M32
    value = ((value ^ (value >> 13)) * 0xC2B2AE35) & _M32
    value ^= value >> 16
    return value - (1 << 32) if value >> 31 else value


def _scramble(word: int) -> int:
    return (_rotate32((word * 0xCC9E2D51) & _M32, 15) * 0x1B873593) & _M32


def _rotate32(value: int, by: int) -> int:
    return ((value << by) | (value >> (32 - by))) & _M32


@scalar("ls_fnv", "BLOB", "BIGINT", returns="BIGINT")
def fnv1a(data: bytes, seed: int) -> int:
    """64-bit FNV-1a from ``seed`` on, as a signed number."""
    value = seed & _M64
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & _M64
    return value - (1 << 64) if value >> 63 else value


@scalar("ls_whole_bytes", "BIGINT", "INTEGER", returns="BLOB")
def whole_bytes(number: int, size: int) -> bytes:
    """A whole number as the bytes it is hashed by: its own width, the lowest first."""
    return number.to_bytes(size, "little", signed=True)


@scalar("ls_farm", "BLOB", returns="BIGINT")
def farm_fingerprint64(data: bytes) -> int:
    """FarmHash Fingerprint64, as a signed number."""
    value = _farm(data)
    return value - (1 << 64) if value >> 63 else value


@scalar("ls_sha2", "BLOB", "INTEGER", returns="VARCHAR")
def sha2(data: bytes, bits: int) -> str:
    """SHA-224, 256, 384 or 512 in hexadecimal; 0 means 256."""
    if bits not in _SIZES:
        raise ValueError(raised_in_sql("22023", f"Invalid number of bits for SHA2: {bits}"))
    return hashlib.new(_SIZES[bits], data).hexdigest()


def _rotate(value: int, by: int) -> int:
    return ((value >> by) | (value << (64 - by))) & _M64 if by else value


def _word(data: bytes, at: int, size: int = 8) -> int:
    return int.from_bytes(data[at : at + size], "little")


def _mixed(value: int) -> int:
    return value ^ (value >> 47)


def _hash16(low: int, high: int, by: int) -> int:
    first = _mixed(((low ^ high) * by) & _M64)
    return (_mixed(((high ^ first) * by) & _M64) * by) & _M64


def _farm(data: bytes) -> int:
    size = len(data)
    if size <= 16:
        return _up_to_16(data, size)
    if size <= 32:
        return _up_to_32(data, size)
    return _up_to_64(data, size) if size <= 64 else _long(data, size)


def _up_to_16(data: bytes, size: int) -> int:
    by = (_K2 + size * 2) & _M64
    if size >= 8:
        first, second = (_word(data, 0) + _K2) & _M64, _word(data, size - 8)
        third = (_rotate(second, 37) * by + first) & _M64
        fourth = ((_rotate(first, 25) + second) * by) & _M64
        return _hash16(third, fourth, by)
    if size >= 4:
        return _hash16((size + (_word(data, 0, 4) << 3)) & _M64, _word(data, size - 4, 4), by)
    if size:
        low = data[0] + (data[size >> 1] << 8)
        high = size + (data[size - 1] << 2)
        return (_mixed(((low * _K2) & _M64) ^ ((high * _K0) & _M64)) * _K2) & _M64
    return _K2


def _up_to_32(data: bytes, size: int) -> int:
    by = (_K2 + size * 2) & _M64
    first, second = (_word(data, 0) * _K1) & _M64, _word(data, 8)
    third, fourth = (_word(data, size - 8) * by) & _M64, (_word(data, size - 16) * _K2) & _M64
    low = (_rotate((first + second) & _M64, 43) + _rotate(third, 30) + fourth) & _M64
    return _hash16(low, (first + _rotate((second + _K2) & _M64, 18) + third) & _M64, by)


def _up_to_64(data: bytes, size: int) -> int:
    by = (_K2 + size * 2) & _M64
    first, second = (_word(data, 0) * _K2) & _M64, _word(data, 8)
    third, fourth = (_word(data, size - 8) * by) & _M64, (_word(data, size - 16) * _K2) & _M64
    low = (_rotate((first + second) & _M64, 43) + _rotate(third, 30) + fourth) & _M64
    high = _hash16(low, (first + _rotate((second + _K2) & _M64, 18) + third) & _M64, by)
    fifth, sixth = (_word(data, 16) * by) & _M64, _word(data, 24)
    seventh, eighth = ((low + _word(data, size - 32)) * by) & _M64, ((high + _word(data, size - 24)) * by) & _M64
    left = (_rotate((fifth + sixth) & _M64, 43) + _rotate(seventh, 30) + eighth) & _M64
    return _hash16(left, (fifth + _rotate((sixth + first) & _M64, 18) + seventh) & _M64, by)


def _weak(data: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    w, x, y, z = (_word(data, at + offset) for offset in (0, 8, 16, 24))
    a = (a + w) & _M64
    b = _rotate((b + a + z) & _M64, 21)
    kept = a
    a = (a + x + y) & _M64
    b = (b + _rotate(a, 44)) & _M64
    return (a + z) & _M64, (b + kept) & _M64


def _long(data: bytes, size: int) -> int:
    seed = 81
    x, y = seed, (seed * _K1 + 113) & _M64
    z = (_mixed((y * _K2 + 113) & _M64) * _K2) & _M64
    v, w = (0, 0), (0, 0)
    x = (x * _K2 + _word(data, 0)) & _M64
    end = (size - 1) // 64 * 64
    last = end + ((size - 1) & 63) - 63
    at = 0
    while True:
        x = (_rotate((x + y + v[0] + _word(data, at + 8)) & _M64, 37) * _K1) & _M64
        y = (_rotate((y + v[1] + _word(data, at + 48)) & _M64, 42) * _K1) & _M64
        x ^= w[1]
        y = (y + v[0] + _word(data, at + 40)) & _M64
        z = (_rotate((z + w[0]) & _M64, 33) * _K1) & _M64
        v = _weak(data, at, (v[1] * _K1) & _M64, (x + w[0]) & _M64)
        w = _weak(data, at + 32, (z + w[1]) & _M64, (y + _word(data, at + 16)) & _M64)
        z, x = x, z
        at += 64
        if at == end:
            break
    by = (_K1 + ((z & 0xFF) << 1)) & _M64
    at = last
    w = ((w[0] + ((size - 1) & 63)) & _M64, w[1])
    v = ((v[0] + w[0]) & _M64, v[1])
    w = ((w[0] + v[0]) & _M64, w[1])
    x = (_rotate((x + y + v[0] + _word(data, at + 8)) & _M64, 37) * by) & _M64
    y = (_rotate((y + v[1] + _word(data, at + 48)) & _M64, 42) * by) & _M64
    x ^= (w[1] * 9) & _M64
    y = (y + v[0] * 9 + _word(data, at + 40)) & _M64
    z = (_rotate((z + w[0]) & _M64, 33) * by) & _M64
    v = _weak(data, at, (v[1] * by) & _M64, (x + w[0]) & _M64)
    w = _weak(data, at + 32, (z + w[1]) & _M64, (y + _word(data, at + 16)) & _M64)
    z, x = x, z
    low = (_hash16(v[0], w[0], by) + _mixed(y) * _K0 + z) & _M64
    return _hash16(low, (_hash16(v[1], w[1], by) + x) & _M64, by)
