"""What state an alarm is in, given the datapoints of its evaluation range. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

__all__ = ["ALARM", "EXTRA_POINTS", "INSUFFICIENT_DATA", "OK", "OPERATORS", "Judgement", "Threshold", "judge"]

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"
EXTRA_POINTS: Final = 2  # the evaluation range is longer than EvaluationPeriods; AWS's page shows it so

OPERATORS: Final[dict[str, tuple[Callable[[float, float], bool], str]]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
_TREATED: Final = {"breaching": "Breaching", "notBreaching": "NonBreaching"}


@dataclass(frozen=True, slots=True)
class Threshold:
    """When a datapoint is breaching, and how many (of how many) make an alarm."""

    operator: str
    value: float
    of: int  # EvaluationPeriods
    needed: int  # DatapointsToAlarm
    missing: str = "missing"  # TreatMissingData

    def breaching(self, value: float) -> bool:
        """Whether one datapoint crosses the threshold."""
        return OPERATORS[self.operator][0](value, self.value)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The new state and its reason; ``recent`` are the datapoints it rests on, newest first."""

    state: str
    reason: str
    recent: tuple[tuple[float, float], ...] = ()


def judge(points: Sequence[tuple[float, float | None]], threshold: Threshold, state: str) -> Judgement:
    """``points`` are (start of the period, value or None where missing), oldest first: the whole evaluation range.

    ``state`` is what the alarm is in now; "ignore" keeps it.
    """
    real = [(time, value) for time, value in points if value is not None]
    recent = real[-threshold.of :]
    breaching = sum(threshold.breaching(value) for _, value in recent)
    if len(real) >= threshold.of:
        return _told(recent, breaching, 0, threshold, breaching >= threshold.needed)
    filled = threshold.of - len(real)
    if threshold.missing == "breaching":
        return _told(recent, breaching, filled, threshold, breaching + filled >= threshold.needed)
    if threshold.missing == "notBreaching" or breaching >= threshold.needed:
        return _told(recent, breaching, filled, threshold, breaching >= threshold.needed)
    return _undecided(points, recent, breaching, threshold, state)


def _undecided(
    points: Sequence[tuple[float, float | None]],
    recent: list[tuple[float, float]],
    breaching: int,
    threshold: Threshold,
    state: str,
) -> Judgement:
    """Fewer datapoints than it takes, and nothing stands for those that are missing."""
    if breaching < len(recent):  # one is within the threshold, and those that breach are too few
        return _told(recent, breaching, 0, threshold, alarm=False)
    keep = Judgement(state, "", tuple(reversed(recent)))
    if threshold.missing == "ignore":
        return keep
    if not recent:
        noun = "datapoint was" if threshold.of == 1 else "datapoints were"
        return Judgement(INSUFFICIENT_DATA, f"Insufficient Data: {threshold.of} {noun} unknown.")
    age = next(index for index, (time, _) in enumerate(reversed(points), 1) if time == recent[0][0])
    return _told(recent, breaching, 0, threshold, alarm=True) if age >= threshold.needed else keep


def _told(
    recent: Sequence[tuple[float, float]], breaching: int, filled: int, threshold: Threshold, alarm: bool
) -> Judgement:
    word = OPERATORS[threshold.operator][1]
    newest = tuple(reversed(recent))
    treated = filled if threshold.missing in _TREATED else 0
    label = _TREATED.get(threshold.missing, "")
    if not recent:
        noun = "period" if threshold.of == 1 else "periods"
        points = "1 missing datapoint was" if treated == 1 else f"{treated} missing datapoints were"
        crossed = f"Threshold Crossed: no datapoints were received for {threshold.of} {noun}"
        reason = f"{crossed} and {points} treated as [{label}]."
        return Judgement(ALARM if alarm else OK, reason)
    crossing = breaching if alarm else len(recent) - breaching
    shown = ", ".join(f"{value} ({datetime.fromtimestamp(time, UTC):%d/%m/%y %H:%M:%S})" for time, value in newest)
    one = crossing == 1
    verb = ("was" if one else "were") + ("" if alarm else " not")
    reason = (
        f"Threshold Crossed: {crossing} out of the last {len(recent)} datapoints [{shown}] {verb} {word} the threshold "
        f"({threshold.value}) (minimum {threshold.needed} datapoint{'s' * (threshold.needed > 1)} for "
        f"{'OK -> ALARM' if alarm else 'ALARM -> OK'} transition)."
    )
    if treated:
        points = "1 missing datapoint was" if treated == 1 else f"{treated} missing datapoints were"
        reason = f"{reason[:-1]} and {points} treated as [{label}]."
    return Judgement(ALARM if alarm else OK, reason, newest)
