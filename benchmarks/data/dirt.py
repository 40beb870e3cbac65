"""Dirt in lines of flight events: each kind spoils a few rows, and tells what becomes of such a row.

Kinds are the sample's (lakeshift/sample/flights.py), and those of other real sources for which the sample's reader
has a reason or a rule: codes with blanks and in small letters, words for "no value", timestamps spelled otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["DIRT", "DUPLICATE", "GOOD", "HARSH", "KINDS", "Kind"]

Dice = np.random.Generator
GOOD: Final = ""
DUPLICATE: Final = "duplicate"


@dataclass(frozen=True)
class Kind:
    """How a row is spoiled, and what it becomes: GOOD, DUPLICATE (beside the row it copies), or a reason."""

    spoil: Callable[[Dice, pa.Array], pa.Array]
    becomes: str


def _instead(*pairs: tuple[str, str]) -> Callable[[Dice, pa.Array], pa.Array]:
    """Each row by one of the replacements, drawn for it: pattern (RE2) and what stands for its first match."""

    def spoil(dice: Dice, lines: pa.Array) -> pa.Array:
        drawn = dice.integers(0, len(pairs), len(lines))
        made = lines
        for number, (pattern, text) in enumerate(pairs):
            other = pc.replace_substring_regex(lines, pattern, text, max_replacements=1)
            made = pc.if_else(pa.array(drawn == number), other, made)
        return made

    return spoil


def _value(name: str, *values: str) -> Callable[[Dice, pa.Array], pa.Array]:
    """Another value, written as JSON, for a field."""
    return _instead(*((rf'"{name}":("[^"]*"|[^,}}]*)', f'"{name}":{value}') for value in values))


def _cut(dice: Dice, lines: pa.Array) -> pa.Array:
    """Lines that end in the middle, as where a writer died. Only these few rows are handled one by one."""
    texts = lines.to_pylist()
    ends = [int(dice.integers(20, len(text) - 5)) for text in texts]
    return pa.array([f"{text[:end]}\n" for text, end in zip(texts, ends, strict=True)], pa.string())


def _two(_: Dice, lines: pa.Array) -> pa.Array:
    """Two records on one line, as where a line feed was lost."""
    return pc.binary_join_element_wise(pc.utf8_rtrim(lines, "\n"), lines, "")


def _same(_: Dice, lines: pa.Array) -> pa.Array:
    return lines


_DATE_TIME: Final = r'"time_hour":"([^T"]*)T([^Z"]*)Z"'
_NEWER: Final = r'"event_time":"([^T"]*)T08:'


def _corrected(dice: Dice, lines: pa.Array) -> pa.Array:
    later = _instead((_NEWER, r'"event_time":"\1T10:'))(dice, lines)
    return _instead((r'"arr_delay":(-?[1-9]\d*)', r'"arr_delay":\17'))(
        dice, later
    )  # RE2 knows one digit: group 1, then a seven


KINDS: Final[Mapping[str, Kind]] = {
    "number_as_text": Kind(
        _instead(*((rf'"{name}":(-?\d+)', rf'"{name}":"\1"') for name in ("dep_delay", "arr_delay", "distance"))), GOOD
    ),
    "number_with_point": Kind(_instead((r'"distance":(\d+)', r'"distance":\1.0')), GOOD),
    "untidy_code": Kind(
        _instead((r'"carrier":"([^"]*)"', r'"carrier":" \1 "'), (r'"origin":"JFK"', '"origin":"jfk"')), GOOD
    ),
    "word_for_null": Kind(
        _instead((r'"tailnum":("[^"]*"|null)', '"tailnum":"N/A"'), (r'"air_time":(\d+|null)', '"air_time":"NA"')), GOOD
    ),
    "other_timestamp": Kind(
        _instead(
            (_DATE_TIME, r'"time_hour":"\1 \2"'),
            (_DATE_TIME, r'"time_hour":"\1T\2.000Z"'),
            (_DATE_TIME, r'"time_hour":"\1T\2+00:00"'),
        ),
        GOOD,
    ),
    "late": Kind(_same, GOOD),  # arrives with the next file
    "copy": Kind(_same, DUPLICATE),
    "sent_again": Kind(_same, DUPLICATE),  # the copy arrives with the next file
    "corrected": Kind(_corrected, DUPLICATE),  # a newer version arrives with the next file
    "truncated": Kind(_cut, "malformed_json"),
    "two_records": Kind(_two, "malformed_json"),
    "bad_dep_delay": Kind(_value("dep_delay", '"n/a?"', '"two"', '"--"'), "bad_integer:dep_delay"),
    "bad_arr_delay": Kind(_value("arr_delay", '"n/a?"', '"two"', '"--"'), "bad_integer:arr_delay"),
    "bad_distance": Kind(_value("distance", '"$733"', '"far"'), "bad_integer:distance"),
    "bad_time_hour": Kind(
        _value("time_hour", '"yesterday"', '"2013-13-45T99:00:00Z"', '"01/31/2013 10:00"', "1357034400000"),
        "bad_timestamp:time_hour",
    ),
    "no_time_hour": Kind(_value("time_hour", "null", '""'), "missing:time_hour"),
    "no_flight": Kind(_value("flight", "null"), "missing:flight"),
    "no_such_day": Kind(_value("month", "13"), "bad_date:flight_date"),
    "other_year": Kind(_value("year", "1931"), "inconsistent:flight_date"),
}  # fmt: skip

DIRT: Final[Mapping[str, float]] = {  # the share of lines of each kind
    "number_as_text": 0.006, "number_with_point": 0.002, "untidy_code": 0.01, "word_for_null": 0.004,
    "other_timestamp": 0.01, "late": 0.0012, "copy": 0.004, "sent_again": 0.005, "corrected": 0.001,
    "truncated": 0.0007, "bad_dep_delay": 0.0003, "bad_arr_delay": 0.0002, "bad_distance": 0.0001,
    "bad_time_hour": 0.0004, "no_time_hour": 0.0003, "no_flight": 0.0002, "no_such_day": 0.0001,
    "other_year": 0.0001,
}  # fmt: skip
HARSH: Final[Mapping[str, float]] = {**{name: 5 * share for name, share in DIRT.items()}, "two_records": 0.001}
