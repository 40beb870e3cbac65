"""State machines: https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.deploy.adapters import documents
from lakeshift.deploy.adapters.base import Adapter, Live, Properties
from lakeshift.deploy.adapters.cases import lower, upper
from lakeshift.deploy.session import AwsSession

__all__ = ["StateMachine"]

_NAMES: Final = {
    "StateMachineName": "name",
    "StateMachineType": "type",
    "RoleArn": "roleArn",
    "DefinitionString": "definition",
    "LoggingConfiguration": "loggingConfiguration",
    "TracingConfiguration": "tracingConfiguration",
}


class StateMachine(Adapter):
    """A state machine; its definition is always sent whole."""

    type = "AWS::StepFunctions::StateMachine"
    identity = ("StateMachineName",)
    tagged = ("stepfunctions", "arn:aws:states:{Region}:{Account}:stateMachine:{Name}")
    fixed = frozenset({"StateMachineType"})
    volatile = frozenset({"StateMachineRevisionId"})

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """Its definition as text."""
        absent = ("StateMachineDoesNotExist",)
        found = aws.find("stepfunctions", "describe_state_machine", absent, stateMachineArn=_arn(aws, want))
        if found is None:
            return None
        told = {key: upper(found[name]) for key, name in _NAMES.items() if name in found}
        return Live(told, {"StateMachineRevisionId": found.get("revisionId") or "INITIAL"})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags."""
        listed = [{"key": key, "value": value} for key, value in tags.items()]
        aws.call("stepfunctions", "create_state_machine", tags=listed, **_parameters(want))

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """The parts that differ."""
        parameters = {_NAMES[key] for key in changed}
        given = {name: value for name, value in _parameters(want).items() if name in parameters}
        aws.call("stepfunctions", "update_state_machine", stateMachineArn=_arn(aws, want), **given)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """Once its executions have ended."""
        aws.call("stepfunctions", "delete_state_machine", stateMachineArn=_arn(aws, want))

    def comparable(self, properties: Properties) -> Properties:
        """The definition as what it says."""
        return {**properties, "DefinitionString": documents.parsed(properties.get("DefinitionString"))}


def _arn(aws: AwsSession, want: Properties) -> str:
    return f"arn:aws:states:{aws.region}:{aws.account()}:stateMachine:{want['StateMachineName']}"


def _parameters(want: Properties) -> dict[str, Any]:
    return {_NAMES[key]: lower(value) for key, value in want.items()}
