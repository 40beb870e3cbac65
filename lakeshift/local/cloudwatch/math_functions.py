"""The functions of metric math over numbers, series and lists of series. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias, Union

__all__ = ["FUNCTIONS", "MathError", "Series", "Value", "combine"]

Series: TypeAlias = dict[float, float]  # time in seconds since the epoch → value, in order
Value: TypeAlias = Union[float, Series, "list[Series]"]
Given: TypeAlias = "list[Value | str]"
Function: TypeAlias = Callable[["list[Value | str]", int, "list[float]"], Value]


class MathError(ValueError):
    """The expression cannot be read or evaluated; the text says why."""


def combine(function: Callable[[float, float], float | bool], left: Value, right: Value) -> Value:
    """``function`` of two values, each against each; a time that one series lacks is left out, as is x / 0."""
    if isinstance(left, list):
        return [_series(combine(function, one, right)) for one in left]
    if isinstance(right, list):
        return [_series(combine(function, left, one)) for one in right]
    if isinstance(left, dict) and isinstance(right, dict):
        pairs = ((time, value, right[time]) for time, value in left.items() if time in right)
    elif isinstance(left, dict):
        pairs = ((time, value, right) for time, value in left.items())  # type: ignore[misc]
    elif isinstance(right, dict):
        pairs = ((time, left, value) for time, value in right.items())
    else:
        return _number(function, left, right)
    found = ((time, _number(function, one, other)) for time, one, other in pairs)
    return {time: value for time, value in found if not math.isnan(value)}


def _number(function: Callable[[float, float], float | bool], left: float, right: float) -> float:
    try:
        return float(function(left, right))
    except (ZeroDivisionError, OverflowError):
        return math.nan


def _series(value: Value) -> Series:
    if isinstance(value, dict):
        return value
    raise MathError("A list of time series is expected where a number is given")


def _one(given: Given, name: str) -> Value:
    if len(given) != 1 or isinstance(given[0], str):
        raise MathError(f"{name} takes one value, {len(given)} are given")
    return given[0]


def _aggregate(name: str, function: Callable[[Sequence[float]], float]) -> Function:
    """Of a series one number, of several series one series, of numbers one number."""

    def aggregate(given: Given, _period: int, _times: list[float]) -> Value:
        if len(given) > 1:
            given = [[_series(one) for one in given if not isinstance(one, str)]]
        value = _one(given, name)
        if isinstance(value, dict):
            return function(list(value.values())) if value else math.nan
        if isinstance(value, list):
            times = sorted({time for one in value for time in one})
            return {time: function([one[time] for one in value if time in one]) for time in times}
        return function([value])

    return aggregate


def _mapped(name: str, function: Callable[[float], float]) -> Function:
    def mapped(given: Given, _period: int, _times: list[float]) -> Value:
        return combine(lambda value, _: function(value), _one(given, name), 0.0)

    return mapped


def _over_series(name: str, function: Callable[[Series, int], Series]) -> Function:
    def over(given: Given, period: int, _times: list[float]) -> Value:
        value = _one(given, name)
        if isinstance(value, list):
            return [function(one, period) for one in value]
        return function(_series(value), period)

    return over


def _steps(series: Series) -> Iterable[tuple[tuple[float, float], tuple[float, float]]]:
    return itertools.pairwise(series.items())


def _rate(series: Series, _period: int) -> Series:
    return {time: (value - before) / (time - earlier) for (earlier, before), (time, value) in _steps(series)}


def _diff(series: Series, _period: int) -> Series:
    return {time: value - before for (_, before), (time, value) in _steps(series)}


def _diff_time(series: Series, _period: int) -> Series:
    return {time: time - earlier for (earlier, _), (time, _) in _steps(series)}


def _running_sum(series: Series, _period: int) -> Series:
    return dict(zip(series, itertools.accumulate(series.values()), strict=True))


def _fill(given: Given, _period: int, times: list[float]) -> Value:
    if len(given) != 2 or isinstance(given[0], str):
        raise MathError("FILL takes a series and a number, a series, REPEAT or LINEAR")
    value, by = given
    if isinstance(value, list):
        return [_filled(one, by, times) for one in value]
    return _filled(_series(value), by, times)  # type: ignore[arg-type]


def _filled(series: Series, by: Value | str, times: list[float]) -> Series:
    known = sorted(series)
    filled: Series = {}
    for time in sorted({*times, *series}):
        value = series.get(time)
        if value is None:
            value = _stand_in(series, known, by, time)
        if value is not None:
            filled[time] = value
    return filled


def _stand_in(series: Series, known: list[float], by: Value | str, time: float) -> float | None:
    if isinstance(by, dict):
        return by.get(time)
    if isinstance(by, float | int):
        return float(by)
    before = [one for one in known if one < time]
    after = [one for one in known if one > time]
    if by == "REPEAT":
        return series[before[-1]] if before else None
    if not before or not after:
        return None
    start, end = before[-1], after[0]
    return series[start] + (series[end] - series[start]) * (time - start) / (end - start)


def _if(given: Given, _period: int, times: list[float]) -> Value:
    if len(given) not in (2, 3) or any(isinstance(one, str | list) for one in given):
        raise MathError("IF takes a condition, a value and, if wanted, another value; each a number or one series")
    condition, then, *other = given
    otherwise = other[0] if other else None
    if not any(isinstance(one, dict) for one in given):
        chosen = then if condition else otherwise
        return chosen if isinstance(chosen, float) else {}
    series = [one for one in given if isinstance(one, dict)]
    times = list(condition if isinstance(condition, dict) else sorted({time for one in series for time in one}))
    found = {time: _at(then if _at(condition, time) else otherwise, time) for time in times}
    return {time: value for time, value in found.items() if value is not None}


def _at(value: Value | str | None, time: float) -> float | None:
    return value.get(time) if isinstance(value, dict) else value  # type: ignore[return-value]


def _count(given: Given, _period: int, _times: list[float]) -> Value:
    value = _one(given, "METRIC_COUNT")
    return float(len(value)) if isinstance(value, list) else 1.0


FUNCTIONS: Final[dict[str, Function]] = {
    "SUM": _aggregate("SUM", sum),
    "AVG": _aggregate("AVG", statistics.fmean),
    "MIN": _aggregate("MIN", min),
    "MAX": _aggregate("MAX", max),
    "STDDEV": _aggregate("STDDEV", statistics.pstdev),
    "ABS": _mapped("ABS", abs),
    "CEIL": _mapped("CEIL", math.ceil),
    "FLOOR": _mapped("FLOOR", math.floor),
    "LOG": _mapped("LOG", math.log),
    "LOG10": _mapped("LOG10", math.log10),
    "RATE": _over_series("RATE", _rate),
    "DIFF": _over_series("DIFF", _diff),
    "DIFF_TIME": _over_series("DIFF_TIME", _diff_time),
    "RUNNING_SUM": _over_series("RUNNING_SUM", _running_sum),
    "FILL": _fill,
    "IF": _if,
    "METRIC_COUNT": _count,
}
