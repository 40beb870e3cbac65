"""The Step Functions API over our backend, with what moto's answers lack."""

from __future__ import annotations

import json
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.exceptions import InvalidToken
from moto.stepfunctions.responses import StepFunctionResponse

from lakeshift.local.stepfunctions.definition import problems
from lakeshift.local.stepfunctions.errors import NotSupportedLocally
from lakeshift.local.stepfunctions.executions import LocalExecution

__all__ = ["LocalStepFunctionsResponse"]

_PAGE = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_"


class LocalStepFunctionsResponse(StepFunctionResponse):
    """Every operation that differs from moto's."""

    def describe_execution(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html."""
        execution: LocalExecution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        answer = {
            "executionArn": execution.exec_arn,
            "stateMachineArn": execution.state_machine_arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": execution.start_date,
            "stopDate": execution.stop_date,
            "input": execution.execution_input,
            "inputDetails": {"included": True},
            "error": execution.error,
            "cause": execution.cause,
            "redriveCount": 0,
        }
        if execution.status == "SUCCEEDED":
            output = json.dumps(execution.output, separators=(",", ":"))
            answer |= {"output": output, "outputDetails": {"included": True}}
        return ActionResult({key: value for key, value in answer.items() if value is not None})

    def list_executions(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html."""
        executions, token = self.stepfunction_backend.list_executions(
            self._get_param("stateMachineArn"),
            status_filter=self._get_param("statusFilter"),
            max_results=self._get_int_param("maxResults"),
            next_token=self._get_param("nextToken"),
        )
        items = [_item(execution) for execution in executions]
        return ActionResult({"executions": items, "nextToken": token})

    def stop_execution(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html."""
        execution = self.stepfunction_backend.stop_execution(
            self._get_param("executionArn"), error=self._get_param("error"), cause=self._get_param("cause")
        )
        return ActionResult({"stopDate": execution.stop_date})

    def get_execution_history(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html."""
        execution: LocalExecution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        history = execution.history()
        if self._get_param("reverseOrder"):
            history.reverse()
        start = _position(self._get_param("nextToken"))
        end = start + (int(self._get_param("maxResults") or 0) or 1000)
        answer: dict[str, Any] = {"events": history[start:end]}
        if end < len(history):
            answer["nextToken"] = str(end)
        return ActionResult(answer)

    def send_task_failure(self) -> ActionResult:
        """With its cause, which moto drops."""
        self.stepfunction_backend.send_task_failure(
            self._get_param("taskToken"), error=self._get_param("error"), cause=self._get_param("cause")
        )
        return EmptyResult()

    def validate_state_machine_definition(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html."""
        found = problems(self._get_param("definition"))
        diagnostics = [
            {"severity": "ERROR", "code": one.code, "message": one.message, "location": one.location} for one in found
        ]
        return ActionResult({"result": "FAIL" if found else "OK", "diagnostics": diagnostics, "truncated": False})

    def publish_state_machine_version(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_PublishStateMachineVersion.html."""
        machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
        machine.publish(self._get_param("description"))
        version = machine.latest_version
        return ActionResult({"creationDate": version.creation_date, "stateMachineVersionArn": version.arn})

    def list_state_machine_versions(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachineVersions.html."""
        machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
        versions = [machine.versions[number] for number in sorted(machine.versions, reverse=True)]
        listed = [{"stateMachineVersionArn": one.arn, "creationDate": one.creation_date} for one in versions]
        return ActionResult({"stateMachineVersions": listed})

    def start_sync_execution(self) -> ActionResult:
        """Refused: express workflows."""
        raise _refused("StartSyncExecution", "Use StartExecution and DescribeExecution.")

    def redrive_execution(self) -> ActionResult:
        """Refused until a failed execution can go on where it failed."""
        raise _refused("RedriveExecution", "Start a new execution: the jobs' bookmarks leave out what is done.")

    def test_state(self) -> ActionResult:
        """Refused."""
        raise _refused("TestState", "Create a state machine of that one state and start it.")


def _refused(operation: str, instead: str) -> NotSupportedLocally:
    return NotSupportedLocally(f"{operation} is not supported locally. {instead} See {_PAGE}{operation}.html")


def _item(execution: LocalExecution) -> dict[str, Any]:
    item = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.start_date,
    }
    return item if execution.stop_date is None else {**item, "stopDate": execution.stop_date}


def _position(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdecimal():
        raise InvalidToken(token)
    return int(token)
