"""Rows as a table a person reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

__all__ = ["as_text", "text_table"]


def as_text(value: Any) -> str | None:  # noqa: PLR0911 - a case for each kind of value
    """A value as Redshift prints it, None for NULL."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        text = value.isoformat(sep=" ")
        return f"{text[:-6]}+00" if text.endswith("+00:00") else text
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict | list):
        return json.dumps(value, separators=(",", ":"), default=str)
    return str(value)


def text_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """As psql prints a result: numbers to the right, the count of rows below. NULL is an empty cell."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max([len(name), *(len(row[index]) for row in cells)]) for index, name in enumerate(columns)]
    right = [_is_number(rows, index) for index in range(len(columns))]
    lines = [" | ".join(name.center(width) for name, width in zip(columns, widths, strict=True)).rstrip()]
    lines.append("-+-".join("-" * width for width in widths))
    for row in cells:
        placed = zip(row, widths, right, strict=True)
        lines.append(
            " | ".join(cell.rjust(size) if number else cell.ljust(size) for cell, size, number in placed).rstrip()
        )
    lines.append(f"({len(cells)} row{'' if len(cells) == 1 else 's'})")
    return "\n".join(lines)


def _is_number(rows: Sequence[Sequence[Any]], index: int) -> bool:
    values = [row[index] for row in rows if row[index] is not None]
    return bool(values) and all(
        isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in values
    )


def _cell(value: Any) -> str:
    return (as_text(value) or "").replace("\n", "\\n")
