"""TO_CHAR, TO_DATE and TO_TIMESTAMP of dates and times.

https://docs.aws.amazon.com/redshift/latest/dg/r_FORMAT_strings.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from lakeshift.redshift.errors import raised_in_sql
from lakeshift.redshift.scalars.moments import MONTHS
from lakeshift.redshift.scalars.registry import scalar

__all__ = ["moment_text", "ordinal", "text_moment"]

_MARKS: Final = [
    "Y,YYY",
    "HH24",
    "HH12",
    "SSSS",
    "YYYY",
    "IYYY",
    "MONTH",
    "IDDD",
    "A.M.",
    "P.M.",
    "B.C.",
    "A.D.",
    "IYY",
    "YYY",
    "MON",
    "DAY",
    "DDD",
    "HH",
    "MI",
    "SS",
    "MS",
    "US",
    "AM",
    "PM",
    "BC",
    "AD",
    "IY",
    "YY",
    "MM",
    "DY",
    "DD",
    "ID",
    "IW",
    "WW",
    "CC",
    "RM",
    "TZ",
    "OF",
    "FM",
    "TH",
    "Y",
    "I",
    "D",
    "W",
    "J",
    "Q",
]
_MARK: Final = re.compile("|".join(['"[^"]*"', *map(re.escape, _MARKS), "."]), re.IGNORECASE | re.DOTALL)
_ROMAN: Final = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
_FULL: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS: Final = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@lru_cache(maxsize=256)
def _marks(pattern: str) -> tuple[str, ...]:
    return tuple(_MARK.findall(pattern))


_NUMBERS: Final[dict[str, Callable[[datetime], tuple[int, int]]]] = {
    "HH24": lambda t: (t.hour, 2),
    "HH12": lambda t: (t.hour % 12 or 12, 2),
    "HH": lambda t: (t.hour % 12 or 12, 2),
    "MI": lambda t: (t.minute, 2),
    "SS": lambda t: (t.second, 2),
    "MS": lambda t: (t.microsecond // 1000, 3),
    "US": lambda t: (t.microsecond, 6),
    "SSSS": lambda t: (t.hour * 3600 + t.minute * 60 + t.second, 0),
    "YYYY": lambda t: (t.year, 4),
    "YYY": lambda t: (t.year % 1000, 3),
    "YY": lambda t: (t.year % 100, 2),
    "Y": lambda t: (t.year % 10, 1),
    "IYYY": lambda t: (t.isocalendar()[0], 4),
    "IYY": lambda t: (t.isocalendar()[0] % 1000, 3),
    "IY": lambda t: (t.isocalendar()[0] % 100, 2),
    "I": lambda t: (t.isocalendar()[0] % 10, 1),
    "MM": lambda t: (t.month, 2),
    "DDD": lambda t: (t.timetuple().tm_yday, 3),
    "IDDD": lambda t: ((t.isocalendar()[1] - 1) * 7 + t.isoweekday(), 3),
    "DD": lambda t: (t.day, 2),
    "D": lambda t: (t.isoweekday() % 7 + 1, 1),
    "ID": lambda t: (t.isoweekday(), 1),
    "W": lambda t: ((t.day - 1) // 7 + 1, 1),
    "WW": lambda t: ((t.timetuple().tm_yday - 1) // 7 + 1, 2),
    "IW": lambda t: (t.isocalendar()[1], 2),
    "CC": lambda t: ((t.year - 1) // 100 + 1, 2),
    "J": lambda t: (t.toordinal() + 1_721_425, 0),
    "Q": lambda t: ((t.month - 1) // 3 + 1, 1),
}
_WORDS: Final[dict[str, Callable[[datetime], tuple[str, int]]]] = {
    "MONTH": lambda t: (_FULL[t.month - 1], 9),
    "MON": lambda t: (_FULL[t.month - 1][:3], 0),
    "DAY": lambda t: (_DAYS[t.weekday()], 9),
    "DY": lambda t: (_DAYS[t.weekday()][:3], 0),
    "RM": lambda t: (_ROMAN[t.month], 4),
}
_HALVES: Final = ("AM", "PM", "A.M.", "P.M.")


@scalar("ls_moment_text", "TIMESTAMP", "VARCHAR", returns="VARCHAR")
def moment_text(moment: datetime, pattern: str) -> str:
    """A date and time by a format."""
    made, fill, number = "", True, ""
    for mark in _marks(pattern):
        upper = mark.upper()
        if upper == "FM":
            fill = False
            continue
        if upper == "TH" and number:
            made, number = made + ordinal(number, mark), ""
            continue
        text = _one(moment, mark, upper, fill=fill)
        number = text if text.isdigit() else ""
        made, fill = made + text, True
    return made


def _one(moment: datetime, mark: str, upper: str, *, fill: bool) -> str:
    if upper in _NUMBERS:
        number, width = _NUMBERS[upper](moment)
        return str(number).zfill(width) if fill else str(number)
    if upper in _WORDS:
        word, width = _WORDS[upper](moment)
        return _cased(word, mark).ljust(width if fill else 0)
    if upper in _HALVES:
        half = "AM" if moment.hour < 12 else "PM"
        half = f"{half[0]}.{half[1]}." if "." in upper else half
        return half.lower() if mark.islower() else half
    if upper in ("AD", "BC", "A.D.", "B.C."):
        return _cased("A.D." if "." in upper else "AD", mark) if mark.islower() else ("A.D." if "." in upper else "AD")
    if upper == "Y,YYY":
        return f"{moment.year // 1000},{moment.year % 1000:03d}"
    if upper == "TZ":
        return "utc" if mark == "tz" else "UTC"
    if upper == "OF":
        return "+00"
    return mark.strip('"') if mark.startswith('"') else mark


def _cased(word: str, mark: str) -> str:
    if mark.isupper():
        return word.upper()
    return word.lower() if mark.islower() else word


def ordinal(number: str, mark: str) -> str:
    """The English ending of a number, in the case of the format's ``TH``."""
    number = number.strip() or "0"
    ending = "th" if number[-2:-1] == "1" else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th")
    return ending.upper() if mark == "TH" else ending


