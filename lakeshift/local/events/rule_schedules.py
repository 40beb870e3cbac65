"""Rules with a schedule as appointments of the timetable.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from lakeshift.local import clock
from lakeshift.local.events.bus import event_of
from lakeshift.local.events.outbox import Delivery
from lakeshift.local.events.timetable import Appointment
from lakeshift.schedule import next_time

__all__ = ["appointments", "scheduled_event"]


def appointments() -> Iterator[Appointment]:
    """Of every enabled rule with a schedule."""
    from moto.events.models import events_backends

    for _, _, backend in list(events_backends.iter_backends()):
        for rule in list(backend.event_buses["default"].rules.values()):
            if rule.scheduled_expression and rule.state != "DISABLED":
                yield _appointment(rule)


def _appointment(rule: Any) -> Appointment:
    since: datetime = rule.__dict__.setdefault("scheduled_at", clock.now())
    return Appointment(
        key=rule.arn,
        since=since,
        following=lambda after: next_time(rule.scheduled_expression, after, since),
        deliveries=functools.partial(_deliveries, rule),
    )


def scheduled_event(key: str, moment: datetime) -> dict[str, Any]:
    """What a rule sends for one time; the same id for the same time, so that a target can tell a repetition."""
    event = event_of("aws.events", "Scheduled Event", {}, [key], moment)
    return {**event, "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{key} {moment.isoformat()}"))}


def _deliveries(rule: Any, moment: datetime) -> list[Delivery]:
    now, event = clock.now().timestamp(), scheduled_event(rule.arn, moment)
    return [Delivery(rule.arn, target, event, created=now, due=now) for target in list(rule.targets)]
