"""A workflow run goes on: from what its jobs and crawls have done, fire what may fire, and end when nothing can.

It looks at the state of things and not at the event that woke it, so that it goes on after a kill where it was.
"""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

from moto.glue.exceptions import CrawlerNotRunningException

from lakeshift.errors import LakeshiftError
from lakeshift.local import clock
from lakeshift.local.glue.jobs.run import STOPPABLE
from lakeshift.local.glue.triggers.starting import Cause, start_action
from lakeshift.local.glue.workflows import graph
from lakeshift.local.glue.workflows.nodes import crawls_of, is_live, job_runs_of, states
from lakeshift.local.glue.workflows.run import WorkflowRun

__all__ = ["LOCK", "advance", "begin", "stop"]

_LOG: Final = logging.getLogger(__name__)
LOCK: Final = threading.RLock()  # one step of one run at a time


def begin(backend: Any, run: WorkflowRun) -> None:
    """Fire the start trigger, or what a resumed run restarts, and go on; again, it does what is not done."""
    with LOCK:
        backend.workflow_runs.save(run)
        for trigger in run.triggers:
            if trigger["Type"] != "CONDITIONAL" and not run.restarted:
                _fire(backend, run, trigger)
        for node in run.restarted:
            trigger, action = _started_by(run, node)
            _start(backend, run, trigger, action)
        advance(backend, run)


def _started_by(run: WorkflowRun, node: str) -> tuple[dict[str, Any], dict[str, Any]]:
    trigger: Any = graph.upstream_triggers(run.triggers, node)[0]
    action = next(one for one in trigger["Actions"] if graph.node_of_action(one) == node)
    return trigger, action


def advance(backend: Any, run: WorkflowRun) -> None:
    """Fire every trigger that may fire now; end the run when nothing runs and nothing can."""
    with LOCK:
        if not run.is_active or backend.job_runner.closing:
            return
        while run.status == "RUNNING" and (ready := _ready(backend, run)):
            for trigger in ready:
                _fire(backend, run, trigger)
        if not is_live(states(backend, run)):
            run.status = "STOPPED" if run.status == "STOPPING" else "COMPLETED"
            run.completed_on = clock.now().timestamp()
            backend.workflow_runs.save(run)


def _ready(backend: Any, run: WorkflowRun) -> list[dict[str, Any]]:
    found = states(backend, run)
    return [
        trigger
        for trigger in run.triggers
        if trigger["Type"] == "CONDITIONAL"
        and trigger["State"] == "ACTIVATED"
        and trigger["Name"] not in run.fired
        and graph.holds(trigger, found)
    ]


def _fire(backend: Any, run: WorkflowRun, trigger: dict[str, Any]) -> None:
    for action in trigger["Actions"]:
        _start(backend, run, trigger, action)
    run.fired = list(dict.fromkeys([*run.fired, trigger["Name"]]))
    backend.workflow_runs.save(run)


def _start(backend: Any, run: WorkflowRun, trigger: dict[str, Any], action: dict[str, Any]) -> None:
    """Start an action once, also where an earlier server began to."""
    node = graph.node_of_action(action)
    once = f"{run.run_id} {trigger['Name']}"
    cause = Cause(trigger["Name"], run.name, run.run_id, _predecessors(backend, run, trigger), once=once)
    if node in run.crawls:
        return
    try:
        started = start_action(backend, action, cause)
    except LakeshiftError as error:
        run.errors[node] = str(error)
        _LOG.error("Workflow run %s could not start %s: %s", run.run_id, node, error)
    else:
        if action.get("CrawlerName"):
            run.crawls[node] = [started]
    backend.workflow_runs.save(run)


def _predecessors(backend: Any, run: WorkflowRun, trigger: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    watched = (trigger.get("Predicate") or {}).get("Conditions") or []
    names = [one["JobName"] for one in watched if one.get("JobName")]
    runs = [(name, job_runs_of(backend, run, name)) for name in names]
    return tuple((name, found[-1].run_id) for name, found in runs if found)


def stop(backend: Any, run: WorkflowRun) -> None:
    """Fire nothing any more, stop what runs; it is STOPPED when all of that has ended."""
    with LOCK:
        run.status = "STOPPING"
        backend.workflow_runs.save(run)
        for node in graph.nodes(run.triggers):
            kind, _, name = node.partition(":")
            if kind == "JOB":
                for one in job_runs_of(backend, run, name):
                    if one.state in STOPPABLE:
                        backend.job_runner.stop(one.run_id)
            elif kind == "CRAWLER" and any(one.state == "RUNNING" for one in crawls_of(backend, run, name)):
                _stop_crawler(backend, name)
        advance(backend, run)


def _stop_crawler(backend: Any, name: str) -> None:
    try:
        backend.stop_crawler(name)
    except CrawlerNotRunningException:
        _LOG.info("Crawler %s ended by itself", name)
