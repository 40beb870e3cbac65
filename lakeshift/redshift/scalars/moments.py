"""Dates, times and intervals as people write them, read as Redshift reads them.

https://docs.aws.amazon.com/redshift/latest/dg/r_Datetime_types.html
https://docs.aws.amazon.com/redshift/latest/dg/r_interval_literals.html
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lakeshift.redshift.errors import raised_in_sql
from lakeshift.redshift.scalars.registry import scalar

__all__ = ["MONTHS", "parse_interval", "parse_moment", "parse_time", "zone_of"]

MONTHS: Final = {
    name: n
    for n, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}


def _pairs(text: str) -> dict[str, str]:
    """Words that name a value: ``value: word word; value: word``."""
    groups = (group.split(":") for group in text.split(";"))
    return {word: value.strip() for value, words in groups for word in words.split()}


# Abbreviations of zones by their hours from UTC.
_ZONES: Final = {
    name: float(hours)
    for name, hours in _pairs(
        "0: utc gmt z zulu wet; 1: bst cet met west; 2: cest eet sast ist; 3: eest msk; 5: pkt; 8: sgt hkt awst;"
        "9: jst kst; 9.5: acst; 10: aest; 11: aedt; 12: nzst; 13: nzdt; -4: ast edt; -3: adt; -3.5: nst; -5: est cdt;"
        "-6: cst mdt; -7: mst pdt; -8: pst akdt; -9: akst; -10: hst"
    ).items()
}
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(\.\d*)?)?\s*(am|pm|a\.m\.|p\.m\.)?", re.IGNORECASE)
_OFFSET: Final = re.compile(r"([+-])(\d{1,2})(?::?(\d\d))?(?::?(\d\d))?$")
_DATES: Final = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), "ymd"),
    (re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"), "ymd"),
    (re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"), "ymd"),
    (re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d\d)"), "mdy"),
    (re.compile(r"(\d{4})[.-](\d{3})"), "yj"),
    (re.compile(r"(\d{4})(\d\d)(\d\d)(?!\d)"), "ymd"),
    (re.compile(r"(\d\d)(\d\d)(\d\d)(?![\d:])"), "ymd"),
    (re.compile(r"(\d{4})-([a-z]{3,9})-(\d{1,2})", re.IGNORECASE), "ymd"),
    (re.compile(r"(\d{1,2})[- ]([a-z]{3,9})[- ,]+(\d{4}|\d\d)(?![\d:])", re.IGNORECASE), "dmy"),
    (re.compile(r"([a-z]{3,9})[- ](\d{1,2})[- ,]+(\d{4}|\d\d)(?![\d:])", re.IGNORECASE), "mdy"),
    (re.compile(r"(?:j|julian)\s*(\d{6,8})", re.IGNORECASE), "julian"),
)
_PIECE: Final = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*([a-z]+)\s*,?\s*", re.IGNORECASE)
_SPAN: Final = re.compile(r"([+-]?)(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?")
_MICRO: Final = {
    "week": 7 * 86_400_000_000,
    "day": 86_400_000_000,
    "hour": 3_600_000_000,
    "minute": 60_000_000,
    "second": 1_000_000,
    "millisecond": 1000,
    "microsecond": 1,
}
_MONTH: Final = {"millennium": 12000, "century": 1200, "decade": 120, "year": 12, "quarter": 3, "month": 1}
_SHORT: Final = _pairs(
    "year: y yr yrs; quarter: qtr qtrs; month: mon mons; week: w; day: d; hour: h hr hrs; minute: m min mins;"
    "second: s sec secs; millisecond: ms msec msecs; microsecond: us usec usecs; century: c cent centuries;"
    "decade: dec decs; millennium: mil mils millennia"
)


def _bad(kind: str, text: str) -> ValueError:
    return ValueError(raised_in_sql("22007", f'invalid input syntax for type {kind}: "{text}"'))


def _beyond(text: str) -> ValueError:
    return ValueError(raised_in_sql("22008", f'date/time field value out of range: "{text}"'))


@lru_cache(maxsize=256)
def zone_of(name: str) -> tzinfo | None:
    """The time zone of a name, an abbreviation or an offset such as ``+02`` or ``UTC+2``; None for no zone."""
    lower = name.strip().lower()
    if lower in _ZONES:
        return timezone(timedelta(hours=_ZONES[lower]))
    offset = _OFFSET.fullmatch(name.strip())
    if offset:
        return _offset(offset)
    posix = re.fullmatch(r"(?:utc|gmt)?([+-])(\d{1,2})(?::(\d\d))?", lower)
    if posix:  # POSIX counts to the west
        minutes = int(posix[2]) * 60 + int(posix[3] or 0)
        return timezone(timedelta(minutes=minutes * (-1 if posix[1] == "+" else 1)))
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _offset(found: re.Match[str]) -> timezone:
    seconds = int(found[2]) * 3600 + int(found[3] or 0) * 60 + int(found[4] or 0)
    return timezone(timedelta(seconds=-seconds if found[1] == "-" else seconds))


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 70 else 1900)


def _month(text: str) -> int | None:
    return int(text) if text.isdigit() else MONTHS.get(text[:3].lower())


def _day(found: re.Match[str], order: str, text: str) -> date | None:
    try:
        if order == "yj":
            return date(int(found[1]), 1, 1) + timedelta(days=int(found[2]) - 1)
        if order == "julian":
            return date.fromordinal(int(found[1]) - 1_721_425)
        parts = dict(zip(order, found.groups(), strict=True))
        month = _month(parts["m"])
        return None if month is None else date(_year(parts["y"]), month, int(parts["d"]))
    except (ValueError, OverflowError):
        raise _beyond(text) from None


def _find_day(text: str) -> tuple[date, str] | None:
    for pattern, order in _DATES:
        found = pattern.search(text)
        if found and (found.start() == 0 or not text[found.start() - 1].isdigit()):
            day = _day(found, order, text)
            if day is not None:
                rest = f"{text[: found.start()]} {text[found.end() :]}"
                return day, rest
    return None


def _find_clock(text: str) -> tuple[time, str] | None:
    found = _CLOCK.search(text)
    if found is None:
        bare = re.search(r"(?:^|[T\s])(\d\d)(\d\d)(\d\d)?(?=$|[\s+-])", text)
        if bare is None:
            return None
        return time(int(bare[1]), int(bare[2]), int(bare[3] or 0)), f"{text[: bare.start()]} {text[bare.end() :]}"
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    half = (found[5] or "").lower().replace(".", "")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    micro = round(Decimal(found[4]) * 1_000_000) if found[4] and found[4] != "." else 0
    return time(hour, minute, second, micro), f"{text[: found.start()]} {text[found.end() :]}"


def parse_moment(text: str, kind: str = "timestamp") -> datetime:
    """A date and time; aware where the text names a zone. Raises 22007 and 22008 with ``kind`` in its words."""
    plain = text.strip()
    named = _named(plain.lower())
    if named is not None:
        return named
    try:
        found = _find_day(plain)
        if found is None:
            raise _bad(kind, text)
        day, rest = found
        clock, rest = _find_clock(rest) or (time(), rest)
        moment = datetime.combine(day, clock)
    except ValueError as error:
        if "[redshift" in str(error):
            raise
        raise _beyond(text) from None
    return moment.replace(tzinfo=_rest_zone(rest, kind, text))


def _rest_zone(rest: str, kind: str, text: str) -> tzinfo | None:
    word = re.sub(
        r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b,?", "", rest, flags=re.IGNORECASE
    )
    word = re.sub(r"^\s*T(?=\s|$|[+-])", "", word).strip().removesuffix("AD").strip(" ,")
    if not word:
        return None
    zone = zone_of(word)
    if zone is None:
        raise _bad(kind, text)
    return zone


def _named(word: str) -> datetime | None:
    now = datetime.now(UTC).replace(tzinfo=None)
    today = datetime(now.year, now.month, now.day)
    days = {"today": 0, "tomorrow": 1, "yesterday": -1}
    if word in days:
        return today + timedelta(days=days[word])
    return {"now": now, "epoch": datetime(1970, 1, 1)}.get(word)


def parse_time(text: str) -> time:
    """A time of day; a zone behind it is not read."""
    try:
        found = _find_clock(text.strip())
    except ValueError:
        raise _beyond(text) from None
    if found is None:
        raise _bad("time", text)
    return found[0]


def parse_interval(text: str, first: str | None = None, last: str | None = None) -> tuple[int, int]:
    """Months and microseconds of an interval; ``first`` and ``last`` are the units of ``'1-2' YEAR TO MONTH``."""
    plain = text.strip()
    if first and last:
        return _qualified(plain, first, last, text)
    if first and re.fullmatch(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", plain):
        plain = f"{plain} {first}"
    months, micros, at = 0, 0, 0
    while at < len(plain):
        piece = _PIECE.match(plain, at) or _SPAN.match(plain, at)
        if piece is None:
            ago = plain[at:].strip().lower() == "ago"
            bare = re.fullmatch(r"\s*([+-]?\d+(?:\.\d+)?)\s*", plain[at:])
            if ago:
                return -months, -micros
            if not bare:
                raise _bad("interval", text)
            return months, micros + round(Decimal(bare[1]) * 1_000_000)
        more = _span(piece) if piece.re is _SPAN else _amount(piece[1], piece[2], text)
        months, micros, at = months + more[0], micros + more[1], piece.end()
        while at < len(plain) and plain[at] in " ,":
            at += 1
    if not plain:
        raise _bad("interval", text)
    return months, micros


def _qualified(plain: str, first: str, last: str, text: str) -> tuple[int, int]:
    if {first, last} == {"year", "month"}:
        found = re.fullmatch(r"([+-]?)(\d+)-(\d+)", plain)
        if not found:
            return parse_interval(plain)
        months = int(found[2]) * 12 + int(found[3])
        return (-months if found[1] == "-" else months), 0
    found = re.fullmatch(r"([+-]?)(?:(\d+)\s+)?(\d+)(?::(\d+))?(?::(\d+(?:\.\d*)?))?", plain)
    if not found:
        return parse_interval(plain)
    if first == "day" and found[2] is None and found[4] is None:
        raise _bad("interval", text)
    names = ["hour", "minute", "second"][["hour", "minute", "second"].index(first if first != "day" else "hour") :]
    micros = int(found[2] or 0) * _MICRO["day"]
    for name, value in zip(names, (found[3], found[4], found[5]), strict=False):
        micros += round(Decimal(value or 0) * _MICRO[name])
    return 0, (-micros if found[1] == "-" else micros)


def _span(found: re.Match[str]) -> tuple[int, int]:
    micros = int(found[2]) * _MICRO["hour"] + int(found[3]) * _MICRO["minute"]
    micros += round(Decimal(found[4] or 0) * 1_000_000)
    return 0, (-micros if found[1] == "-" else micros)


def _amount(number: str, unit: str, text: str) -> tuple[int, int]:
    name = unit.lower()
    name = _SHORT.get(name) or _SHORT.get(name.removesuffix("s")) or name.removesuffix("s")
    value = Decimal(number)
    if name in _MONTH:
        months = value * _MONTH[name]
        whole = int(months)
        # A part of a month is that part of thirty days.
        return whole, round((months - whole) * 30 * _MICRO["day"])
    if name in _MICRO:
        return 0, round(value * _MICRO[name])
    raise _bad("interval", text)


@scalar("ls_text_date", "VARCHAR", returns="DATE")
def text_date(text: str) -> date:
    """A text cast to DATE."""
    return parse_moment(text, "date").date()


@scalar("ls_text_timestamp", "VARCHAR", returns="TIMESTAMP")
def text_timestamp(text: str) -> datetime:
    """A text cast to TIMESTAMP: a zone in it is not heeded."""
    return parse_moment(text).replace(tzinfo=None)


@scalar("ls_text_instant", "VARCHAR", returns="TIMESTAMP")
def text_instant(text: str) -> datetime:
    """A text cast to TIMESTAMPTZ, as UTC without its zone."""
    moment = parse_moment(text, "timestamp with time zone")
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


@scalar("ls_text_time", "VARCHAR", returns="TIME")
def text_time(text: str) -> time:
    """A text cast to TIME."""
    return parse_time(text)


@scalar("ls_to_zone", "TIMESTAMP", "VARCHAR", returns="TIMESTAMP")
def to_zone(moment: datetime, name: str) -> datetime:
    """The wall clock in a zone of an instant given in UTC."""
    return moment.replace(tzinfo=UTC).astimezone(_zone(name)).replace(tzinfo=None)


@scalar("ls_from_zone", "TIMESTAMP", "VARCHAR", returns="TIMESTAMP")
def from_zone(moment: datetime, name: str) -> datetime:
    """The instant in UTC of a wall clock in a zone."""
    return moment.replace(tzinfo=_zone(name)).astimezone(UTC).replace(tzinfo=None)


def _zone(name: str) -> tzinfo:
    zone = zone_of(name)
    if zone is None:
        raise ValueError(raised_in_sql("22023", f'time zone "{name}" not recognized'))
    return zone
