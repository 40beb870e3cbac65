"""From a record's JSON to the rows of a table, as the OpenX and the Hive JSON SerDe read it. Pure.

https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, Final

from lakeshift.local.firehose import joda
from lakeshift.local.firehose.failures import FailedRecord
from lakeshift.local.firehose.hive_types import HiveType, ListOf, MapOf, Scalar, StructOf

__all__ = ["Column", "SerDe", "rows"]

_INTEGERS: Final = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}
_LARGEST_FLOAT: Final = 3.4028235677973366e38
_SPACE: Final = " \t\r\n"
_EXACT: Final = Context(prec=80)  # more digits than any decimal column has


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table; ``name`` as the catalog holds it."""

    name: str
    type: HiveType


@dataclass(frozen=True, slots=True)
class SerDe:
    """Which SerDe reads, and its options; ``formats`` are Joda-Time patterns of the Hive SerDe."""

    openx: bool = True
    ignore_case: bool = True
    dots: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ()


def rows(data: bytes, columns: Sequence[Column], serde: SerDe) -> list[dict[str, Any]]:
    """A row for each document of the record; raises FailedRecord, and then the record has none."""
    read = _Reader(serde)
    return [read.row(document, columns) for document in _documents(data, serde)]


def _malformed(text: str) -> FailedRecord:
    return FailedRecord("DataFormatConversion.MalformedData", text)


def _mismatch(text: object) -> FailedRecord:
    return _malformed(f"Data does not match the schema. {text}")


def _documents(data: bytes, serde: SerDe) -> list[Any]:
    decoder = json.JSONDecoder(
        object_pairs_hook=_keys(serde), parse_float=Decimal, parse_constant=_refuse_constant, strict=True
    )
    found = []
    try:
        text = data.decode()
        if not text.strip(_SPACE):
            raise _malformed("The record was empty or contained only whitespace.")
        at = 0
        while at < len(text):
            if text[at] in _SPACE:
                at += 1
                continue
            document, at = decoder.raw_decode(text, at)
            found.append(document)
    except (ValueError, RecursionError) as error:
        raise FailedRecord("DataFormatConversion.ParseError", f"Encountered malformed JSON. {error}") from error
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _keys(serde: SerDe) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    """OpenX lowers every key before anything is read, also inside of maps and texts."""

    def renamed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            named = key.lower() if serde.openx and serde.ignore_case else key
            made.setdefault(named.replace(".", "_") if serde.dots else named, value)
        return made

    return renamed


