"""What flights are joined with, as it lands: the sample's own weather readings, airports, airlines and planes."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Final

import orjson

from benchmarks.data.flights import land
from lakeshift.sample.airports_api import documents
from lakeshift.sample.dataset import content
from lakeshift.sample.weather import year_of_readings

__all__ = ["FIRST_DAY", "write_reference", "write_weather"]

FIRST_DAY: Final = date(2013, 1, 1)


def write_weather(folder: Path, *, days: int = 7, first_day: date = FIRST_DAY) -> int:
    """Readings of the days, one object a day below ``folder``/weather; returns how many. The sample has those of 2013.

    Hours are UTC and flights are dated locally, so the day after the last is there too.
    """
    wanted = {f"{first_day + timedelta(days=place)}": first_day + timedelta(days=place) for place in range(days + 1)}
    by_day: dict[date, list[bytes]] = {}
    for line in year_of_readings().lines:
        day = wanted.get(orjson.loads(line)["time_hour"][:10])
        if day is not None:
            by_day.setdefault(day, []).append(line)
    for day, lines in by_day.items():
        land(folder, "weather", day, b"\n".join(lines) + b"\n")
    return sum(map(len, by_day.values()))


def write_reference(folder: Path, day: date = FIRST_DAY) -> None:
    """Airports as JSON documents, airlines and planes as CSV, each below its own name."""
    airports = [{**one, "fetched_at": f"{day}T06:00:00Z"} for one in documents()]
    land(folder, "airports", day, b"".join(orjson.dumps(one) + b"\n" for one in airports))
    for name in ("airlines", "planes"):
        land(folder, name, day, content(name), suffix=".csv")
