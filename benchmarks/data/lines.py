"""Lines of good flight events: real flights of the sample under new dates and numbers, joined from rendered pieces.

What a row is like (its route, plane, times, delays, and how these go together) is that of a real flight, so joins find
as many partners and columns compress as well as in the sample.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from lakeshift.sample.dataset import content

__all__ = ["Numbers", "day_lines", "joined"]

_BEFORE: Final = ("carrier", "origin", "dest", "tailnum")
_AFTER: Final = (
    "sched_dep_time", "dep_time", "dep_delay", "sched_arr_time", "arr_time", "arr_delay", "air_time", "distance",
    "hour", "minute",
)  # fmt: skip
_REGIONAL: Final = ("9E", "EV", "MQ", "OO", "YV")
_UTC: Final = timedelta(hours=5)  # New York's winter time


@dataclass(frozen=True)
class _Pieces:
    """What is the same on every day of a real flight: rendered text, its hour, and its (carrier, origin, hour)."""

    before: pa.Array
    after: pa.Array
    operated_by: pa.Array
    hour: np.ndarray[Any, Any]
    group: np.ndarray[Any, Any]
    groups: int


class Numbers:
    """Flight numbers of one day: 1, 2, 3… within carrier, origin and hour, so that no two flights have one id."""

    def __init__(self) -> None:
        self._used = np.zeros(_pieces().groups, np.int64)

    def take(self, group: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The next number for each of the rows' groups."""
        order = np.argsort(group, kind="stable")
        counts = np.bincount(group, minlength=len(self._used))
        starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        rank = np.empty(len(group), np.int64)
        rank[order] = np.arange(len(group)) - np.repeat(starts, counts)
        numbers: np.ndarray[Any, Any] = self._used[group] + rank + 1
        self._used += counts
        return numbers


def day_lines(dice: np.random.Generator, count: int, day: date, numbers: Numbers, operated_by: bool) -> pa.Array:
    """``count`` lines of good events that departed on ``day``, each with its line feed."""
    pieces = _pieces()
    rows = dice.integers(0, len(pieces.before), count)
    hour = pieces.hour[rows]
    sent = datetime(day.year, day.month, day.day, 8) + timedelta(days=1)
    told = _pool([f'{{"event_time":"{sent + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}",' for second in range(3600)])
    midnight = datetime(day.year, day.month, day.day) + _UTC
    when = [
        f',"time_hour":"{midnight + timedelta(hours=clock):%Y-%m-%dT%H:%M:%SZ}","year":{day.year},"month":{day.month},'
        f'"day":{day.day},'
        for clock in range(24)
    ]
    number = pa.array(numbers.take(pieces.group[rows])).cast(pa.string())
    end = pieces.operated_by.take(pa.array(rows)) if operated_by else pa.scalar("}\n")
    return joined(
        told.take(pa.array(dice.integers(0, 3600, count))),
        pieces.before.take(pa.array(rows)),
        _pool(when).take(pa.array(hour)),
        pieces.after.take(pa.array(rows)),
        number,
        end,
    )


def joined(*parts: pa.Array | pa.Scalar) -> pa.Array:
    """Texts joined row by row."""
    return pc.binary_join_element_wise(*parts, pa.scalar(""))


def _pool(texts: Sequence[str]) -> pa.Array:
    return pa.array(texts, pa.string())


@cache
def _pieces() -> _Pieces:
    types = {name: pa.string() for name in (*_BEFORE, *_AFTER)}
    table = pyarrow.csv.read_csv(
        io.BytesIO(content("flights")),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=types, include_columns=list(types), strings_can_be_null=True, null_values=["NA", ""]
        ),
    ).combine_chunks()
    text = {name: table[name].combine_chunks() for name in types}
    before = [_member(name, _quoted(text[name]), "," if name != _BEFORE[-1] else "") for name in _BEFORE]
    after = [_member(name, _whole(text[name]), ",") for name in _AFTER]
    regional = pc.is_in(text["carrier"], _pool(_REGIONAL))
    operated_by = pc.if_else(regional, ',"operated_by":"regional"}\n', ',"operated_by":"mainline"}\n')
    hour = _whole(text["hour"]).cast(pa.int64()).to_numpy()
    names = joined(text["carrier"], text["origin"], text["hour"]).dictionary_encode()
    return _Pieces(
        joined(*before),
        joined(*after, pa.scalar('"flight":')),
        operated_by,
        hour,
        names.indices.to_numpy().astype(np.int64),
        len(names.dictionary),
    )


def _member(name: str, value: pa.Array, end: str) -> pa.Array:
    return joined(pa.scalar(f'"{name}":'), pc.fill_null(value, "null"), pa.scalar(end))


def _quoted(value: pa.Array) -> pa.Array:
    return joined(pa.scalar('"'), value, pa.scalar('"'))


def _whole(value: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(value, r"\.0*$", "")
