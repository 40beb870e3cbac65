"""Compare rows of a query with the table a documentation page printed for it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

__all__ = ["TORN", "differs", "printed"]

TORN = "the page's table cannot be read: its rows and its heading are of different widths"

_NULLS = frozenset({"", "null", "[null]", "<null>", "(null)"})
_TRUE, _FALSE = frozenset({"t", "true"}), frozenset({"f", "false"})
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T]+(\d\d?:\d\d(?::\d\d(?:\.\d+)?)?)\s*(?:([+-]\d\d)(?::?00)?)?")


def printed(value: Any) -> str:  # noqa: PLR0911 - a case for each kind of value
    """A value as psql prints it; NULL is blank."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        text = value.isoformat(sep=" ")
        return text[:-6] + "+00" if text.endswith("+00:00") else text
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        # extra_float_digits is 0: psql prints fifteen digits.
        return f"{value:.15g}"
    if isinstance(value, dict | list):
        return json.dumps(value, separators=(",", ":"))
    return str(value)


def differs(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    count: int | None,
    answer: Sequence[Sequence[Any]],
    *,
    ordered: bool,
) -> str | None:
    """None if ``answer`` is what was printed, else how it is not.

    ``rows`` are the printed cells and ``count`` the "(n rows)" below them: fewer rows than that means that the page
    shows a part, and so does a row of dots. Without an ORDER BY (``ordered`` false) rows match in any order.
    """
    columns, rows = _split(columns, rows)
    width = len(columns)
    if any(len(row) != width for row in answer):
        return f"{len(answer[0])} columns, printed {width}"
    if any(len(row) != width for row in rows):
        return TORN
    rows, answer = _cut(rows, answer, ordered=ordered)
    part = count is not None and count > len(rows)
    if len(answer) != (count if part else len(rows)) and not _is_blank(rows, answer):
        return f"{len(answer)} rows, printed {count if part else len(rows)}"
    if _is_blank(rows, answer):
        return None
    if ordered or (part and width):
        wrong = next((index for index, row in enumerate(rows) if not _same_row(row, answer[index])), None)
        if wrong is None:
            return None
        ties = not part and any(
            all(_same(row[column], got[column]) for row, got in zip(rows, answer, strict=True))
            for column in range(width)
        )
        if not ties:
            return _told(rows[wrong], answer[wrong])
        # One column is in the printed order, as if sorted by it: rows that are equal in it stand in any order.
    left = list(answer)
    for row in rows:
        found = next((index for index, got in enumerate(left) if _same_row(row, got)), None)
        if found is None:
            return _told(row, left[0])
        left.pop(found)
    return None


def _cut(
    rows: Sequence[Sequence[str]], answer: Sequence[Sequence[Any]], *, ordered: bool
) -> tuple[list[Sequence[str]], Sequence[Sequence[Any]]]:
    """The rows printed before the dots, and those of the answer that stand for them."""
    shown = [row for row in rows if [cell.strip() for cell in row] != ["..."]]
    if len(shown) == len(rows):
        return list(rows), answer
    if ordered:
        return shown, answer[: len(shown)]
    return shown, [got for got in answer if any(_same_row(row, got) for row in shown)][: len(shown)]


def _split(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """A table printed with blanks between its columns, where others have bars."""
    heading = re.split(r"\s{2,}|\t", columns[0].strip()) if len(columns) == 1 else []
    if len(heading) < 2:
        return columns, rows
    return heading, [re.split(r"\s{2,}|\t", row[0].strip()) if len(row) == 1 else row for row in rows]


def _is_blank(rows: Sequence[Sequence[str]], answer: Sequence[Sequence[Any]]) -> bool:
    """One row of NULLs is printed as a blank line, which a page's table does not keep."""
    return not rows and len(answer) == 1 and all(value is None or value == "" for value in answer[0])


def _told(expected: Sequence[str], got: Sequence[Any]) -> str:
    return f"printed {list(expected)}, got {[printed(value) for value in got]}"


def _same_row(expected: Sequence[str], got: Sequence[Any]) -> bool:
    return all(_same(cell, value) for cell, value in zip(expected, got, strict=True))


def _same(cell: str, value: Any) -> bool:
    cell = cell.strip()
    if value is None:
        return cell.lower() in _NULLS
    text = printed(value).strip()
    if cell == text:
        return True
    if isinstance(value, bool):
        return cell.lower() in (_TRUE if value else _FALSE)
    if isinstance(value, int | float | Decimal):
        return _same_number(cell, value)
    if isinstance(value, datetime | date):
        return _moment(cell) == _moment(text)
    if isinstance(value, str):
        return _same_text(cell, text)
    return False


def _same_text(cell: str, text: str) -> bool:
    # Pages wrap and pad their cells, and some print text in its quotes.
    squeezed, other = " ".join(cell.split()), " ".join(text.split())
    return squeezed == other or (len(cell) > 1 and cell[0] == cell[-1] == "'" and cell[1:-1] == text)


def _same_number(cell: str, value: float | Decimal) -> bool:
    try:
        expected = Decimal(cell.replace(",", ""))
    except InvalidOperation:
        return False
    if not isinstance(value, float):
        return expected == value
    got = Decimal(repr(value))
    if expected == got:
        return True
    # A float is printed with 15 digits or fewer: equal at the precision that was printed, if that has a fraction.
    exponent = expected.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= 0 or len(expected.as_tuple().digits) < 3:
        return False
    return abs(expected - got) <= Decimal(1).scaleb(exponent)


def _moment(text: str) -> tuple[str, ...] | str:
    """A date and time in parts; with a zone, in UTC: a page prints it in its author's."""
    found = _MOMENT.fullmatch(text.strip().strip("'"))
    if not found:
        return text.strip()
    if found[3]:
        zoned = datetime.fromisoformat(f"{found[1]} {found[2]}{found[3]}:00").astimezone(UTC)
        return (zoned.isoformat(),)
    day, clock, zone = found.groups()
    hours, minutes, *seconds = clock.split(":")
    second = (seconds[0] if seconds else "00").rstrip("0").rstrip(".") if "." in clock else "".join(seconds) or "00"
    return day, hours.zfill(2), minutes, second, zone or ""
