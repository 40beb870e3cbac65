"""The Step Functions API: state machines, their versions and aliases, and the check of a definition."""

from __future__ import annotations

from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.responses import StepFunctionResponse

from lakeshift.local.stepfunctions.definition import problems
from lakeshift.local.stepfunctions.errors import NotSupportedLocally

__all__ = ["MachineResponses"]

_PAGE: Final = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_"


class MachineResponses(StepFunctionResponse):
    """What moto's answers about machines lack."""

    stepfunction_backend: Any

    def describe_state_machine(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html."""
        answer: dict[str, Any] = super().describe_state_machine()._result
        machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
        revision = getattr(machine, "revision_id", None)
        return ActionResult(answer if revision is None else {**answer, "revisionId": revision})

    def validate_state_machine_definition(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html."""
        found = problems(self._get_param("definition"), self._get_param("type") or "STANDARD")
        most = self._get_int_param("maxResults") or 100
        diagnostics = [
            {"severity": "ERROR", "code": one.code, "message": one.message, "location": one.location}
            for one in found[:most]
        ]
        answer = {"result": "FAIL" if found else "OK", "diagnostics": diagnostics, "truncated": len(found) > most}
        return ActionResult(answer)

    def publish_state_machine_version(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_PublishStateMachineVersion.html."""
        version = self.stepfunction_backend.publish_version(
            self._get_param("stateMachineArn"), self._get_param("revisionId"), self._get_param("description")
        )
        return ActionResult({"creationDate": version.creation_date, "stateMachineVersionArn": version.arn})

    def list_state_machine_versions(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachineVersions.html."""
        machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
        versions = [machine.versions[number] for number in sorted(machine.versions, reverse=True)]
        listed = [{"stateMachineVersionArn": one.arn, "creationDate": one.creation_date} for one in versions]
        return ActionResult({"stateMachineVersions": listed})

    def delete_state_machine_version(self) -> ActionResult:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachineVersion.html."""
        self.stepfunction_backend.delete_version(self._get_param("stateMachineVersionArn"))
        return EmptyResult()

    @staticmethod
    def refused(operation: str, instead: str) -> NotSupportedLocally:
        """The error of an operation that is not there."""
        return NotSupportedLocally(f"{operation} is not supported locally. {instead} See {_PAGE}{operation}.html")
