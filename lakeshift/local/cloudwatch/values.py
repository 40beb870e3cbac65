"""What a metric's datapoint holds, and the statistics of many of them. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["STATISTICS", "Sample", "StatisticError", "check_statistic", "series", "statistic"]

STATISTICS: Final = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_PERCENTILE: Final = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
_TRIMMED: Final = re.compile(r"(tm|wm|tc|ts|pr)[\d(].*|iqm", re.IGNORECASE)
_STATISTICS_PAGE: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html"


class StatisticError(ValueError):
    """The statistic is unknown, or known to AWS and not computed here."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Values put together at ``time`` (seconds since the epoch).

    ``values`` is (value, how often) of each, or None where only their statistics are known.
    """

    time: float
    unit: str
    count: float
    total: float
    least: float
    most: float
    values: tuple[tuple[float, float], ...] | None

    @classmethod
    def of(cls, time: float, unit: str, values: Sequence[tuple[float, float]]) -> Sample:
        """A sample of single values, each with how often it was seen."""
        numbers = [value for value, _ in values]
        count = sum(often for _, often in values)
        total = sum(value * often for value, often in values)
        return cls(time, unit, count, total, min(numbers), max(numbers), tuple(values))


def check_statistic(name: str) -> None:
    """Raise StatisticError unless ``statistic`` computes it."""
    if name in STATISTICS or _PERCENTILE.fullmatch(name):
        return
    if _TRIMMED.fullmatch(name):
        raise StatisticError(
            f"The statistic {name} is not computed locally. Use Average, Sum, Minimum, Maximum, SampleCount or a "
            f"percentile such as p95, or ask AWS: {_STATISTICS_PAGE}"
        )
    raise StatisticError(f"The value {name} for parameter Stat is not supported.")


def statistic(name: str, samples: Sequence[Sample]) -> float | None:
    """``name`` of all samples together; None where there is nothing, or where a percentile cannot be told."""
    count = sum(sample.count for sample in samples)
    if not samples or (count == 0 and name != "SampleCount"):
        return None
    total = sum(sample.total for sample in samples)
    simple = {
        "SampleCount": count,
        "Sum": total,
        "Average": total / count if count else math.nan,
        "Minimum": min(sample.least for sample in samples),
        "Maximum": max(sample.most for sample in samples),
    }
    return simple[name] if name in simple else _percentile(float(name[1:]), samples)


def _percentile(percent: float, samples: Sequence[Sample]) -> float | None:
    """By linear interpolation between ranks. A statistics set counts only where all its values are equal."""
    pairs: list[tuple[float, float]] = []
    for sample in samples:
        if sample.values is None and sample.least != sample.most:
            return None
        pairs += sample.values if sample.values is not None else ((sample.least, sample.count),)
    pairs.sort()
    count = sum(often for _, often in pairs)
    place = (count - 1) * percent / 100
    below, above = _ranked(pairs, math.floor(place)), _ranked(pairs, math.ceil(place))
    return below + (above - below) * (place - math.floor(place))


def _ranked(pairs: Sequence[tuple[float, float]], rank: float) -> float:
    seen = 0.0
    for value, often in pairs:
        seen += often
        if rank < seen:
            return value
    return pairs[-1][0]


def series(samples: Iterable[Sample], name: str, start: float, end: float, period: int) -> dict[float, float]:
    """Time → statistic for each period from ``start`` (included) to ``end`` (not included) with a value, in order."""
    periods: dict[int, list[Sample]] = {}
    for sample in samples:
        if start <= sample.time < end:
            periods.setdefault(int((sample.time - start) // period), []).append(sample)
    found = {start + index * period: statistic(name, periods[index]) for index in sorted(periods)}
    return {time: value for time, value in found.items() if value is not None}
