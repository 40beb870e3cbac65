"""Triggers fire: on demand, by the clock, and by the end of runs that other triggers started.

A run started by hand fires no conditional trigger; a trigger of a workflow fires within the workflow's runs only.
https://docs.aws.amazon.com/glue/latest/dg/about-triggers.html
"""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

from lakeshift.errors import LakeshiftError
from lakeshift.local import state
from lakeshift.local.events.outbox import Delivery
from lakeshift.local.glue.triggers.starting import Cause, start_action
from lakeshift.local.glue.triggers.trigger import Trigger

__all__ = ["changed", "ended", "fire", "fire_scheduled"]

_LOG: Final = logging.getLogger(__name__)
_DEEPEST: Final = 100  # conditional triggers in one chain; AWS would go on for ever
_lock = threading.RLock()


def changed() -> None:
    """A trigger was made, changed or removed: its schedule may be another."""
    from lakeshift.local.events import service

    service.changed()


def fire(backend: Any, trigger: Trigger, once: str | None = None) -> None:
    """Start what the trigger starts: a run of its workflow, or its actions; a failed start is on record and logged."""
    if trigger.workflow_name is not None:
        backend.begin_workflow_run(trigger.workflow_name, {}, once=once)
        return
    start_all(backend, trigger, Cause(trigger.name, once=once))


def start_all(backend: Any, trigger: Trigger, cause: Cause) -> None:
    """Start each action; one that fails keeps no other from starting."""
    for action in trigger.actions:
        try:
            start_action(backend, action, cause)
        except LakeshiftError as error:
            _LOG.error("Trigger %s fired and failed: %s", trigger.name, error)


def fire_scheduled(delivery: Delivery) -> None:
    """A SCHEDULED trigger is due; the same delivery again starts nothing twice."""
    from moto.glue.models import glue_backends

    arn = delivery.origin.split(":")
    backend: Any = glue_backends[arn[4]][arn[3]]
    trigger = backend.triggers.get(arn[5].partition("/")[2])
    if trigger is not None and trigger.state == "ACTIVATED":
        fire(backend, trigger, once=str(delivery.event["id"]))


def ended(backend: Any, condition: dict[str, str], run_id: str, *, depth: int) -> None:
    """A run or crawl that a trigger of no workflow started has ended.

    ``condition`` is its JobName with State, or CrawlerName with CrawlState.
    """
    with _lock:
        for trigger in list(backend.triggers.values()):
            if trigger.kind == "CONDITIONAL" and trigger.workflow_name is None and trigger.state == "ACTIVATED":
                _meet(backend, trigger, condition, run_id, depth)


def _meet(backend: Any, trigger: Trigger, condition: dict[str, str], run_id: str, depth: int) -> None:
    met = [at for at, one in enumerate(trigger.conditions) if condition.items() <= one.items()]
    if not met:
        return
    trigger.met = sorted({*trigger.met, *met})
    state.changed("glue")
    logical = (trigger.given.get("Predicate") or {}).get("Logical") or "AND"
    if logical == "AND" and len(trigger.met) < len(trigger.conditions):
        return
    trigger.met = []
    if depth >= _DEEPEST:
        _LOG.error("Trigger %s is not fired: it is the end of a chain of %d triggers, a loop?", trigger.name, depth)
        return
    name = condition.get("JobName")
    predecessors = ((name, run_id),) if name else ()
    start_all(backend, trigger, Cause(trigger.name, predecessors=predecessors, depth=depth + 1))
