"""The checksums of S3 that Python's library lacks, CRC-32C and CRC-64/NVME, computed for many lanes at once.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import base64
import functools
import hashlib
import zlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

__all__ = ["ALGORITHMS", "checksum", "compute_checksum", "crc32c", "crc64nvme"]

ALGORITHMS: Final = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
_LANE: Final = 1024  # bytes of one lane
_MANY: Final = 16  # lanes, from which on they pay


def checksum(data: bytes, algorithm: str) -> bytes:
    """The checksum's bytes, big-endian as S3 encodes them; ``algorithm`` is one of ``ALGORITHMS``."""
    if algorithm == "CRC32":
        return zlib.crc32(data).to_bytes(4, "big")
    if algorithm == "CRC32C":
        return crc32c(data).to_bytes(4, "big")
    if algorithm == "CRC64NVME":
        return crc64nvme(data).to_bytes(8, "big")
    return hashlib.new(algorithm.lower(), data, usedforsecurity=False).digest()


def compute_checksum(body: bytes, algorithm: str, encode_base64: bool = True) -> bytes:
    """In moto's signature."""
    found = checksum(bytes(body), algorithm.upper())
    return base64.b64encode(found) if encode_base64 else found


def crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli)."""
    return _crc(data, _polynomial(0x82F63B78, 32))


def crc64nvme(data: bytes) -> int:
    """CRC-64/NVME."""
    return _crc(data, _polynomial(0x9A6C9329AC4BC9B5, 64))


@dataclass(frozen=True)
class _Polynomial:
    """A reflected polynomial: its table by byte, and how many bits."""

    bits: int
    table: Any  # uint64[256]


@functools.cache
def _polynomial(reflected: int, bits: int) -> _Polynomial:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (reflected if value & 1 else 0)
        table.append(value)
    return _Polynomial(bits, np.array(table, dtype=np.uint64))


def _crc(data: bytes, polynomial: _Polynomial) -> int:
    mask = (1 << polynomial.bits) - 1
    lanes = len(data) // _LANE
    if lanes < _MANY:
        return _serial(mask, data, polynomial) ^ mask
    head = len(data) - lanes * _LANE
    state = _serial(mask, data[:head], polynomial)
    block = np.frombuffer(data, dtype=np.uint8, offset=head).reshape(lanes, _LANE)
    return _joined(state, _lane_states(block, polynomial), polynomial) ^ mask


def _serial(state: int, data: bytes, polynomial: _Polynomial) -> int:
    table = polynomial.table.tolist()
    for byte in data:
        state = (state >> 8) ^ table[(state ^ byte) & 0xFF]
    return state


def _lane_states(block: Any, polynomial: _Polynomial) -> Any:
    """The state after each lane, each begun with zero."""
    states = np.zeros(block.shape[0], dtype=np.uint64)
    columns = np.ascontiguousarray(block.T)
    for column in columns:
        states = (states >> np.uint64(8)) ^ polynomial.table[((states ^ column) & np.uint64(0xFF)).astype(np.intp)]
    return states


def _joined(state: int, lanes: Any, polynomial: _Polynomial) -> int:
    """One state of all lanes in order: the left of each pair is moved past the bytes of the right one."""
    shift = _past(_LANE, polynomial)
    first = np.array([state], dtype=np.uint64)
    moved = _apply(shift, first, polynomial)
    lanes = lanes.copy()
    lanes[0] ^= moved[0]  # what came before is as if it were in the first lane
    while len(lanes) > 1:
        if len(lanes) % 2:  # a lane of zeros in front changes nothing
            lanes = np.concatenate([np.zeros(1, dtype=np.uint64), lanes])
        lanes = _apply(shift, lanes[0::2], polynomial) ^ lanes[1::2]
        shift = _twice(shift, polynomial)
    return int(lanes[0])


def _past(count: int, polynomial: _Polynomial) -> Any:
    """What ``count`` zero bytes make of each single bit of a state."""
    bits = np.array([1 << bit for bit in range(polynomial.bits)], dtype=np.uint64)
    for _ in range(count):
        bits = (bits >> np.uint64(8)) ^ polynomial.table[(bits & np.uint64(0xFF)).astype(np.intp)]
    return bits


def _apply(shift: Any, states: Any, polynomial: _Polynomial) -> Any:
    moved = np.zeros(len(states), dtype=np.uint64)
    for bit in range(polynomial.bits):
        on = ((states >> np.uint64(bit)) & np.uint64(1)).astype(bool)
        moved[on] ^= shift[bit]
    return moved


def _twice(shift: Any, polynomial: _Polynomial) -> Any:
    return _apply(shift, shift, polynomial)
