"""Times in JSON: the formats of the OpenX SerDe, and Joda-Time's patterns of the Hive SerDe. Pure.

https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

__all__ = ["PatternError", "compile_pattern", "default_nanoseconds", "openx_nanoseconds", "to_date"]

_NANO: Final = 1_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?Z?", re.ASCII)
_SQL: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?", re.ASCII)
_DATE: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_MILLISECONDS: Final = Decimal(10) ** 12  # an epoch from here on counts milliseconds, a smaller one seconds
_PIECE: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|.", re.DOTALL)
_OFFSET: Final = r"Z|[+-]\d{2}:?\d{2}"
_NUMBERS: Final = {"y": "year", "Y": "year", "u": "year", "M": "month", "d": "day", "D": "day_of_year", "H": "hour",
                   "k": "hour", "h": "half_hour", "K": "half_hour", "m": "minute", "s": "second"}  # fmt: skip


class PatternError(ValueError):
    """The pattern has a letter that is not supported locally."""


def _nanoseconds(parts: tuple[str | None, ...]) -> int:
    numbers = [int(part or 0) for part in parts[:6]]
    at = datetime(*numbers, tzinfo=UTC)  # type: ignore[arg-type, misc]  # six numbers, and a ValueError for wrong ones
    return _since_epoch(at) + int((parts[6] or "").ljust(9, "0"))


def _since_epoch(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000


def openx_nanoseconds(value: Any) -> int:
    """Nanoseconds since 1970 of a text or an epoch number as the OpenX SerDe reads it; raises ValueError."""
    if isinstance(value, str):
        found = _ISO.fullmatch(value) or _SQL.fullmatch(value)
        if found is not None:
            return _nanoseconds(found.groups())
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f'For input string: "{value}"') from error
    return int(number * (_NANO if abs(number) < _MILLISECONDS else 1_000_000))


def default_nanoseconds(value: Any) -> int:
    """As ``java.sql.Timestamp.valueOf`` reads it: ``yyyy-[m]m-[d]d hh:mm:ss[.f...]``; raises ValueError."""
    found = _SQL.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff]")
    return _nanoseconds(found.groups())


def to_date(text: str) -> date:
    """A date as ``yyyy-[M]M-[d]d``; raises ValueError."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(f'For input string: "{text}"')
    return date(*map(int, found.groups()))


@lru_cache(maxsize=64)
def compile_pattern(pattern: str) -> Callable[[Any], int]:
    """A reader of nanoseconds by a Joda-Time pattern, or by ``millis``; the reader raises ValueError.

    Raises PatternError for a letter that is not supported.
    """
    if pattern == "millis":
        return _milliseconds
    names: list[str] = []
    expression = "".join(_piece(found, names) for found in _PIECE.finditer(pattern))
    reader = re.compile(expression, re.ASCII | re.IGNORECASE)

    def read(value: Any) -> int:
        found = reader.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise ValueError(f'Invalid format: "{value}" does not fit {pattern}')
        return _moment(dict(zip(names, found.groups(), strict=True)))

    return read


def _milliseconds(value: Any) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"-?\d+", str(value)):
        raise ValueError(f'Invalid format: "{value}" is no number of milliseconds')
    return int(value) * 1_000_000


def _piece(found: re.Match[str], names: list[str]) -> str:
    quoted, letter = found.groups()
    if quoted is not None:
        return re.escape(quoted.replace("''", "'") or "'")
    if letter is None:
        return re.escape(found.group())
    name, expression = _field(letter, len(found.group()))
    names.append(name)
    return f"({expression})"


def _field(letter: str, length: int) -> tuple[str, str]:
    if letter == "M" and length >= 3:
        return "month_name", r"[A-Za-z]+"
    if letter == "S":
        return "fraction", rf"\d{{{length}}}"
    if letter in ("Z", "z"):
        return "offset", _OFFSET if letter == "Z" else r"UTC|GMT|Z"
    if letter in ("a", "E", "e"):
        return {"a": "half", "E": "weekday", "e": "weekday"}[letter], r"[A-Za-z0-9]+"
    if letter not in _NUMBERS:
        raise PatternError(f"The letter {letter!r} of a timestamp format is not supported locally.")
    widest = 9 if letter in "yYu" and length > 2 else 3 if letter == "D" else 2
    return _NUMBERS[letter], rf"\d{{{1 if letter not in 'yYu' else min(length, 4)},{max(widest, length)}}}"


def _moment(fields: dict[str, str]) -> int:
    year = _year(fields.get("year", "1970"))
    month = _month(fields)
    at = datetime(year, month, int(fields.get("day", 1)), _hour(fields), int(fields.get("minute", 0)),
                  int(fields.get("second", 0)), tzinfo=UTC)  # fmt: skip
    if "day_of_year" in fields:
        at = at.replace(month=1, day=1) + timedelta(days=int(fields["day_of_year"]) - 1)
    return _since_epoch(at - _offset(fields.get("offset", "Z"))) + int(fields.get("fraction", "0").ljust(9, "0")[:9])


def _year(text: str) -> int:
    return int(text) if len(text) > 2 else 2000 + int(text)


def _month(fields: dict[str, str]) -> int:
    if "month_name" not in fields:
        return int(fields.get("month", 1))
    wanted = fields["month_name"].lower()
    for number in range(1, 13):
        if wanted in (calendar.month_name[number].lower(), calendar.month_abbr[number].lower()):
            return number
    raise ValueError(f'Invalid format: "{fields["month_name"]}" is no month')


def _hour(fields: dict[str, str]) -> int:
    if "half_hour" in fields:
        return int(fields["half_hour"]) % 12 + (12 if fields.get("half", "AM").upper() == "PM" else 0)
    return int(fields.get("hour", 0)) % 24


def _offset(text: str) -> timedelta:
    if text[0] not in "+-":
        return timedelta()
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timedelta(minutes=minutes if text[0] == "+" else -minutes)
