"""What a record must be to land: a JSON object with the required fields, and a date where it is laid out by one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

__all__ = ["Rules", "Sorted", "sort_rows", "to_line"]


@dataclass(frozen=True, slots=True)
class Rules:
    """``required`` fields are there and not null; ``day`` names the field whose date the record is laid out by."""

    required: tuple[str, ...] = ()
    day: str | None = None


@dataclass(slots=True)
class Sorted:
    """Lines by day (None where no field says one), and rejected ones with their reason."""

    by_day: dict[date | None, list[bytes]] = field(default_factory=dict)
    rejected: list[tuple[bytes, str]] = field(default_factory=list)


def sort_rows(lines: Iterable[bytes], rules: Rules) -> Sorted:
    """Sort lines by day, in the order they came; a line that is no record is rejected alone."""
    found = Sorted()
    for line in lines:
        reason, day = _judge(line, rules)
        if reason is None:
            found.by_day.setdefault(day, []).append(line)
        else:
            found.rejected.append((line, reason))
    return found


def _judge(line: bytes, rules: Rules) -> tuple[str | None, date | None]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"no JSON: {error}", None
    if not isinstance(record, dict):
        return "no JSON object", None
    for name in rules.required:
        if record.get(name) is None:
            return f"{name} is missing", None
    if rules.day is None:
        return None, None
    try:
        return None, date.fromisoformat(str(record.get(rules.day))[:10])
    except ValueError:
        return f"{rules.day} starts with no date", None


def to_line(record: Any) -> bytes:
    """A record as one line; the same record is the same line."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
