"""Redshift's types as the wire names them: object identifier, size, modifier; and parameters back to literals.

https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
"""

from __future__ import annotations

import struct
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from lakeshift.redshift import RedshiftError, SqlType
from lakeshift.redshift.binding import literal

__all__ = ["OIDS", "column_facts", "null_literal", "parameter_literal"]

OIDS: Final[dict[str, tuple[int, int]]] = {
    "boolean": (16, 1),
    "binary varying": (6551, -1),
    "bigint": (20, 8),
    "smallint": (21, 2),
    "integer": (23, 4),
    "real": (700, 4),
    "double precision": (701, 8),
    "character": (1042, -1),
    "character varying": (1043, -1),
    "date": (1082, 4),
    "time without time zone": (1083, 8),
    "timestamp without time zone": (1114, 8),
    "timestamp with time zone": (1184, 8),
    "interval": (1186, 16),
    "time with time zone": (1266, 12),
    "numeric": (1700, -1),
    "super": (4000, -1),
    "unknown": (705, -2),
    "name": (19, 64),
    "oid": (26, 4),
    "char": (18, 1),
}
_EPOCH: Final = datetime(2000, 1, 1)
_INTEGERS: Final = {20: "!q", 21: "!h", 23: "!i", 26: "!I"}
_FLOATS: Final = {700: "!f", 701: "!d"}
# How a text parameter of that type is written, where a plain string will not do.
_CASTS: Final = {
    700: "REAL",
    701: "DOUBLE PRECISION",
    1082: "DATE",
    1083: "TIME",
    1114: "TIMESTAMP",
    1184: "TIMESTAMPTZ",
    1266: "TIMETZ",
}
_NULLS: Final = {
    16: "BOOLEAN",
    20: "BIGINT",
    21: "SMALLINT",
    23: "INTEGER",
    26: "BIGINT",
    1700: "NUMERIC(38,10)",
    **_CASTS,
}
_BOOLEANS: Final = {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}


def column_facts(kind: SqlType) -> tuple[int, int, int]:
    """Object identifier, size and modifier of a result's column."""
    oid, size = OIDS.get(kind.name, OIDS["unknown"])
    modifier = -1
    if kind.name == "numeric" and kind.precision is not None:
        modifier = (kind.precision << 16 | (kind.scale or 0)) + 4
    elif kind.length is not None:
        modifier = kind.length + 4
    return oid, size, modifier


def null_literal(oid: int) -> str:
    """What stands for a parameter whose value is not known yet."""
    return f"CAST(NULL AS {_NULLS[oid]})" if oid in _NULLS else "NULL"


def parameter_literal(oid: int, value: bytes | None, binary: bool) -> str:
    """A bound value as a literal that is safe whatever it holds; raises RedshiftError where it is none of its type."""
    if value is None:
        return null_literal(oid)
    if binary:
        return _binary(oid, value)
    try:
        return _text(oid, value.decode())
    except UnicodeDecodeError:
        raise RedshiftError('invalid byte sequence for encoding "UTF8"', "22021") from None
    except (ValueError, InvalidOperation, KeyError):
        raise RedshiftError(
            f'invalid input syntax for parameter: "{value.decode(errors="replace")}"', "22P02"
        ) from None


def _text(oid: int, value: str) -> str:
    if oid in _INTEGERS:
        return f"({int(value)})" if value.strip().startswith("-") else str(int(value))
    if oid == 16:
        return str(_BOOLEANS[value.lower()]).upper()
    if oid == 1700:
        return _number(Decimal(value))
    if oid in _CASTS:
        return f"CAST({literal(value)} AS {_CASTS[oid]})"
    if oid in (17, 6551):
        return _bytes(bytes.fromhex(value.removeprefix("\\x")))
    return literal(value)


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(value)
    return f"({value:f})" if value < 0 else f"{value:f}"


def _bytes(value: bytes) -> str:
    return f"FROM_HEX({literal(value.hex())})"


def _binary(oid: int, value: bytes) -> str:
    if oid == 1700:
        return _number(_binary_numeric(value))
    if oid in (17, 6551):
        return _bytes(value)
    try:
        return _text(oid, _binary_text(oid, value))
    except struct.error:
        raise RedshiftError("incorrect binary data format in bind parameter", "22P03") from None


def _binary_text(oid: int, value: bytes) -> str:
    if oid in _INTEGERS:
        return str(struct.unpack(_INTEGERS[oid], value)[0])
    if oid in _FLOATS:
        return repr(struct.unpack(_FLOATS[oid], value)[0])
    if oid == 16:
        return "t" if value != b"\0" else "f"
    if oid == 1082:
        return (date(2000, 1, 1) + timedelta(days=struct.unpack("!i", value)[0])).isoformat()
    if oid == 1083:
        return (_EPOCH + timedelta(microseconds=struct.unpack("!q", value)[0])).time().isoformat()
    if oid in (1114, 1184):
        found = (_EPOCH + timedelta(microseconds=struct.unpack("!q", value)[0])).isoformat(sep=" ")
        return f"{found}+00" if oid == 1184 else found
    if oid in (0, 18, 19, 25, 705, 1042, 1043, 4000):
        return value.decode()
    raise RedshiftError(f"no binary input function available for the type with OID {oid}", "42883")


def _binary_numeric(value: bytes) -> Decimal:
    """Base-10000 digits, as PostgreSQL sends a numeric."""
    count, weight, sign, scale = struct.unpack("!hhHH", value[:8])
    if sign not in (0, 0x4000):
        raise RedshiftError("numeric NaN is not supported", "22003")
    digits = struct.unpack(f"!{count}h", value[8:])
    total = sum(Decimal(digit).scaleb(4 * (weight - place)) for place, digit in enumerate(digits)) or Decimal(0)
    return (-total if sign else total).quantize(Decimal(1).scaleb(-scale))