# The most digits a mark of a format reads; others read letters.
_READS: Final = {
    "HH24": 2, "HH12": 2, "HH": 2, "MI": 2, "SS": 2, "MS": 3, "US": 6, "SSSS": 5, "YYYY": 4, "YYY": 3, "YY": 2, "Y": 1,
    "IYYY": 4, "MM": 2, "DDD": 3, "DD": 2, "D": 1, "ID": 1, "WW": 2, "IW": 2, "W": 1, "CC": 2, "J": 7, "Q": 1,
}  # fmt: skip


def _fields(text: str, pattern: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    for mark in _marks(pattern):
        upper = mark.upper()
        while at < len(text) and text[at] == " " and upper not in (" ",):
            at += 1
        if upper in _READS:
            number = re.compile(rf"\d{{1,{_READS[upper]}}}").match(text, at)
            if number is None:
                if at >= len(text):
                    break
                raise ValueError(raised_in_sql("22007", f'invalid value for "{mark}" in source string: "{text}"'))
            found[upper], at = number[0], number.end()
        elif upper in _WORDS or upper in _HALVES:
            word = re.compile(r"[A-Za-z.]+").match(text, at)
            kept = _word(upper, word[0] if word else "", text, mark)
            found["WORD" if upper in ("DAY", "DY") else upper[:3].replace(".", "")] = kept
            at += len(kept)
        elif upper in ("TZ", "OF", "FM", "TH"):
            at = len(text) if upper in ("TZ", "OF") else at
        elif at < len(text) and not (upper == " " and text[at].isalnum()):
            at += 1
    return found


def _word(upper: str, word: str, text: str, mark: str) -> str:
    names: list[str] = {"MONTH": _FULL, "DAY": _DAYS, "RM": list(reversed(_ROMAN[1:]))}.get(upper, [])
    if upper in ("MON", "DY"):
        names = [name[:3] for name in (_FULL if upper == "MON" else _DAYS)]
    if upper in _HALVES:
        names = ["a.m.", "p.m.", "am", "pm"]
    kept = next((word[: len(name)] for name in names if word.lower().startswith(name.lower())), None)
    if kept is None:
        raise ValueError(raised_in_sql("22007", f'invalid value for "{mark}" in source string: "{text}"'))
    return kept


def text_moment(text: str, pattern: str, *, strict: bool = False) -> datetime:
    """A text read by a format: what is too much in a field runs over into the next, unless ``strict``."""
    fields = _fields(text.strip(), pattern)
    day = _day_of(fields, text, strict=strict)
    hour = int(fields.get("HH24") or fields.get("HH12") or fields.get("HH") or 0)
    half = next(
        (fields[key].replace(".", "").lower() for key in ("AM", "PM", "AM.", "PM.", "A.M", "P.M") if key in fields), ""
    )
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    minute, second = int(fields.get("MI", 0)), int(fields.get("SS", 0))
    if strict and (hour > 23 or minute > 59 or second > 59):
        raise ValueError(raised_in_sql("22008", f"date/time field time value out of range: {hour}:{minute}:{second}.0"))
    micro = int(fields.get("MS", "0").ljust(3, "0")) * 1000 + int(fields.get("US", "0").ljust(6, "0"))
    seconds = int(fields.get("SSSS", 0))
    clock = timedelta(hours=hour, minutes=minute, seconds=second + seconds, microseconds=micro)
    return datetime(day.year, day.month, day.day) + clock


def _day_of(fields: dict[str, str], text: str, *, strict: bool) -> date:
    try:
        if "J" in fields:
            return date.fromordinal(int(fields["J"]) - 1_721_425)
        year = _year_of(fields)
        if "DDD" in fields:
            return date(year, 1, 1) + timedelta(days=int(fields["DDD"]) - 1)
        if "IW" in fields and "IYYY" in fields:
            return date.fromisocalendar(year, int(fields["IW"]), int(fields.get("ID", 1)))
        month = int(fields.get("MM", 1))
        if "MON" in fields:
            month = MONTHS[fields["MON"][:3].lower()]
        elif "RM" in fields:
            month = _ROMAN.index(fields["RM"].upper())
        number = int(fields.get("DD", 1))
        if strict:
            return date(year, month, number)
        if not 1 <= month <= 12 or not 1 <= number <= 31:
            raise ValueError
        return date(year, month, 1) + timedelta(days=number - 1)
    except (ValueError, OverflowError, KeyError):
        raise ValueError(
            raised_in_sql("22008", f"date/time field date value out of range: {_dashed(fields, text)}")
        ) from None


def _dashed(fields: dict[str, str], text: str) -> str:
    parts = [fields.get(key) for key in ("YYYY", "MM", "DD")]
    return "-".join(part.lstrip("0") for part in parts if part) if all(parts) else text


def _year_of(fields: dict[str, str]) -> int:
    for key, base in (("YYYY", 0), ("IYYY", 0), ("YYY", 2000), ("YY", 2000), ("Y", 2000)):
        if key in fields:
            year = int(fields[key])
            if key == "YY":
                return year + (2000 if year < 70 else 1900)
            return year + base
    return (int(fields["CC"]) - 1) * 100 + 1 if "CC" in fields else 1


@scalar("ls_text_to_date", "VARCHAR", "VARCHAR", "BOOLEAN", returns="DATE")
def text_to_date(text: str, pattern: str, strict: bool) -> date:
    """TO_DATE."""
    return text_moment(text, pattern, strict=strict).date()


@scalar("ls_text_to_timestamp", "VARCHAR", "VARCHAR", "BOOLEAN", returns="TIMESTAMP")
def text_to_timestamp(text: str, pattern: str, strict: bool) -> datetime:
    """TO_TIMESTAMP, in UTC."""
    return text_moment(text, pattern, strict=strict)
