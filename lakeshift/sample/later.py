"""What arrives after the first run: a new day's flights, and late or corrected records of earlier days."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date
from typing import Final

import orjson

from lakeshift.sample.dataset import rows
from lakeshift.sample.flights import FlightEvents, flight_events

__all__ = ["CORRECTED", "LATE", "NEW_DAY", "next_batch"]

NEW_DAY: Final = date(2014, 1, 1)
LATE: Final = 250
CORRECTED: Final = 250
_SEED: Final = 2014


def next_batch(table: Iterable[dict[str, str]] | None = None, seed: int = _SEED) -> FlightEvents:
    """Events sent on the new day: its own flights, late ones of the year before, and corrections of known ones."""
    days = flight_events(rows("flights") if table is None else table)
    dice = random.Random(seed)  # noqa: S311 - reproducible data, not a secret
    first = days[date(2013, 1, 1)]
    events = [
        event | {"year": 2014, "event_time": "2014-01-02T08:00:00Z", "time_hour": "2014" + event["time_hour"][4:]}
        for event in first
    ]
    known = [event for day in sorted(days) for event in days[day]]
    for number, event in enumerate(dice.sample(known, LATE + CORRECTED)):
        if number < LATE:
            events.append(event | {"flight": event["flight"] + 10_000, "event_time": "2014-01-02T09:00:00Z"})
        else:
            delay = (event["arr_delay"] or 0) + 7
            events.append(event | {"arr_delay": delay, "event_time": "2014-01-02T10:00:00Z"})
    dice.shuffle(events)
    return FlightEvents(lines={NEW_DAY: [orjson.dumps(event) for event in events]}, good=len(events))
