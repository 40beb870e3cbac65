"""The Step Functions API over our backend: executions, their history, Map Runs, tokens and activities."""

from __future__ import annotations

import json
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.exceptions import InvalidToken

from lakeshift.local.stepfunctions.executions import LocalExecution
from lakeshift.local.stepfunctions.machine_responses import MachineResponses
from lakeshift.local.stepfunctions.testing import test_state
from lakeshift.local.stepfunctions.tokens import TOKENS

__all__ = ["LocalStepFunctionsResponse"]

_POLL_SECONDS: Final = 60.0  # GetActivityTask's long poll
_DATA: Final = ("input", "output", "parameters", "assignedVariables")


class LocalStepFunctionsResponse(MachineResponses):
    """Every operation that differs from moto's."""

    def start_execution(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html."""
        execution = self.stepfunction_backend.start_execution(
            self._get_param("stateMachineArn"),
            self._get_param("name"),
            self._get_param("input"),
            self._get_param("traceHeader"),
        )
        return ActionResult({"executionArn": execution.exec_arn, "startDate": execution.start_date})

    def start_sync_execution(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html."""
        execution = self.stepfunction_backend.run_execution(
            self._get_param("stateMachineArn"), self._get_param("name"), self._get_param("input")
        )
        seconds = (execution.stop_date - execution.start_date).total_seconds()
        billed = max(100, -(-int(seconds * 1000) // 100) * 100)
        billing = {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": billed}
        answer = {key: value for key, value in _facts(execution).items() if not key.startswith("redrive")}
        status = "FAILED" if execution.status == "ABORTED" else execution.status
        return ActionResult({**answer, "status": status, "billingDetails": billing})

    def redrive_execution(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html."""
        moment = self.stepfunction_backend.redrive_execution(
            self._get_param("executionArn"), self._get_param("clientToken")
        )
        return ActionResult({"redriveDate": moment})

    def describe_execution(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html."""
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        facts = _facts(execution)
        if self._get_param("includedData") == "METADATA_ONLY":
            for name in ("input", "output", "cause", "error"):
                facts.pop(name, None)
        return ActionResult(facts)

    def describe_state_machine_for_execution(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachineForExecution.html."""
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        source = execution.source
        answer = {
            "stateMachineArn": source.machine_arn,
            "name": source.name,
            "definition": source.definition,
            "roleArn": source.role_arn,
            "updateDate": execution.start_date,
            "loggingConfiguration": source.logging,
            "mapRunArn": execution.map_run_arn,
        }
        return ActionResult({key: value for key, value in answer.items() if value is not None})

    def list_executions(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html."""
        found = self.stepfunction_backend.executions_of(
            self._get_param("stateMachineArn"), self._get_param("mapRunArn")
        )
        status, redriven = self._get_param("statusFilter"), self._get_param("redriveFilter")
        kept = [
            one
            for one in found
            if status in (None, one.status) and redriven in (None, "REDRIVEN" if one.redrive_count else "NOT_REDRIVEN")
        ]
        return self._page("executions", [_item(one) for one in kept], 100)

    def stop_execution(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html."""
        execution = self.stepfunction_backend.stop_execution(
            self._get_param("executionArn"), error=self._get_param("error"), cause=self._get_param("cause")
        )
        return ActionResult({"stopDate": execution.stop_date})

    def get_execution_history(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html."""
        history = self.stepfunction_backend.describe_execution(self._get_param("executionArn")).history()
        if self._get_param("reverseOrder"):
            history.reverse()
        if self._get_param("includeExecutionData") is False:
            history = [_without_data(event) for event in history]
        return self._page("events", history, 1000)

    def _page(self, name: str, items: list[dict[str, Any]], most: int) -> ActionResult:
        token = self._get_param("nextToken")
        if token is not None and not token.isdecimal():
            raise InvalidToken("Invalid Token: 'Invalid token'")
        start = int(token or 0)
        end = start + (int(self._get_param("maxResults") or 0) or most)
        more = {"nextToken": str(end)} if end < len(items) else {}
        return ActionResult({name: items[start:end], **more})

    def list_map_runs(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListMapRuns.html."""
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        return self._page("mapRuns", [one.listed() for one in execution.map_runs], 100)

    def describe_map_run(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeMapRun.html."""
        return ActionResult(self.stepfunction_backend.map_run(self._get_param("mapRunArn")).described())

    def update_map_run(self) -> ActionResult:
        """Refused: a Map Run keeps the limits that it began with."""
        raise self.refused("UpdateMapRun", "Set MaxConcurrency and the tolerated failures in the definition.")

    def send_task_failure(self) -> ActionResult:
        """With its cause, which moto drops."""
        self.stepfunction_backend.send_task_failure(
            self._get_param("taskToken"), error=self._get_param("error"), cause=self._get_param("cause")
        )
        return EmptyResult()

    def get_activity_task(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html."""
        arn = self._get_param("activityArn")
        self.stepfunction_backend.describe_activity(arn)
        ticket = TOKENS.take(arn, self._get_param("workerName"), _POLL_SECONDS)
        return ActionResult({} if ticket is None else {"taskToken": ticket.token, "input": ticket.given})

    def test_state(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html."""
        names = ("definition", "input", "stateName", "inspectionLevel", "variables", "mock", "context", "roleArn")
        return ActionResult(test_state({name: self._get_param(name) for name in names}, self.region))


def _facts(execution: LocalExecution) -> dict[str, Any]:
    reason = execution.not_redrivable()
    status = "NOT_REDRIVABLE" if reason else "REDRIVABLE" if execution.map_run_arn is None else "REDRIVABLE_BY_MAP_RUN"
    answer = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine_arn,
        "stateMachineVersionArn": execution.source.version_arn,
        "stateMachineAliasArn": execution.source.alias_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.start_date,
        "stopDate": execution.stop_date,
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "traceHeader": execution.trace_header,
        "mapRunArn": execution.map_run_arn,
        "error": execution.error,
        "cause": execution.cause,
        "redriveCount": execution.redrive_count,
        "redriveDate": execution.redrive_date,
        "redriveStatus": status,
        "redriveStatusReason": reason,
    }
    if execution.status == "SUCCEEDED":
        output = json.dumps(execution.output, separators=(",", ":"), ensure_ascii=False)
        answer |= {"output": output, "outputDetails": {"included": True}}
    return {key: value for key, value in answer.items() if value is not None}


def _item(execution: LocalExecution) -> dict[str, Any]:
    names = ("executionArn", "stateMachineArn", "stateMachineVersionArn", "stateMachineAliasArn", "name", "status")
    facts = _facts(execution)
    kept = (*names, "startDate", "stopDate", "mapRunArn", "redriveCount", "redriveDate")
    return {name: facts[name] for name in kept if name in facts}


def _without_data(event: dict[str, Any]) -> dict[str, Any]:
    return {
        key: {name: inner for name, inner in value.items() if name not in _DATA} if isinstance(value, dict) else value
        for key, value in event.items()
    }
