"""Which state failed, and why, out of an execution's history; which execution can be redriven."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshift.cli import executions
from lakeshift.errors import LakeshiftError

ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:lakeshift-local-nightly"


class Api:
    """Step Functions as far as it is asked."""

    def __init__(self, events: list[dict[str, Any]], told: dict[str, Any] | None = None) -> None:
        self.events, self.told = events, told or {}

    def can_paginate(self, operation: str) -> bool:
        return operation == "get_execution_history"

    def get_paginator(self, _: str) -> Api:
        return self

    def paginate(self, executionArn: str) -> list[dict[str, Any]]:
        return [{"events": self.events}]

    def list_state_machines(self) -> dict[str, Any]:
        return {"stateMachines": [{"name": "lakeshift-local-nightly", "stateMachineArn": ARN}]}

    def list_executions(self, stateMachineArn: str) -> dict[str, Any]:
        return {"executions": [{"name": name, "executionArn": name} for name in ("run-2", "run-1")]}

    def describe_execution(self, executionArn: str) -> dict[str, Any]:
        return {"name": executionArn, "redriveStatus": "REDRIVABLE", **self.told}


def entered(number: int, name: str) -> dict[str, Any]:
    return {"id": number, "previousEventId": 0, "type": "TaskStateEntered", "stateEnteredEventDetails": {"name": name}}


def failed(number: int, previous: int, cause: Any, kind: str = "TaskFailed") -> dict[str, Any]:
    details = {"error": "States.TaskFailed", "cause": cause if isinstance(cause, str) else json.dumps(cause)}
    return {
        "id": number,
        "previousEventId": previous,
        "type": kind,
        f"{kind[0].lower()}{kind[1:]}EventDetails": details,
    }


JOB = {"JobName": "weather_clean", "Id": "jr_1", "ErrorMessage": "it broke"}
CHILD = {"ExecutionArn": "x", "Error": "CrawlFailed", "Cause": "the classifier broke"}
OUTCOME = {"executionArn": "e", "status": "FAILED", "error": "E", "cause": "c"}

HISTORIES: dict[str, tuple[list[dict[str, Any]], tuple[str, str, str, str | None]]] = {
    "a job run": (
        [entered(1, "Clean"), failed(2, 1, JOB)],
        ("weather_clean", "States.TaskFailed", "it broke", "jr_1"),
    ),
    "an execution that was waited for": (
        [entered(1, "Crawl"), failed(2, 1, CHILD)],
        ("Crawl", "CrawlFailed", "the classifier broke", None),
    ),
    "plain text": ([entered(1, "A"), failed(2, 1, "why")], ("A", "States.TaskFailed", "why", None)),
    "the line of the event, not the state entered last": (
        [entered(1, "A"), entered(2, "B"), failed(3, 1, "why")],
        ("A", "States.TaskFailed", "why", None),
    ),
    "the last failure, after a redrive": (
        [entered(1, "A"), failed(2, 1, "old"), entered(3, "B"), failed(4, 3, "new")],
        ("B", "States.TaskFailed", "new", None),
    ),
    "no task": ([], ("state machine", "E", "c", None)),
}


@pytest.mark.parametrize(("events", "told"), HISTORIES.values(), ids=HISTORIES)
def test_what_failed_is_read_from_the_history(events: list[dict[str, Any]], told: tuple[Any, ...]) -> None:
    assert executions.failure(Api(events), OUTCOME) == told


@pytest.mark.parametrize(("run", "found"), [(None, "run-2"), ("", "run-2"), ("run-1", "run-1")])
def test_the_newest_run_or_the_named_one_is_redriven(run: str | None, found: str) -> None:
    assert executions.unsuccessful(Api([]), run)["name"] == found


def test_a_run_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(LakeshiftError, match="No execution is named x; the newest are run-2, run-1"):
        executions.unsuccessful(Api([]), "x")


def test_a_run_that_succeeded_is_not_redriven() -> None:
    told = {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven"}
    with pytest.raises(LakeshiftError, match="run-2: Execution is SUCCEEDED and cannot be redriven"):
        executions.unsuccessful(Api([], told), None)
