"""Dates and times of COPY: DATEFORMAT and TIMEFORMAT as expressions of the engine that are NULL where they do not fit.

https://docs.aws.amazon.com/redshift/latest/dg/r_DATEFORMAT_and_TIMEFORMAT_strings.html
https://docs.aws.amazon.com/redshift/latest/dg/automatic-recognition.html
"""

from __future__ import annotations

import re
from typing import Final

from lakeshift.redshift.dates import strftime_format
from lakeshift.redshift.load_sources import sql_text
from lakeshift.redshift.types import SqlType

__all__ = ["moment"]

_AUTO_DATES: Final = (
    *("%Y%m%d", "%y%m%d", "%Y/%m/%d", "%Y.%m.%d", "%m/%d/%Y", "%m-%d-%Y", "%d.%m.%Y", "%d-%b-%Y", "%d %b %Y"),
    *("%b-%d-%Y", "%b %d %Y", "%b %d, %Y", "%B %d, %Y", "%Y.%j", "%Y-%b-%d"),
)
_AUTO_TIMES: Final = (
    *("%Y%m%d %H%M%S", "%y%m%d %H%M%S", "%d %b %H:%M:%S %Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S.%f"),
    *("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S", "%d-%b-%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p"),
    *("%Y%m%dT%H%M%S", "%Y%m%d"),
)
# 1 January 2000 is day 2451545 of the Julian count.
_JULIAN: Final = (
    "CASE WHEN regexp_full_match({text}, 'J[0-9]{{1,8}}') "
    "THEN DATE '2000-01-01' + CAST(CAST(substr({text}, 2) AS BIGINT) - 2451545 AS INTEGER) END"
)


def moment(text: str, kind: SqlType, options: dict[str, str | bool]) -> str:
    """``text`` (an expression) as a date, timestamp or timestamp with time zone."""
    is_date = kind.name == "date"
    form = options.get("DATEFORMAT" if is_date else "TIMEFORMAT")
    if form is None:
        return _standard(text, kind)
    name = str(form).lower()
    if name in ("epochsecs", "epochmillisecs") and not is_date:
        factor = 1_000_000 if name == "epochsecs" else 1000
        # In decimal: a float has no microseconds this far from 1970.
        micros = f"CAST(TRY_CAST({text} AS DECIMAL(28, 9)) * {factor} AS BIGINT)"
        return f"CAST(make_timestamp({micros}) AS {kind.engine})"
    if name == "auto":
        return _automatic(text, kind)
    return f"CAST(try_strptime({text}, {_formats(str(form), is_date)}) AS {kind.engine})"


def _standard(text: str, kind: SqlType) -> str:
    """YYYY-MM-DD, and YYYY-MM-DD HH:MI:SS with a fraction, a zone or a T where there is one."""
    shape = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*" if kind.name == "date" else "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T].*)?"
    least = 10 if kind.name == "date" else 8
    cast = f"TRY_CAST({text} AS {kind.engine})"
    fits = f"length({text}) >= {least} AND regexp_full_match({text}, '{shape}')"
    # Most are written as the engine writes them, which is told without a pattern.
    return f"CASE WHEN CAST({cast} AS VARCHAR) = {text} THEN {cast} WHEN {fits} THEN {cast} END"


def _automatic(text: str, kind: SqlType) -> str:
    names = _AUTO_DATES if kind.name == "date" else (*_AUTO_TIMES, *_AUTO_DATES)
    formats = f"[{', '.join(map(sql_text, names))}]"
    found = f"CAST(try_strptime({text}, {formats}) AS {kind.engine})"
    julian = _JULIAN.format(text=text)
    return f"coalesce(TRY_CAST({text} AS {kind.engine}), {found}, CAST({julian} AS {kind.engine}))"


def _formats(form: str, is_date: bool) -> str:
    # HH without a 12 or 24 is the hour of the day, unless the half of it is told too.
    halves = re.search(r"\b[AP]\.?M\.?\b", form, re.IGNORECASE)
    text = form if halves else re.sub(r"HH(?!12|24)", "HH24", form, flags=re.IGNORECASE)
    base = re.sub(r"\.S+(?=(OF|TZ)?$)", "", text)
    made = strftime_format(base)
    found = [made]
    if not is_date and made.endswith("%S"):
        found += [f"{made}.%f", f"{made}%z", f"{made}.%f%z"]
    elif is_date:
        found += [f"{made} %H:%M:%S"]
    return f"[{', '.join(map(sql_text, found))}]"
