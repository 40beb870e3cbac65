"""The Step Functions backend: definitions checked when created, executions that really run, stop and go on."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from moto.stepfunctions import urls
from moto.stepfunctions.exceptions import (
    ExecutionAlreadyExists,
    ExecutionDoesNotExist,
    InvalidArn,
    InvalidExecutionInput,
    InvalidToken,
    ResourceNotFound,
)
from moto.stepfunctions.models import StateMachine, StateMachineInstance, StepFunctionBackend

from lakeshift.local.stepfunctions.definition import problems
from lakeshift.local.stepfunctions.engine.state import LARGEST
from lakeshift.local.stepfunctions.errors import (
    ConflictException,
    ExecutionNotRedrivable,
    InvalidDefinition,
    InvalidOutput,
    StateMachineAlreadyExists,
    StateMachineTypeNotSupported,
    TaskTimedOut,
)
from lakeshift.local.stepfunctions.executions import LocalExecution, Source
from lakeshift.local.stepfunctions.map_runs import MapRun
from lakeshift.local.stepfunctions.tokens import TOKENS, Answer, Verdict

__all__ = ["LocalStepFunctionsBackend"]


class LocalStepFunctionsBackend(StepFunctionBackend):
    """State machines by moto; their executions, versions and tokens are ours."""

    @property
    def _url_module(self) -> Any:
        return urls  # moto derives it from __module__, which is ours

    def create_state_machine(self, name: str, definition: str, roleArn: str, **more: Any) -> StateMachine:  # noqa: N803
        """Create, or answer with the same machine again; raises InvalidDefinition, StateMachineAlreadyExists."""
        _refuse_problems(definition, more.get("sm_type"))
        existing = next((one for one in self.state_machines if one.name == name), None)
        if existing is not None:
            wanted = (definition, roleArn, more.get("sm_type") or "STANDARD")
            if (existing.definition, existing.roleArn, existing.type) != wanted:
                raise StateMachineAlreadyExists(f"State Machine Already Exists: '{existing.arn}'")
        return super().create_state_machine(name=name, definition=definition, roleArn=roleArn, **more)

    def update_state_machine(self, arn: str, definition: str | None = None, *args: Any, **more: Any) -> StateMachine:
        """Change the machine for executions from now on; raises InvalidDefinition."""
        machine = self.describe_state_machine(arn)
        if definition is not None:
            _refuse_problems(definition, machine.type)
        publish = more.pop("publish", None)
        description = more.pop("version_description", None)
        machine = super().update_state_machine(arn, definition, *args, **more)
        machine.revision_id = str(uuid.uuid4())
        if publish:
            self.publish_version(arn, None, description)
        return machine

    def delete_state_machine(self, arn: str) -> None:
        """Its executions end too, as on AWS."""
        for machine in [one for one in self.state_machines if one.arn == arn]:
            for execution in self._standard(machine):
                execution.stop(None, "The state machine was deleted.")
        super().delete_state_machine(arn)

    def publish_version(self, arn: str, revision: str | None, description: str | None) -> Any:
        """The machine as it is now under the next number; the newest version again where nothing has changed."""
        machine = self.describe_state_machine(arn)
        current = getattr(machine, "revision_id", None)
        if revision is not None and revision != (current or "INITIAL"):
            raise ConflictException(f"Failed to publish the State Machine version for revision {revision}.")
        newest = machine.latest_version
        if newest is None or getattr(newest, "revision_id", None) != current:
            machine.publish(description)
            newest = machine.latest_version
            newest.revision_id = current
        return newest

    def delete_version(self, arn: str) -> None:
        """Forget a version; raises ConflictException while an alias points at it."""
        source, _, number = arn.rpartition(":")
        machine = next((one for one in self.state_machines if one.arn == source), None)
        if machine is None or not number.isdecimal():
            return
        users = [alias.name for alias in machine.aliases.values() if arn in _versions(alias)]
        if users:
            raise ConflictException(
                f"Version to be deleted must not be referenced by an alias. Current list of aliases referencing this "
                f"version: [{', '.join(users)}]"
            )
        machine.versions.pop(int(number), None)

    def start_execution(
        self,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        trace_header: str | None = None,
    ) -> LocalExecution:
        """Start a machine, a version or an alias; raises ExecutionAlreadyExists, InvalidExecutionInput."""
        machine, execution = self._prepared(state_machine_arn, name, execution_input)
        execution.trace_header = trace_header
        if not execution.source.express:
            for other in self._standard(machine):
                if other.name != execution.name:
                    continue
                if other.status == "RUNNING" and other.execution_input == execution.execution_input:
                    return other
                raise ExecutionAlreadyExists(f"Execution Already Exists: '{other.execution_arn}'")
            machine.executions.append(execution)
        execution.start()
        return execution

    def run_execution(self, state_machine_arn: str, name: str | None, execution_input: str | None) -> LocalExecution:
        """StartSyncExecution: run an EXPRESS machine to its end."""
        _, execution = self._prepared(state_machine_arn, name, execution_input)
        if not execution.source.express:
            raise StateMachineTypeNotSupported("This operation is not supported by this type of state machine")
        execution.run_here()
        return execution

    def _prepared(self, arn: str, name: str | None, given: str | None) -> tuple[StateMachine, LocalExecution]:
        name, given = name or str(uuid.uuid4()), given or "{}"
        self._validate_name(name)
        if len(given.encode()) > LARGEST:
            raise InvalidExecutionInput(f"Invalid State Machine Execution Input: 'it is larger than {LARGEST} bytes'")
        try:
            json.loads(given)
        except ValueError as error:
            raise InvalidExecutionInput(f"Invalid State Machine Execution Input: '{error}'") from error
        machine, source = self._source(arn)
        if source.express:
            made = f"{machine.arn.replace(':stateMachine:', ':express:')}:{name}:{uuid.uuid4()}"
        else:
            made = f"{machine.arn.replace(':stateMachine:', ':execution:')}:{name}"
        return machine, LocalExecution(made, name, source, given)

    def _source(self, arn: str) -> tuple[StateMachine, Source]:
        """The machine that ``arn`` names, and the definition to run: its own, a version's, or its alias's."""
        base, _, last = arn.rpartition(":")
        machine = next((one for one in self.state_machines if one.arn == base), None)
        if machine is None:
            machine = self.describe_state_machine(arn)
            return machine, _frozen(machine, machine)
        alias = machine.aliases.get(last)
        version = _drawn(alias.routing_configuration) if alias is not None else arn
        return machine, _frozen(machine, self.describe_state_machine(version), version, arn if alias else None)

    def describe_execution(self, execution_arn: str) -> LocalExecution:
        """A standard execution, or a child of a Map Run; raises ExecutionDoesNotExist, InvalidArn."""
        if ":express:" in execution_arn:
            raise InvalidArn("Invalid Arn: 'Resource type not valid in this context: express'")
        self._validate_execution_arn(execution_arn)
        found = next((one for one in self._everything() if one.exec_arn == execution_arn), None)
        if found is None:
            raise ExecutionDoesNotExist(f"Execution Does Not Exist: '{execution_arn}'")
        return found

    def stop_execution(self, execution_arn: str, error: str | None = None, cause: str | None = None) -> LocalExecution:
        """Abort a running execution at once; an ended one stays as it ended."""
        execution = self.describe_execution(execution_arn)
        execution.stop(error, cause)
        return execution

    def redrive_execution(self, execution_arn: str, token: str | None) -> datetime:
        """Go on from where it failed; raises ExecutionNotRedrivable. The same token again redrives once."""
        execution = self.describe_execution(execution_arn)
        if token is not None and token == execution.redrive_token and execution.redrive_date is not None:
            return execution.redrive_date
        reason = execution.not_redrivable()
        if reason is None and execution.map_run_arn is not None:
            reason = "Execution is part of a Map Run and can be redriven only by redriving its parent"
        if reason is not None:
            raise ExecutionNotRedrivable(f"Execution Not Redrivable: '{reason}'")
        execution.redrive()
        execution.redrive_token = token
        return execution.redrive_date or execution.start_date

    def executions_of(self, machine_arn: str | None, map_run_arn: str | None) -> list[LocalExecution]:
        """Newest first: a machine's, a version's or alias's, or a Map Run's children."""
        if map_run_arn is not None:
            found = list(self.map_run(map_run_arn).children.values())
        else:
            machine, _ = self._source(str(machine_arn))
            if machine.type == "EXPRESS":
                raise StateMachineTypeNotSupported("This operation is not supported by this type of state machine")
            found = [
                one
                for one in self._standard(machine)
                if machine_arn in (machine.arn, one.source.version_arn, one.source.alias_arn)
            ]
        return sorted(found, key=lambda one: one.start_date, reverse=True)

    def map_run(self, arn: str) -> MapRun:
        """A Map Run by its ARN; raises ResourceNotFound."""
        for one in self._everything():
            for found in one.map_runs:
                if found.arn == arn:
                    return found
        raise ResourceNotFound(arn)

    def _standard(self, machine: StateMachine) -> list[LocalExecution]:
        return list(machine.executions)

    def _everything(self) -> Iterator[LocalExecution]:
        for machine in list(self.state_machines):
            for execution in self._standard(machine):
                yield execution
                for one in list(execution.map_runs):
                    yield from list(one.children.values())

    def send_task_success(self, task_token: str, outcome: str) -> None:
        """Raises InvalidOutput, InvalidToken, TaskTimedOut."""
        try:
            output = json.loads(outcome)
        except ValueError as error:
            raise InvalidOutput(f"Invalid Output: '{error}'") from error
        _taken(TOKENS.answer(task_token, Answer(succeeded=True, output=output)))

    def send_task_failure(self, task_token: str, error: str | None = None, cause: str | None = None) -> None:
        """Raises InvalidToken, TaskTimedOut."""
        _taken(TOKENS.answer(task_token, Answer(succeeded=False, error=error, cause=cause)))

    def send_task_heartbeat(self, task_token: str) -> None:
        """Raises InvalidToken, TaskTimedOut."""
        _taken(TOKENS.beat(task_token))


def _taken(verdict: Verdict) -> None:
    if verdict == "timed out":
        raise TaskTimedOut("Task Timed Out: 'Provided task does not exist anymore'")
    if verdict == "unknown":
        raise InvalidToken("Invalid Token: 'Invalid token'")


def _refuse_problems(definition: str, kind: str | None) -> None:
    found = problems(definition, kind or "STANDARD")
    if found:
        said = ", ".join(str(problem) for problem in found)
        raise InvalidDefinition(f"Invalid State Machine Definition: '{said}'")


def _versions(alias: Any) -> list[str]:
    return [route["stateMachineVersionArn"] for route in alias.routing_configuration]


def _drawn(routes: list[dict[str, Any]]) -> str:
    """A version by the routes' weights."""
    arns: list[str] = [route["stateMachineVersionArn"] for route in routes]
    return random.choices(arns, [int(route["weight"]) for route in routes])[0]  # noqa: S311 - traffic, no secret


def _frozen(
    machine: StateMachine, revision: StateMachineInstance, version: str | None = None, alias: str | None = None
) -> Source:
    """The definition as it is now: a later update does not change a running execution."""
    logging = dict(revision.loggingConfiguration)
    return Source(
        machine.arn, machine.name, revision.definition, revision.roleArn, machine.type, logging, version, alias
    )
