"""Alarms evaluated by the one clock: every minute, and every 10 seconds those of a shorter period.

After the clock was moved, an alarm is looked at as often as it takes to see what lay in between: first period by period
until nothing of what was put before the move is in its range any more, then at the new time.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from lakeshift.local import clock
from lakeshift.local.clock_follower import ClockFollower
from lakeshift.local.cloudwatch.alarm_state import EXTRA_POINTS, judge
from lakeshift.local.cloudwatch.alarms import CompositeAlarm, MetricAlarm
from lakeshift.local.cloudwatch.backend import LocalCloudWatchBackend, the_backend
from lakeshift.local.cloudwatch.changes import change_state
from lakeshift.local.cloudwatch.messages import reason_data
from lakeshift.local.cloudwatch.queries import QueryError
from lakeshift.local.logs import retention

__all__ = ["Evaluator", "evaluate_all"]

_LOG: Final = logging.getLogger(__name__)
_MINUTE: Final = 60
_OFTEN: Final = 10
_REMEMBERED: Final = 1_000  # lines


class Evaluator(ClockFollower):
    """A thread that follows the clock; ``catch_up`` does at once what is due."""

    def __init__(self) -> None:
        self._cleaned = clock.now().date()
        self._seen = clock.now().timestamp()
        super().__init__("alarms")

    def _follow(self) -> None:
        while not self._stopped:
            step = self._step()
            due = (clock.now().timestamp() // step + 1) * step
            if clock.wait_until(datetime.fromtimestamp(due, UTC), lambda: self._stopped):
                try:
                    self.catch_up()
                except Exception:  # the next evaluation is due in a minute
                    _LOG.exception("Alarms could not be evaluated")

    @staticmethod
    def _step() -> int:
        alarms = list(the_backend().alarms.values())
        often = any(isinstance(alarm, MetricAlarm) and alarm.period < _MINUTE for alarm in alarms)
        return _OFTEN if often else _MINUTE

    def catch_up(self) -> None:
        """Evaluate for every moment since the last time that can make a difference."""
        with self._lock:
            now = clock.now().timestamp()
            backend = the_backend()
            if backend.alarms:
                for moment in self._moments(self._seen, now, backend):
                    self._told += [(time.monotonic(), line) for line in evaluate_all(backend, moment)]
                self._told = self._told[-_REMEMBERED:]
            self._expire(now)
            self._seen = max(now, self._seen)

    def _expire(self, now: float) -> None:
        """Once a day: datapoints and log events that are too old go."""
        day = datetime.fromtimestamp(now, UTC).date()
        if day != self._cleaned:
            the_backend().store.expire(now)
            lines = retention.expire(datetime.fromtimestamp(now, UTC))
            self._told += [(time.monotonic(), line) for line in lines]
            self._cleaned = day

    def _moments(self, seen: float, now: float, backend: LocalCloudWatchBackend) -> Iterator[float]:
        step = self._step()
        last = now // step * step
        metric_alarms = [alarm for alarm in list(backend.alarms.values()) if isinstance(alarm, MetricAlarm)]
        ranges = [(alarm.threshold.of + EXTRA_POINTS + 1) * alarm.period for alarm in metric_alarms]
        shortest = min((alarm.period for alarm in metric_alarms), default=step)
        moment = (seen // step + 1) * step
        settled = min(last, seen + max(ranges, default=0))
        while moment < settled:
            yield moment
            moment += max(step, shortest)
        if moment <= last or last > seen:
            yield last


def evaluate_all(backend: LocalCloudWatchBackend, moment: float) -> list[str]:
    """Evaluate metric alarms, then composite ones until none changes; ``name: OLD -> NEW`` of each change."""
    told: list[str] = []
    with backend.alarm_lock:
        changed: list[Any] = []
        for alarm in list(backend.alarms.values()):
            if isinstance(alarm, MetricAlarm) and moment > alarm.updated.timestamp():
                before = alarm.state
                if _evaluate(alarm, backend, moment):
                    changed.append(alarm)
                    told.append(f"alarm {alarm.name}: {before} -> {alarm.state}")
        composites = [alarm for alarm in backend.alarms.values() if isinstance(alarm, CompositeAlarm)]
        for _ in composites:
            again = [alarm for alarm in composites if _compose(alarm, backend, moment, changed, told)]
            if not again:
                break
            changed = again
    return told


def _evaluate(alarm: MetricAlarm, backend: LocalCloudWatchBackend, moment: float) -> bool:
    when = datetime.fromtimestamp(moment, UTC)
    try:
        found = judge(alarm.points(backend.store.samples, moment), alarm.threshold, alarm.state)
    except QueryError as error:
        reason = f"Evaluation failed: {error}"
        return change_state(alarm, "INSUFFICIENT_DATA", reason, None, when, backend.region_name)
    if not found.reason:
        return False
    data = json.dumps(reason_data(alarm, found.recent, when))
    return change_state(alarm, found.state, found.reason, data, when, backend.region_name)


def _compose(
    alarm: CompositeAlarm, backend: LocalCloudWatchBackend, moment: float, changed: list[Any], told: list[str]
) -> bool:
    def state_of(name: str) -> str:
        child = backend.alarms.get(name)
        return child.state if child is not None else "INSUFFICIENT_DATA"

    rule = alarm.rule
    new = "ALARM" if rule.holds(state_of) else "OK"
    if new == alarm.state:
        return False
    when = datetime.fromtimestamp(moment, UTC)
    children = [child for child in changed if child.name in rule.names] or [
        backend.alarms[name] for name in rule.names if name in backend.alarms
    ]
    triggering = [
        {"Arn": child.arn, "State": {"Value": child.state, "Timestamp": child.state_updated.isoformat()}}
        for child in children
    ]
    first = children[0] if children else None
    reason = (
        f"{first.arn} transitioned to {first.state} at {first.state_updated:%A %d %B, %Y %H:%M:%S} UTC"
        if first is not None
        else f"The rule {alarm.definition['AlarmRule']} is {new == 'ALARM'}"
    )
    before = alarm.state
    data = json.dumps(
        {"triggeringAlarms": [{"arn": one["Arn"], "state": {"value": one["State"]["Value"]}} for one in triggering]}
    )
    change_state(alarm, new, reason, data, when, backend.region_name, triggering)
    told.append(f"alarm {alarm.name}: {before} -> {new}")
    return True
