from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.local.server import LocalAws
from lakeshift.local.stepfunctions import clients, tasks
from tests.waiting import until

ROLE = "arn:aws:iam::000000000000:role/pipeline"


class Machines:
    """Creates machines and runs them to their end."""

    def __init__(self) -> None:
        self.client = boto3.client("stepfunctions")

    def create(self, definition: dict[str, Any]) -> str:
        return self.client.create_state_machine(
            name=f"machine-{uuid.uuid4().hex}", definition=json.dumps(definition), roleArn=ROLE
        )["stateMachineArn"]

    def start(self, definition: dict[str, Any], given: Any = None, **more: Any) -> str:
        arn = self.create(definition)
        return self.client.start_execution(stateMachineArn=arn, input=json.dumps(given or {}), **more)["executionArn"]

    def status(self, execution: str) -> str:
        return self.client.describe_execution(executionArn=execution)["status"]

    def wait(self, execution: str) -> dict[str, Any]:
        until(lambda: self.status(execution) != "RUNNING", 30)
        return self.client.describe_execution(executionArn=execution)

    def run(self, definition: dict[str, Any], given: Any = None) -> dict[str, Any]:
        return self.wait(self.start(definition, given))

    def events(self, execution: str) -> list[str]:
        return [event["type"] for event in self.client.get_execution_history(executionArn=execution)["events"]]


def code(call: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(ClientError) as told:
        call(**given)
    return str(told.value.response["Error"]["Code"])


class FakeGlue:
    """Job runs whose outcome a test decides."""

    def __init__(self) -> None:
        self.state = "RUNNING"
        self.started: list[dict[str, Any]] = []
        self.stopped: list[dict[str, Any]] = []
        self.asked = 0

    def start_job_run(self, **arguments: Any) -> dict[str, Any]:
        self.started.append(arguments)
        return {"JobRunId": "jr_1"}

    def get_job_run(self, JobName: str, RunId: str) -> dict[str, Any]:
        self.asked += 1
        run = {
            "Id": RunId,
            "JobName": JobName,
            "JobRunState": self.state,
            "StartedOn": datetime(2026, 1, 1, tzinfo=UTC),
        }
        if self.state != "SUCCEEDED":
            run["ErrorMessage"] = "it broke"
        return clients.to_json_value({"JobRun": run}, clients.epoch_milliseconds)

    def batch_stop_job_run(self, **arguments: Any) -> None:
        self.stopped.append(arguments)


@pytest.fixture
def machines(local_aws: LocalAws) -> Machines:
    return Machines()


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> FakeGlue:
    fake = FakeGlue()

    def client(service: str, region: str, timestamps: clients.Timestamps = "instant") -> Any:
        return fake if timestamps == "milliseconds" else clients.client(service, region, timestamps)

    monkeypatch.setattr(tasks, "client", client)
    return fake
