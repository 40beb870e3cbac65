"""Weather readings as the stations send them: one JSON document a reading, some sent twice, some numbers as text."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from lakeshift.sample.dataset import rows

__all__ = ["DIRT", "Readings", "year_of_readings"]

_NUMBERS: Final = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
_SEED: Final = 2013

DIRT: Final = {"duplicate": 45, "bad_double:temp": 15}
_NUMBERS_AS_TEXT: Final = 150  # good readings; ResolveChoice makes them clean


@dataclass(slots=True)
class Readings:
    """Lines in the order they are sent, and what is known of them."""

    lines: list[bytes] = field(default_factory=list)
    good: int = 0
    dirt: Counter[str] = field(default_factory=Counter)


def year_of_readings(table: Iterable[dict[str, str]] | None = None, seed: int = _SEED) -> Readings:
    """All readings of the year with their dirt; the same seed gives the same bytes."""
    readings = [_reading(row) for row in (rows("weather") if table is None else table)]
    made = Readings(good=len(readings))
    dice = random.Random(seed)  # noqa: S311 - reproducible data, not a secret
    with_temp = [place for place, reading in enumerate(readings) if reading["temp"] is not None]
    chosen = dice.sample(with_temp, min(len(with_temp), _NUMBERS_AS_TEXT + sum(DIRT.values())))
    as_text = set(chosen[:_NUMBERS_AS_TEXT])
    spoiled = iter(chosen[_NUMBERS_AS_TEXT:])
    after: dict[int, list[bytes]] = {}
    for reason, count in DIRT.items():
        for _, place in zip(range(count), spoiled, strict=False):
            copy = readings[place] if reason == "duplicate" else readings[place] | {"temp": "sensor?"}
            after.setdefault(place, []).append(orjson.dumps(copy))
            made.dirt[reason] += 1
    for place, reading in enumerate(readings):
        sent = reading | {"temp": str(reading["temp"])} if place in as_text else reading
        made.lines.extend([orjson.dumps(sent), *after.get(place, [])])
    return made


def _reading(row: dict[str, str]) -> dict[str, Any]:
    return {
        "origin": row["origin"],
        "time_hour": row["time_hour"],
        **{name: float(row[name]) if row[name] else None for name in _NUMBERS},
    }
