"""Schedules as appointments of the timetable; one that is over is deleted where it asks for that.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule.html
"""

from __future__ import annotations

import functools
import hashlib
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from lakeshift.local import clock, state
from lakeshift.local.events.outbox import Delivery
from lakeshift.local.events.timetable import Appointment
from lakeshift.local.scheduler.expressions import Recurrence, parse
from lakeshift.local.scheduler.targets import default_input

__all__ = ["appointments", "moment_of", "recurrence_of"]


def moment_of(given: Any) -> datetime | None:
    """A date of the API: epoch seconds or ISO 8601."""
    if given in (None, ""):
        return None
    if isinstance(given, int | float):
        return datetime.fromtimestamp(given, UTC)
    found = datetime.fromisoformat(str(given).replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def recurrence_of(schedule: Any) -> Recurrence:
    """When moto's schedule is due."""
    return parse(
        schedule.schedule_expression,
        schedule.schedule_expression_timezone,
        moment_of(schedule.start_date),
        moment_of(schedule.end_date),
    )


def appointments() -> Iterator[Appointment]:
    """Of every enabled schedule of every group."""
    from moto.scheduler.models import scheduler_backends

    for _, _, backend in list(scheduler_backends.iter_backends()):
        for group in list(backend.schedule_groups.values()):
            for schedule in list(group.schedules.values()):
                if schedule.state == "ENABLED":
                    yield _appointment(group, schedule)


def _appointment(group: Any, schedule: Any) -> Appointment:
    recurrence, window = recurrence_of(schedule), _window(schedule)
    since: datetime = schedule.__dict__.setdefault("scheduled_at", clock.now())

    def following(after: datetime) -> datetime | None:
        found = recurrence.after(after - window, since)
        if found is not None and found + window <= after:
            found = recurrence.after(found, since)
        return None if found is None else found + window

    return Appointment(
        key=schedule.arn,
        since=since,
        following=following,
        deliveries=functools.partial(_deliveries, schedule),
        fired=functools.partial(_complete, group, schedule, following),
    )


def _window(schedule: Any) -> timedelta:
    """The minute of a flexible window: another for each schedule, the same every time."""
    minutes = (schedule.flexible_time_window or {}).get("MaximumWindowInMinutes") or 0
    if (schedule.flexible_time_window or {}).get("Mode") != "FLEXIBLE" or not minutes:
        return timedelta(0)
    spread = int.from_bytes(hashlib.sha256(schedule.arn.encode()).digest()[:4], "big")
    return timedelta(seconds=spread % (60 * int(minutes)))


def _deliveries(schedule: Any, moment: datetime) -> list[Delivery]:
    now = clock.now().timestamp()
    arn = schedule.arn.split(":")
    event = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{schedule.arn} {moment.isoformat()}")),
        "time": f"{moment - _window(schedule):%Y-%m-%dT%H:%M:%SZ}",
        "region": arn[3],
        "account": arn[4],
        "resources": [schedule.arn],
    }
    event["input"] = schedule.target.get("Input") or default_input(event)
    return [Delivery(schedule.arn, dict(schedule.target), event, created=now, due=now)]


def _complete(group: Any, schedule: Any, following: Any, moment: datetime) -> None:
    """After its last time a schedule stays, or goes (ActionAfterCompletion)."""
    if following(moment) is None and schedule.action_after_completion == "DELETE":
        group.schedules.pop(schedule.name, None)
        state.changed("scheduler")
