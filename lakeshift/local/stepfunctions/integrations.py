"""What the optimized integrations do of their own: parameters, answers, errors, and what ``.sync`` waits for.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

from lakeshift.local.stepfunctions.language.failure import StateFailure
from lakeshift.local.stepfunctions.names import error_prefix
from lakeshift.local.stepfunctions.resources import Resource

__all__ = ["JOBS", "Job", "answered", "failure", "prepared"]

Ask = Callable[[str, dict[str, Any]], Any]
_NAMES: Final = {"sns": "SNS", "sqs": "SQS", "states": "StepFunctions", "dynamodb": "DynamoDB", "events": "Events"}


def prepared(resource: Resource, given: Any, context: dict[str, Any]) -> Any:
    """The parameters as the service gets them."""
    if not resource.optimized or not isinstance(given, dict):
        return given
    if resource.service == "states":
        return {**given, "Input": _text(given.get("Input", {}))}
    if resource.service == "events":
        ids = [context["Execution"]["Id"], context["StateMachine"]["Id"]]
        for entry in given.get("Entries", []):
            entry["Resources"] = [*entry.get("Resources", []), *ids]
    return given


def answered(resource: Resource, action: str, parameters: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """The answer as the state gets it; raises StateFailure where the service refused a part."""
    if not resource.optimized:
        return answer
    if action == "startJobRun":
        return {**answer, "JobName": parameters["JobName"]}
    if action == "putEvents" and answer.get("FailedEntryCount"):
        raise StateFailure("EventBridge.FailedEntry", json.dumps(answer))
    return answer


def failure(resource: Resource, error: ClientError) -> StateFailure:
    """The service's error by the name that Retry and Catch match: ``Glue.EntityNotFoundException``."""
    said, facts = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    message, status, request = said.get("Message", ""), facts.get("HTTPStatusCode"), facts.get("RequestId")
    if not resource.optimized:
        prefix = error_prefix(resource.service)
        kind = type(error).__name__
        name = _exception(f"{prefix}.{prefix if kind == 'ClientError' else kind}")
        return StateFailure(name, f"{message} (Service: {prefix}, Status Code: {status}, Request ID: {request})")
    prefix = _NAMES.get(resource.service, error_prefix(resource.service))
    code = str(said.get("Code", ""))
    cause = f"{message} (Service: {_SERVICES.get(prefix, f'AWS{prefix}')}; Status Code: {status}; Error Code: {code}; Request ID: {request}; Proxy: null)"  # noqa: E501
    return StateFailure(_exception(f"{prefix}.{code}"), cause)


_SERVICES: Final = {"SNS": "AmazonSNS", "SQS": "AmazonSQS", "DynamoDB": "AmazonDynamoDBv2", "Athena": "AmazonAthena"}


def _exception(name: str) -> str:
    return name if name.endswith("Exception") else f"{name}Exception"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class Job(Protocol):
    """What a ``.sync`` task started."""

    running: bool

    def look(self, ask: Ask) -> Any:
        """Its description once it has ended, else None; raises StateFailure where it failed."""

    def cancel(self, ask: Ask) -> None:
        """Stop it."""

    def result(self, found: Any, pattern: str) -> Any:
        """The state's result."""


class _JobRun:
    """A Glue job run: https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html."""

    _RUNNING: Final = ("STARTING", "RUNNING", "STOPPING", "WAITING")

    def __init__(self, started: dict[str, Any]) -> None:
        self.name, self.id = started["JobName"], started["JobRunId"]
        self.running = True

    def look(self, ask: Ask) -> Any:
        run = {**ask("getJobRun", {"JobName": self.name, "RunId": self.id})["JobRun"], "JobName": self.name}
        if run["JobRunState"] in self._RUNNING:
            return None
        self.running = False
        if run["JobRunState"] != "SUCCEEDED":
            raise StateFailure("States.TaskFailed", _text(run))
        return run

    def cancel(self, ask: Ask) -> None:
        ask("batchStopJobRun", {"JobName": self.name, "JobRunIds": [self.id]})

    def result(self, found: Any, pattern: str) -> Any:  # noqa: ARG002 - the same in every pattern
        return found


class _Execution:
    """An execution: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html."""

    def __init__(self, started: dict[str, Any]) -> None:
        self.arn = started["ExecutionArn"]
        self.running = True

    def look(self, ask: Ask) -> Any:
        found = ask("describeExecution", {"executionArn": self.arn})
        if found["Status"] == "RUNNING":
            return None
        self.running = False
        if found["Status"] != "SUCCEEDED":
            raise StateFailure("States.TaskFailed", _text(found))
        return found

    def cancel(self, ask: Ask) -> None:
        ask("stopExecution", {"executionArn": self.arn})

    def result(self, found: Any, pattern: str) -> Any:
        """Input and output as JSON with ``.sync:2``, as text with ``.sync``."""
        if pattern != "sync:2":
            return found
        return {**found, **{name: json.loads(found[name]) for name in ("Input", "Output") if name in found}}


class _Query:
    """An Athena query: https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html."""

    def __init__(self, started: dict[str, Any]) -> None:
        self.id = started["QueryExecutionId"]
        self.running = True

    def look(self, ask: Ask) -> Any:
        found = ask("getQueryExecution", {"QueryExecutionId": self.id})
        state = found["QueryExecution"]["Status"]["State"]
        if state in ("QUEUED", "RUNNING"):
            return None
        self.running = False
        if state != "SUCCEEDED":
            raise StateFailure("States.TaskFailed", _text(found["QueryExecution"]))
        return found

    def cancel(self, ask: Ask) -> None:
        ask("stopQueryExecution", {"QueryExecutionId": self.id})

    def result(self, found: Any, pattern: str) -> Any:  # noqa: ARG002 - the same in every pattern
        return found


JOBS: Final[dict[str, Callable[[dict[str, Any]], Job]]] = {
    "glue": _JobRun,
    "states": _Execution,
    "athena": _Query,
}
