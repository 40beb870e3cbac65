"""``cron(...)`` and ``rate(...)`` of AWS: when an expression is due next. In UTC, to the minute. Pure.

See https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

__all__ = ["Cron", "next_time", "parse_cron", "parse_rate"]

_MONTHS: Final = {name.upper(): at for at, name in enumerate(calendar.month_abbr) if name}
_DAYS: Final = {name: at for at, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_UNITS: Final = {"minute": 60, "hour": 3600, "day": 86400}
_RATE: Final = re.compile(r"rate\(\s*([1-9]\d*)\s+(minute|hour|day)(s?)\s*\)")
_CRON: Final = re.compile(r"cron\(\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*\)")
_LAST_YEAR: Final = 2199
_SEARCHED: Final = 366 * 12  # days looked ahead: a 29 February comes again after at most 8 years

Days = Callable[[int, int], set[int]]


@dataclass(frozen=True, slots=True)
class Cron:
    """The values of each field; ``days`` gives the days of a month that fit."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: Days
    months: frozenset[int]
    years: frozenset[int]

    def after(self, moment: datetime) -> datetime | None:
        """The first minute after ``moment`` that fits; None where there is none in the next years."""
        start = moment.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        times = sorted((hour, minute) for hour in self.hours for minute in self.minutes)
        day = start.replace(hour=0, minute=0)
        for _ in range(_SEARCHED):
            if day.year in self.years and day.month in self.months and day.day in self.days(day.year, day.month):
                for hour, minute in times:
                    found = day.replace(hour=hour, minute=minute)
                    if found >= start:
                        return found
            day += timedelta(days=1)
        return None


def next_time(expression: str, after: datetime, since: datetime) -> datetime | None:
    """When ``expression`` is due first after ``after``; a rate counts from ``since``. Raises ValueError."""
    if expression.startswith("rate"):
        step = parse_rate(expression)
        passed = max(0, (after - since) // step)
        return since + (passed + 1) * step
    return parse_cron(expression).after(after)


def parse_rate(expression: str) -> timedelta:
    """Of ``rate(5 minutes)``; raises ValueError."""
    found = _RATE.fullmatch(expression.strip())
    if found is None or (found[1] == "1") == bool(found[3]):
        raise ValueError(f"{expression!r} is no rate such as rate(1 hour) or rate(5 minutes).")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


@lru_cache(maxsize=256)
def parse_cron(expression: str) -> Cron:
    """Of ``cron(minutes hours day-of-month month day-of-week year)``; raises ValueError."""
    found = _CRON.fullmatch(expression.strip())
    if found is None:
        raise ValueError(f"{expression!r} is no cron(...) of six fields.")
    minutes, hours, days, months, weekdays, years = found.groups()
    if (days == "?") == (weekdays == "?"):
        raise ValueError(f"{expression!r} needs a ? for exactly one of day-of-month and day-of-week.")
    return Cron(
        minutes=_values(minutes, 0, 59),
        hours=_values(hours, 0, 23),
        days=_month_days(days) if weekdays == "?" else _week_days(weekdays),
        months=_values(months, 1, 12, _MONTHS),
        years=_values(years, 1970, _LAST_YEAR),
    )


def _values(text: str, low: int, high: int, names: Mapping[str, int] | None = None) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        start, end = (low, high) if span == "*" else (_number(first, names), _number(last if dash else first, names))
        if slash and not dash:
            end = high
        stride = _number(step, None) if slash else 1
        if stride < 1 or not low <= start <= end <= high:
            raise ValueError(f"{part!r} is not within {low} to {high}.")
        found.update(range(start, end + 1, stride))
    return frozenset(found)


def _number(text: str, names: Mapping[str, int] | None) -> int:
    if names and text.upper() in names:
        return names[text.upper()]
    if not text.isdigit():
        raise ValueError(f"{text!r} is no value of a cron field.")
    return int(text)


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _month_days(text: str) -> Days:
    if text == "L":
        return lambda year, month: {_length(year, month)}
    if text.endswith("W"):
        wanted = 31 if text == "LW" else _number(text[:-1], None)
        return lambda year, month: {_working_day(year, month, wanted)}
    days = _values(text, 1, 31)
    return lambda year, month: {day for day in days if day <= _length(year, month)}


def _working_day(year: int, month: int, wanted: int) -> int:
    """The weekday nearest to the day, in the same month."""
    last = _length(year, month)
    day = min(wanted, last)
    weekday = calendar.weekday(year, month, day)
    if weekday == calendar.SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == calendar.SUNDAY:
        return day + 1 if day < last else day - 2
    return day


def _week_days(text: str) -> Days:
    if "#" in text:
        name, _, number = text.partition("#")
        weekday, which = _number(name, _DAYS), _number(number, None)
        return lambda year, month: set(_all_of(year, month, weekday)[which - 1 : which])
    if text.endswith("L") and text != "L":
        weekday = _number(text[:-1], _DAYS)
        return lambda year, month: {_all_of(year, month, weekday)[-1]}
    weekdays = _values("SAT" if text == "L" else text, 1, 7, _DAYS)
    return lambda year, month: {day for one in weekdays for day in _all_of(year, month, one)}


def _all_of(year: int, month: int, weekday: int) -> list[int]:
    """Days of the month on the weekday, 1 = Sunday."""
    first = (weekday - 2 - calendar.weekday(year, month, 1)) % 7 + 1
    return list(range(first, _length(year, month) + 1, 7))
