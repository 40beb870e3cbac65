"""Flight events as the application sends them: one JSON document a flight, and dirt of known kinds and counts."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import orjson

from lakeshift.sample.dataset import rows

__all__ = ["DIRT", "Event", "FlightEvents", "flight_events", "year_of_events"]

Event = dict[str, Any]

_WHOLE: Final = (
    "year", "month", "day", "sched_dep_time", "dep_time", "dep_delay", "sched_arr_time", "arr_time", "arr_delay",
    "air_time", "distance", "hour", "minute", "flight",
)  # fmt: skip
_TEXT: Final = ("carrier", "origin", "dest", "tailnum", "time_hour")
_NEW_COLUMN_FROM: Final = date(2013, 7, 1)
_SEED: Final = 2013

DIRT: Final = {
    "malformed_json": 240,  # a line cut off in the middle
    "bad_integer:dep_delay": 90,
    "bad_integer:arr_delay": 60,
    "bad_timestamp:time_hour": 80,
    "missing:flight": 70,
    "duplicate": 500,  # 300 twice in a file, 200 sent again with a later day's file
}
_NUMBERS_AS_TEXT: Final = 2_000  # good records; a cast makes them clean
_LATE: Final = 400  # good records that arrive with the file of the next day


@dataclass(slots=True)
class FlightEvents:
    """Lines by the day they are sent, and what is known of them: good events, and dirt by reason."""

    lines: dict[date, list[bytes]] = field(default_factory=dict)
    good: int = 0
    dirt: Counter[str] = field(default_factory=Counter)

    @property
    def records(self) -> int:
        """Lines in all."""
        return sum(map(len, self.lines.values()))


def flight_events(table: Iterable[dict[str, str]]) -> dict[date, list[Event]]:
    """One event a row of the table, by local date of departure."""
    days: dict[date, list[Event]] = {}
    for row in table:
        day = date(int(row["year"]), int(row["month"]), int(row["day"]))
        event: Event = {"event_time": f"{day + timedelta(days=1)}T08:00:00Z"}
        event |= {name: row[name] or None for name in _TEXT}
        event |= {name: int(float(row[name])) if row[name] else None for name in _WHOLE}
        if day >= _NEW_COLUMN_FROM:
            event["operated_by"] = "regional" if event["carrier"] in ("9E", "EV", "MQ", "OO", "YV") else "mainline"
        days.setdefault(day, []).append(event)
    return days


def year_of_events(table: Iterable[dict[str, str]] | None = None, seed: int = _SEED) -> FlightEvents:
    """All events of the year with their dirt; the same seed gives the same bytes."""
    days = flight_events(rows("flights") if table is None else table)
    made = FlightEvents(good=sum(map(len, days.values())))
    dice = random.Random(seed)  # noqa: S311 - reproducible data, not a secret
    order = sorted(days)
    picks = [(day, place) for day in order for place in range(len(days[day]))]
    wanted = sum(DIRT.values()) + _NUMBERS_AS_TEXT + _LATE
    chosen = iter(dice.sample(picks, min(len(picks), wanted)))

    for day, place in (pick for _, pick in zip(range(_NUMBERS_AS_TEXT), chosen, strict=False)):
        event = days[day][place]
        column = dice.choice(["dep_delay", "arr_delay", "distance"])
        event[column] = event[column] if event[column] is None else str(event[column])
    encoded = {day: [orjson.dumps(event) for event in days[day]] for day in order}
    added: dict[date, list[bytes]] = {day: [] for day in order}
    moved: set[tuple[date, int]] = set()
    last = order[-1]

    def later(day: date, days: int) -> date:
        return order[min(order.index(day) + days, len(order) - 1)]

    for reason, count in DIRT.items():
        for number, (day, place) in zip(range(count), chosen, strict=False):
            target = later(day, 3) if reason == "duplicate" and number >= 300 else day
            added[target].append(_spoil(reason, days[day][place], encoded[day][place], dice))
            made.dirt[reason] += 1
    for day, place in chosen:
        if day < last:
            added[later(day, 1)].append(encoded[day][place])
            moved.add((day, place))

    for day in order:
        lines = [line for place, line in enumerate(encoded[day]) if (day, place) not in moved] + added[day]
        dice.shuffle(lines)
        made.lines[day] = lines
    return made


def _spoil(reason: str, event: Event, line: bytes, dice: random.Random) -> bytes:
    if reason == "malformed_json":
        return line[: dice.randrange(20, len(line) - 5)]
    if reason == "duplicate":
        return line
    kind, _, column = reason.partition(":")
    if kind == "missing":
        return orjson.dumps({name: value for name, value in event.items() if name != column})
    garbage = {"bad_integer": ["n/a?", "two", "--"], "bad_timestamp": ["yesterday", "2013-13-45T99:00:00Z"]}[kind]
    return orjson.dumps(event | {column: dice.choice(garbage)})
