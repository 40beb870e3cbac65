"""The graph of a workflow: triggers, the jobs and crawlers they start, and what fires which. Pure.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-workflow.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["downstream", "edges", "holds", "node_id", "node_of_action", "nodes", "statistics", "upstream_triggers"]

Trigger = Mapping[str, Any]

_COUNTED = {
    "TIMEOUT": "TimeoutActions",
    "FAILED": "FailedActions",
    "STOPPED": "StoppedActions",
    "CANCELLED": "StoppedActions",
    "SUCCEEDED": "SucceededActions",
    "RUNNING": "RunningActions",
    "STARTING": "RunningActions",
    "STOPPING": "RunningActions",
    "CANCELLING": "RunningActions",
    "ERROR": "ErroredActions",
    "WAITING": "WaitingActions",
}


def node_of_action(one: Mapping[str, Any]) -> str:
    """The node of an action or a condition."""
    return f"JOB:{one['JobName']}" if one.get("JobName") else f"CRAWLER:{one['CrawlerName']}"


def nodes(triggers: Iterable[Trigger]) -> list[str]:
    """All nodes, each once: every trigger, then what it starts."""
    found: dict[str, None] = {}
    for trigger in triggers:
        found[f"TRIGGER:{trigger['Name']}"] = None
        for action in trigger.get("Actions") or ():
            found[node_of_action(action)] = None
    return list(found)


def edges(triggers: Iterable[Trigger]) -> list[tuple[str, str]]:
    """From a trigger to what it starts, and from what it watches to a trigger."""
    found: dict[tuple[str, str], None] = {}
    for trigger in triggers:
        own = f"TRIGGER:{trigger['Name']}"
        for condition in (trigger.get("Predicate") or {}).get("Conditions") or ():
            found[node_of_action(condition), own] = None
        for action in trigger.get("Actions") or ():
            found[own, node_of_action(action)] = None
    return list(found)


def downstream(triggers: Sequence[Trigger], start: str) -> set[str]:
    """Every node that comes after ``start``."""
    ways, found, waiting = edges(triggers), set[str](), [start]
    while waiting:
        at = waiting.pop()
        fresh = {after for before, after in ways if before == at} - found
        found |= fresh
        waiting += fresh
    return found


def upstream_triggers(triggers: Iterable[Trigger], node: str) -> list[Trigger]:
    """The triggers that start the node."""
    return [one for one in triggers if any(node_of_action(action) == node for action in one.get("Actions") or ())]


def node_id(workflow: str, node: str) -> str:
    """The UniqueId of a node."""
    return f"wnode_{hashlib.sha256(f'{workflow} {node}'.encode()).hexdigest()}"


def holds(trigger: Trigger, states: Mapping[str, str | None]) -> bool:
    """Whether what a conditional trigger watches has come about, by the state of each node."""
    predicate = trigger.get("Predicate") or {}
    met = [
        states.get(node_of_action(one)) == (one.get("State") or one.get("CrawlState"))
        for one in predicate.get("Conditions") or ()
    ]
    return any(met) if predicate.get("Logical") == "ANY" else bool(met) and all(met)


def statistics(states: Mapping[str, str | None]) -> dict[str, int]:
    """Of the jobs and crawlers by their state; None is one that has not run."""
    counted = {"TotalActions": len(states), **dict.fromkeys(_COUNTED.values(), 0)}
    for state in states.values():
        if state is not None:
            counted[_COUNTED[state]] += 1
    return counted
