"""The pipeline's executions on the local AWS: found, followed to their end, and what failed in one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from lakeshift.cli.pages import every
from lakeshift.cli.progress import Progress
from lakeshift.cli.stage import parameters
from lakeshift.errors import LakeshiftError

__all__ = ["failure", "follow", "machine", "unsuccessful"]

_POLL: Final = 1.0  # seconds between two looks at it; each costs the server, which shares the cores with Spark
_FAILED: Final = ("TaskFailed", "TaskTimedOut")


def machine(api: Any) -> tuple[str, str]:
    """Name and ARN of the nightly state machine; raises LakeshiftError where it is not deployed."""
    name = f"{parameters('local')['Lake']}-nightly"
    listed = {one["name"]: one["stateMachineArn"] for one in every(api, "list_state_machines", "stateMachines")}
    if name not in listed:
        raise LakeshiftError(f"The state machine {name} is not deployed. Run `make run` first.")
    return name, listed[name]


def unsuccessful(api: Any, run: str | None) -> dict[str, Any]:
    """The execution named ``run``, or the newest one; raises LakeshiftError where it cannot be redriven."""
    _, arn = machine(api)
    listed = list(every(api, "list_executions", "executions", stateMachineArn=arn))
    found = next((one for one in listed if run in (None, "", one["name"])), None)
    if found is None:
        names = ", ".join(one["name"] for one in listed[:5]) or "none"
        raise LakeshiftError(f"No execution is named {run}; the newest are {names}.")
    told: dict[str, Any] = api.describe_execution(executionArn=found["executionArn"])
    if told["redriveStatus"] != "REDRIVABLE":
        raise LakeshiftError(f"{told['name']}: {told['redriveStatusReason']}. Begin a new run with `make run`.")
    return told


def follow(api: Any, arn: str, progress: Progress, look: Callable[[], None]) -> dict[str, Any]:
    """Wait for the end of the execution, and call ``look`` at each poll; returns its description."""
    while True:
        outcome: dict[str, Any] = api.describe_execution(executionArn=arn)
        look()
        if outcome["status"] != "RUNNING":
            progress.clear()
            return outcome
        progress.waiting(lambda: ", ".join(_running_states(api, arn)))
        time.sleep(_POLL)


def _running_states(api: Any, arn: str) -> list[str]:
    running: list[str] = []
    for event in _history(api, arn):
        if event["type"] == "TaskStateEntered":
            running.append(event["stateEnteredEventDetails"]["name"])
        elif event["type"] == "TaskStateExited" and event["stateExitedEventDetails"]["name"] in running:
            running.remove(event["stateExitedEventDetails"]["name"])
    return running


def _history(api: Any, arn: str) -> Iterator[dict[str, Any]]:
    for page in api.get_paginator("get_execution_history").paginate(executionArn=arn):
        yield from page["events"]


def failure(api: Any, outcome: dict[str, Any]) -> tuple[str, str, str, str | None]:
    """State, error, cause and job run id of the task that failed last."""
    events = {event["id"]: event for event in _history(api, outcome["executionArn"])}
    error, cause = outcome.get("error", outcome["status"]), outcome.get("cause", "")
    last = next((events[number] for number in sorted(events, reverse=True) if events[number]["type"] in _FAILED), None)
    if last is None:
        return "state machine", error, cause, None
    details: dict[str, str] = next(value for key, value in last.items() if key.endswith("EventDetails"))
    return _told(_state(events, last), details.get("error", error), details.get("cause", cause))


def _state(events: dict[int, dict[str, Any]], event: dict[str, Any]) -> str:
    """The name of the state that the event belongs to."""
    while "stateEnteredEventDetails" not in event and event["previousEventId"] in events:
        event = events[event["previousEventId"]]
    return str(event.get("stateEnteredEventDetails", {}).get("name", "state machine"))


def _told(state: str, error: str, cause: str) -> tuple[str, str, str, str | None]:
    """A job run's or an execution's own error where the cause is its description."""
    try:
        found = json.loads(cause)
    except ValueError:
        return state, error, cause, None
    if not isinstance(found, dict):
        return state, error, cause, None
    if "ExecutionArn" in found:
        return state, found.get("Error", error), found.get("Cause", cause), None
    return found.get("JobName", state), error, found.get("ErrorMessage", cause), found.get("Id")
