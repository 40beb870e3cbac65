"""When a failed state is tried again.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from lakeshift.local.stepfunctions.language.failure import StateFailure, matches

__all__ = ["Retries"]


class Retries:
    """The retriers of a state, each with its own count. ``draw`` gives a number in [0, 1) for the full jitter."""

    def __init__(self, rules: list[dict[str, Any]], draw: Callable[[], float] = random.random) -> None:
        self._rules, self._draw = rules, draw
        self._used = [0] * len(rules)
        self.count = 0

    def delay(self, failure: StateFailure) -> float | None:
        """Seconds to wait before the next attempt, or None where no retrier has one left for this failure."""
        for index, rule in enumerate(self._rules):
            if not matches(rule["ErrorEquals"], failure):
                continue
            if self._used[index] >= rule.get("MaxAttempts", 3):
                return None  # the first retrier that names an error decides alone
            seconds = self._seconds(rule, self._used[index])
            self._used[index] += 1
            self.count += 1
            return seconds
        return None

    def _seconds(self, rule: dict[str, Any], used: int) -> float:
        interval, rate = rule.get("IntervalSeconds", 1), rule.get("BackoffRate", 2.0)
        seconds: float = min(interval * rate**used, rule.get("MaxDelaySeconds", float("inf")))
        return seconds * self._draw() if rule.get("JitterStrategy") == "FULL" else seconds