class _Reader:
    def __init__(self, serde: SerDe) -> None:
        self._serde = serde
        self._ignore_case = serde.ignore_case or not serde.openx
        self._formats = [joda.compile_pattern(pattern) for pattern in serde.formats]

    def row(self, document: Any, columns: Sequence[Column]) -> dict[str, Any]:
        if isinstance(document, list):
            raise _mismatch("An array of JSON documents is not a valid input.")
        if not isinstance(document, dict):
            raise _malformed(
                "The input JSON contained a primitive at the top level. The top level must be an object or array."
            )
        keyed = [(self._serde.keys.get(column.name, column.name), column) for column in columns]
        found = self._members(document, [key for key, _ in keyed])
        return {column.name: self.value(value, column.type) for (_, column), value in zip(keyed, found, strict=True)}

    def value(self, value: Any, kind: HiveType) -> Any:
        """The value as Arrow takes it; raises FailedRecord."""
        if value is None:
            return None
        if isinstance(kind, ListOf):
            return self._list(value, kind)
        if isinstance(kind, StructOf):
            return self._struct(value, kind)
        if isinstance(kind, MapOf):
            return self._map(value, kind)
        try:
            return self._scalar(value, kind)
        except (ValueError, ArithmeticError) as error:
            raise _mismatch(error) from error

    def _members(self, document: Mapping[str, Any], names: list[str]) -> list[Any]:
        if not self._ignore_case:
            return [document.get(name) for name in names]
        lowered: dict[str, Any] = {}
        for key, value in document.items():
            lowered.setdefault(key.lower(), value)
        return [document[name] if name in document else lowered.get(name.lower()) for name in names]

    def _list(self, value: Any, kind: ListOf) -> list[Any]:
        if not isinstance(value, list):
            if not self._serde.openx:
                raise _mismatch("java.io.IOException: Start of Array expected")
            value = [value]
        return [self.value(one, kind.element) for one in value]

    def _struct(self, value: Any, kind: StructOf) -> dict[str, Any]:
        if isinstance(value, list) and self._serde.openx:
            found: list[Any] = [*value[: len(kind.fields)], *[None] * (len(kind.fields) - len(value))]
        elif isinstance(value, dict):
            found = self._members(value, [name for name, _ in kind.fields])
        elif self._serde.openx:
            raise _mismatch(f"Data is not JSONObject  but {_java_type(value)} with value {_text(value)}")
        else:
            raise _mismatch("java.io.IOException: Start of Object expected")
        return {name: self.value(one, inner) for (name, inner), one in zip(kind.fields, found, strict=True)}

    def _map(self, value: Any, kind: MapOf) -> list[tuple[Any, Any]]:
        if not isinstance(value, dict):
            raise _mismatch("java.io.IOException: Start of Object expected")
        return [(self.value(key, kind.key), self.value(one, kind.value)) for key, one in value.items()]

    def _scalar(self, value: Any, kind: Scalar) -> Any:
        if kind.name in ("string", "char", "varchar"):
            return self._string(value, kind)
        if isinstance(value, dict | list):
            raise ValueError(
                f"A column of type {kind} cannot hold a JSON {'array' if type(value) is list else 'object'}."
            )
        if kind.name == "boolean":
            return self._boolean(value)
        if kind.name == "date":
            return joda.to_date(_text(value))
        if kind.name == "timestamp":
            return _in_range(self._timestamp(value))
        return _number(self._numeric(value), kind)

    def _string(self, value: Any, kind: Scalar) -> str:
        if isinstance(value, dict | list):
            if not self._serde.openx:
                raise _malformed("One or more fields have incorrect format. Exception when validating field (root)")
            value = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_plain)
        return _text(value)[: kind.size[0]] if kind.size else _text(value)

    def _boolean(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if not (self._serde.openx and isinstance(value, str) and value.lower() in ("true", "false")):
            raise ValueError(f'For input string: "{_text(value)}"')
        return value.lower() == "true"

    def _numeric(self, value: Any) -> Decimal:
        if isinstance(value, str) and not self._serde.openx:
            raise ValueError("Current token (VALUE_STRING) not numeric, can not use numeric value accessors")
        if isinstance(value, bool):
            raise ValueError(f'For input string: "{_text(value)}"')
        try:
            number = Decimal(value.strip() if isinstance(value, str) else value)
        except InvalidOperation as error:
            raise ValueError(f'For input string: "{value}"') from error
        if not number.is_finite():
            raise ValueError(f'For input string: "{value}"')
        return number

    def _timestamp(self, value: Any) -> int:
        if self._serde.openx:
            return joda.openx_nanoseconds(value)
        if not self._formats:
            return joda.default_nanoseconds(value)
        for read in self._formats[:-1]:
            try:
                return read(value)
            except ValueError:
                continue
        return self._formats[-1](value)


def _in_range(nanoseconds: int) -> int:
    if not -(2**63) <= nanoseconds < 2**63:
        raise ValueError("A timestamp is out of range.")
    return nanoseconds


def _number(number: Decimal, kind: Scalar) -> Any:
    if kind.name in _INTEGERS:
        limit = 2 ** (_INTEGERS[kind.name] - 1)
        if not -limit <= number < limit or number != number.to_integral_value():
            raise ValueError(f"Value {number} is out of range for type {kind}.")
        return int(number)
    if kind.name == "decimal":
        precision, scale = kind.size
        fits = not number or number.adjusted() < precision - scale
        rounded = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, _EXACT) if fits else number
        if not fits or (rounded and rounded.adjusted() >= precision - scale):
            raise ValueError(f"Value {number} is out of range for type {kind}.")
        return rounded
    value = float(number)
    if abs(value) >= (_LARGEST_FLOAT if kind.name == "float" else float("inf")):
        raise ValueError(f"Value {number} is out of range for type {kind}.")
    return value


def _plain(value: Any) -> Any:
    return float(value)


def _text(value: Any) -> str:
    """As Java writes a scalar of JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(float(value)) if isinstance(value, Decimal) else str(value)


def _java_type(value: Any) -> str:
    kinds = {bool: "Boolean", int: "Long", Decimal: "Double"}
    return f"java.lang.{kinds.get(type(value), 'String')}"
