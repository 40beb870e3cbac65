"""SCHEDULED triggers, and event batches whose window ends, as appointments of the timetable."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import datetime

from lakeshift.local import clock
from lakeshift.local.events.outbox import Delivery
from lakeshift.local.events.rule_schedules import scheduled_event
from lakeshift.local.events.timetable import Appointment
from lakeshift.local.glue.triggers.trigger import Trigger
from lakeshift.schedule import parse_cron

__all__ = ["appointments"]


def appointments() -> Iterator[Appointment]:
    """Of every activated trigger with a schedule, and of every batch of events that waits."""
    from moto.glue.models import glue_backends

    from lakeshift.local.glue.workflows import notify

    for _, _, backend in list(glue_backends.iter_backends()):
        for trigger in list(backend.triggers.values()):
            if isinstance(trigger, Trigger) and trigger.kind == "SCHEDULED" and trigger.state == "ACTIVATED":
                yield Appointment(
                    key=trigger.arn,
                    since=trigger.scheduled_at,
                    following=parse_cron(trigger.given["Schedule"]).after,
                    deliveries=functools.partial(_deliveries, trigger),
                )
        yield from notify.appointments(backend)


def _deliveries(trigger: Trigger, moment: datetime) -> list[Delivery]:
    now = clock.now().timestamp()
    return [Delivery(trigger.arn, {"Arn": trigger.arn}, scheduled_event(trigger.arn, moment), created=now, due=now)]
