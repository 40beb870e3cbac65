"""Events for a workflow's EVENT trigger: gathered until there are enough, or until the window ends.

https://docs.aws.amazon.com/glue/latest/dg/starting-workflow-eventbridge.html
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from lakeshift.errors import LakeshiftError
from lakeshift.local import clock
from lakeshift.local.events.timetable import Appointment
from lakeshift.local.glue.bookmarks.durable import read_json, write_json
from lakeshift.local.glue.triggers.firing import changed
from lakeshift.local.glue.triggers.starting import digest
from lakeshift.local.glue.triggers.trigger import Trigger

__all__ = ["appointments", "notify_event"]

_WINDOW: Final = 900  # seconds, where the trigger names none
_lock = threading.RLock()

Batches = dict[str, dict[str, Any]]


def _file(backend: Any) -> Path:
    return Path(backend.local.state.services) / "glue-event-batches.json"


def _read(backend: Any) -> Batches:
    found: Batches = read_json(_file(backend)) or {}
    return found


def notify_event(account: str, region: str, workflow: str, event_id: str) -> None:
    """Take an event for the workflow in; raises LakeshiftError where the workflow is started by none."""
    from moto.glue.models import glue_backends

    backend: Any = glue_backends[account][region]
    trigger = backend.start_trigger_of(workflow)
    if trigger is None or trigger.kind != "EVENT":
        raise LakeshiftError(f"Workflow {workflow} has no starting trigger of type EVENT.")
    with _lock:
        batches = _read(backend)
        batch = batches.setdefault(trigger.name, {"events": [], "since": clock.now().isoformat()})
        if event_id not in batch["events"]:  # delivered again
            batch["events"].append(event_id)
        write_json(_file(backend), batches)
        if len(batch["events"]) >= _condition(trigger)[0]:
            _start(backend, trigger)
        else:
            changed()


def _condition(trigger: Trigger) -> tuple[int, int]:
    """How many events, and how many seconds."""
    given = trigger.given.get("EventBatchingCondition") or {}
    return int(given.get("BatchSize") or 1), int(given.get("BatchWindow") or _WINDOW)


def _start(backend: Any, trigger: Trigger, _: datetime | None = None) -> None:
    with _lock:
        batches = _read(backend)
        batch = batches.get(trigger.name)
        if not batch:
            return
        events = batch["events"]
        backend.begin_workflow_run(
            trigger.workflow_name,
            {"aws:eventIds": f"[{', '.join(events)}]"},
            once=digest(*events),
            batch={"BatchSize": len(events), "BatchWindow": _condition(trigger)[1]},
        )
        del batches[trigger.name]
        write_json(_file(backend), batches)


def appointments(backend: Any) -> Iterator[Appointment]:
    """The end of each window that is open."""
    for name, batch in _read(backend).items() if backend.triggers else ():
        trigger = backend.triggers.get(name)
        if trigger is None:
            continue
        since = datetime.fromisoformat(batch["since"])
        ends = since + timedelta(seconds=_condition(trigger)[1])
        yield Appointment(
            key=f"{trigger.arn} batch {batch['since']}",
            since=since,
            following=functools.partial(_once, ends),
            fired=functools.partial(_start, backend, trigger),
        )


def _once(moment: datetime, after: datetime) -> datetime | None:
    return moment if moment > after else None
