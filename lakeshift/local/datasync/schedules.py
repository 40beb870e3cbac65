"""Scheduled tasks as appointments of the timetable.

https://docs.aws.amazon.com/datasync/latest/userguide/task-scheduling.html
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from moto.datasync.exceptions import InvalidRequestException

from lakeshift.local import clock
from lakeshift.local.events.timetable import Appointment
from lakeshift.schedule import next_time

__all__ = ["appointments", "check"]

_HOUR: Final = timedelta(hours=1)


def check(expression: str) -> None:
    """Raise InvalidRequestException for what is no schedule, and for one that is faster than once an hour."""
    try:
        now = clock.now()
        first = next_time(expression, now, now)
        second = None if first is None else next_time(expression, first, now)
    except ValueError as error:
        raise InvalidRequestException(f"Invalid schedule expression {expression}: {error}") from error
    if first is not None and second is not None and second - first < _HOUR:
        raise InvalidRequestException(f"The schedule {expression} is faster than once an hour.")


def appointments() -> Iterator[Appointment]:
    """Of every task whose schedule is enabled."""
    from moto.datasync.models import datasync_backends

    for _, _, backend in list(datasync_backends.iter_backends()):
        for task in list(backend.tasks.values()):
            schedule = task.metadata.get("Schedule") or {}
            if schedule.get("ScheduleExpression") and schedule.get("Status", "ENABLED") == "ENABLED":
                yield _appointment(backend, task, schedule["ScheduleExpression"])


def _appointment(backend: Any, task: Any, expression: str) -> Appointment:
    since: datetime = task.__dict__.setdefault("scheduled_at", clock.now())
    return Appointment(
        key=task.arn,
        since=since,
        following=lambda after: next_time(expression, after, since),
        fired=functools.partial(_start, backend, task.arn),
    )


def _start(backend: Any, task_arn: str, _moment: datetime) -> None:
    """One execution may run and one wait: when the clock is moved over many times, no more would find anything new."""
    going = [one for one in list(backend.task_executions.values()) if one.task_arn == task_arn and not one.ended]
    if len(going) < 2:
        backend.start_task_execution(task_arn)
