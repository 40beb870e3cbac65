"""The ways in which a pipeline run is started: each starts one and returns once it has ended well."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any, Final

from tests.e2e.conftest import LAKE, Installation
from tests.waiting import until

__all__ = ["by_machine", "by_schedule", "by_workflow", "once_a_batch_arrives"]

_DAY: Final = 24 * 3600
_PATIENCE: Final = 600.0  # seconds, on a busy machine


def by_machine(installation: Installation) -> None:
    """The nightly state machine, started by a person."""
    arn = _machine(installation, "nightly")
    started = installation.clients.client("stepfunctions").start_execution(stateMachineArn=arn, input="{}")
    _succeeded(installation, started["executionArn"])


def by_schedule(installation: Installation) -> None:
    """The schedule of the night, switched on, when the clock comes to it."""
    scheduler = installation.clients.client("scheduler")
    schedule = scheduler.get_schedule(Name=f"{LAKE}-every-night")
    given = {key: schedule[key] for key in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    before = _executions(installation)
    scheduler.update_schedule(**given, State="ENABLED")
    _advance(installation, _DAY)
    execution = until(lambda: _executions(installation) - before, _PATIENCE)
    scheduler.update_schedule(**given, State="DISABLED")
    _succeeded(installation, *execution)


def once_a_batch_arrives(installation: Installation, arrive: Callable[[], object]) -> None:
    """The rule on a batch's manifest, switched on while ``arrive`` puts a file into the raw bucket."""
    events, name = installation.clients.client("events"), f"{LAKE}-batch-arrived"
    before = _executions(installation)
    events.enable_rule(Name=name)
    arrive()
    execution = until(lambda: _executions(installation) - before, _PATIENCE)
    events.disable_rule(Name=name)
    _succeeded(installation, *execution)


def by_workflow(installation: Installation) -> None:
    """The transfer, which Glue does not start, and the Glue workflow."""
    api, glue = installation.clients.client("stepfunctions"), installation.clients.client("glue")
    arn = _machine(installation, "transfer")
    _succeeded(installation, api.start_execution(stateMachineArn=arn, input="{}")["executionArn"])
    name = f"{LAKE}-nightly"
    run_id = glue.start_workflow_run(Name=name)["RunId"]

    def ended() -> Any:
        run = glue.get_workflow_run(Name=name, RunId=run_id)["Run"]
        return run if run["Status"] != "RUNNING" else None

    run = until(ended, _PATIENCE)
    counts = run["Statistics"]
    assert (run["Status"], counts["SucceededActions"]) == ("COMPLETED", counts["TotalActions"]), run


def _machine(installation: Installation, name: str) -> str:
    listed = installation.clients.client("stepfunctions").list_state_machines()["stateMachines"]
    return str({one["name"]: one["stateMachineArn"] for one in listed}[f"{LAKE}-{name}"])


def _executions(installation: Installation) -> set[str]:
    api = installation.clients.client("stepfunctions")
    listed = api.list_executions(stateMachineArn=_machine(installation, "nightly"))["executions"]
    return {one["executionArn"] for one in listed}


def _succeeded(installation: Installation, *executions: str) -> None:
    assert len(executions) == 1, executions
    api = installation.clients.client("stepfunctions")

    def ended() -> Any:
        told = api.describe_execution(executionArn=executions[0])
        return told if told["status"] != "RUNNING" else None

    told = until(ended, _PATIENCE)
    assert told["status"] == "SUCCEEDED", {key: told.get(key) for key in ("status", "error", "cause")}


def _advance(installation: Installation, seconds: float) -> None:
    body = json.dumps({"advance_seconds": seconds}).encode()
    url = f"{installation.clients.endpoint}/_lakeshift/clock"
    urllib.request.urlopen(urllib.request.Request(url, body, method="POST")).close()
