"""Date parts and formats: Redshift's names for them, and what they are in the engine.

https://docs.aws.amazon.com/redshift/latest/dg/r_Dateparts_for_datetime_functions.html
"""

from __future__ import annotations

from typing import Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.types import SqlType

__all__ = ["as_timestamp", "date_add", "date_diff", "date_part", "date_trunc", "strftime_format", "unit"]

_UNITS: Final = {
    name: part
    for part, names in {
        "millennium": "millennium millennia mil mils",
        "century": "century centuries c cent cents",
        "decade": "decade decades dec decs",
        "epoch": "epoch",
        "year": "year years y yr yrs",
        "quarter": "quarter quarters qtr qtrs",
        "month": "month months mon mons",
        "week": "week weeks w",
        "dow": "dayofweek dow dw weekday",
        "doy": "dayofyear doy dy yearday",
        "day": "day days d",
        "hour": "hour hours h hr hrs",
        "minute": "minute minutes m min mins",
        "second": "second seconds s sec secs",
        "millisecond": ("millisecond milliseconds ms msec msecs msecond mseconds millisec millisecs millisecon"),
        "microsecond": "microsecond microseconds microsec microsecs usecond useconds us usec usecs",
    }.items()
    for name in names.split()
}
_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/r_FORMAT_strings.html"
# Longer marks first: the first one that fits is taken.
_FORMATS: Final = (
    ("YYYY", "%Y"),
    ("IYYY", "%G"),
    ("YY", "%y"),
    ("HH24", "%H"),
    ("HH12", "%I"),
    ("HH", "%I"),
    ("MI", "%M"),
    ("SS", "%S"),
    ("MS", "%g"),
    ("US", "%f"),
    ("MM", "%m"),
    ("DDD", "%j"),
    ("DD", "%d"),
    ("IW", "%V"),
    ("AM", "%p"),
    ("PM", "%p"),
    ("TZ", "%Z"),
    ("OF", "%z"),
)
_NAMES: Final = {"Mon": "%b", "Dy": "%a"}


def unit(name: str) -> str:
    """The date part a name stands for; raises 22023 for an unknown one."""
    found = _UNITS.get(name.lower().strip())
    if found is None:
        raise RedshiftError(f'timestamp units "{name.lower()}" not recognized', "22023")
    return found


def as_timestamp(sql: str, kind: SqlType | None) -> str:
    """The expression as a timestamp, keeping one with a time zone."""
    if kind is not None and kind.name.startswith(("timestamp", "time")):
        return sql
    return f"CAST({sql} AS TIMESTAMP)"


def date_add(name: str, amount: str, sql: str, kind: SqlType | None) -> str:
    """DATEADD."""
    part = unit(name)
    whole = f"CAST({amount} AS INTEGER)"
    months = {"millennium": 12000, "century": 1200, "decade": 120, "year": 12, "quarter": 3, "month": 1}
    if part in months:
        return f"({as_timestamp(sql, kind)} + to_months({whole} * {months[part]}))"
    makers = {
        "week": f"to_days({whole} * 7)",
        "day": f"to_days({whole})",
        "dow": f"to_days({whole})",
        "doy": f"to_days({whole})",
        "hour": f"to_hours({whole})",
        "minute": f"to_minutes({whole})",
        "second": f"to_seconds({whole})",
        "epoch": f"to_seconds({whole})",
        "millisecond": f"to_milliseconds({whole})",
        "microsecond": f"to_microseconds({whole})",
    }
    return f"({as_timestamp(sql, kind)} + {makers[part]})"


def date_diff(name: str, start: str, end: str, of_start: SqlType | None, of_end: SqlType | None) -> str:
    """DATEDIFF: the number of boundaries between the two, not of full units."""
    part = {"dow": "day", "doy": "day", "epoch": "second"}.get(unit(name), unit(name))
    first, last = as_timestamp(start, of_start), as_timestamp(end, of_end)
    if part == "week":
        # The engine counts spans of seven days here; the boundary is that of DATE_TRUNC, the Monday.
        return f"(date_diff('day', date_trunc('week', {first}), date_trunc('week', {last})) // 7)"
    return f"date_diff('{part}', {first}, {last})"


def date_part(name: str, sql: str, kind: SqlType | None) -> str:
    """EXTRACT and DATE_PART."""
    part = unit(name)
    moment = sql if kind is not None and kind.name == "interval" else as_timestamp(sql, kind)
    if part == "millisecond":
        return f"CAST(date_part('microsecond', {moment}) % 1000000 // 1000 AS INTEGER)"
    if part == "microsecond":
        return f"CAST(date_part('microsecond', {moment}) % 1000000 AS INTEGER)"
    if part == "decade":
        # Counted as centuries are: from the year that ends in 1.
        return f"CAST((date_part('year', {moment}) + 9) // 10 AS INTEGER)"
    if part == "epoch":
        return f"CAST(floor(epoch({moment})) AS BIGINT)"
    return f"CAST(date_part('{part}', {moment}) AS INTEGER)"


def date_trunc(name: str, sql: str, kind: SqlType | None) -> str:
    """DATE_TRUNC: a timestamp, of a date too."""
    moment = as_timestamp(sql, kind)
    back = "TIMESTAMPTZ" if kind is not None and kind.name == "timestamp with time zone" else "TIMESTAMP"
    return f"CAST(date_trunc('{unit(name)}', {moment}) AS {back})"


def strftime_format(text: str) -> str:
    """A TO_CHAR, TO_DATE or TO_TIMESTAMP format as the engine writes it; refuses what has no counterpart."""
    made = ""
    index = 0
    while index < len(text):
        rest = text[index:]
        found = next(((mark, code) for mark, code in _FORMATS if rest.upper().startswith(mark)), None)
        named = next((code for mark, code in _NAMES.items() if rest.startswith(mark)), None)
        if rest[:3].upper() in ("MON", "DAY") or rest[:2].upper() == "DY":
            # The engine writes names one way only; the other cases and the padded full names have no counterpart.
            if named is None or rest.startswith("Month"):
                raise _refused(text)
            made, index = made + named, index + (3 if rest.startswith("Mon") else 2)
        elif found:
            made, index = made + found[1], index + len(found[0])
        elif rest[0].isalnum() and rest[0] != "T":
            raise _refused(text)
        elif rest[0] == '"':
            close = text.find('"', index + 1)
            made, index = made + text[index + 1 : close].replace("%", "%%"), close + 1
        else:
            made, index = made + rest[0].replace("%", "%%"), index + 1
    return made


def _refused(text: str) -> NotSupportedLocallyError:
    return NotSupportedLocallyError(
        f'The format "{text}"', "Use YYYY, MM, DD, Mon, Dy, HH24, HH12, MI, SS, MS, US, AM.", _PAGE
    )
