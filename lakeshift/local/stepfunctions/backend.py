"""The Step Functions backend: definitions checked when created, executions that really run and can be stopped."""

from __future__ import annotations

import copy
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions import urls
from moto.stepfunctions.exceptions import InvalidExecutionInput
from moto.stepfunctions.models import StateMachine, StateMachineInstance
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from lakeshift.local.stepfunctions.definition import problems
from lakeshift.local.stepfunctions.errors import InvalidDefinition, StateMachineAlreadyExists
from lakeshift.local.stepfunctions.executions import LocalExecution

__all__ = ["LocalStepFunctionsBackend"]


class LocalStepFunctionsBackend(StepFunctionsParserBackend):
    """moto's interpreter, with names, aliases, stopping and validation as on AWS."""

    @property
    def _url_module(self) -> Any:
        return urls  # moto derives it from __module__, which is ours

    def create_state_machine(self, name: str, definition: str, roleArn: str, **more: Any) -> StateMachine:  # noqa: N803
        """Create, or answer with the same machine again; raises InvalidDefinition, StateMachineAlreadyExists."""
        _refuse_problems(definition)
        existing = self._revision_by_name(name)
        if existing is not None and (existing.definition, existing.roleArn) != (definition, roleArn):
            raise StateMachineAlreadyExists(f"State Machine Already Exists: '{existing.arn}'")
        return super().create_state_machine(name=name, definition=definition, roleArn=roleArn, **more)

    def update_state_machine(self, arn: str, definition: str | None = None, *args: Any, **more: Any) -> StateMachine:
        """Change the machine for executions from now on; raises InvalidDefinition."""
        if definition is not None:
            _refuse_problems(definition)
        return super().update_state_machine(arn, definition, *args, **more)

    def start_execution(
        self,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        trace_header: str | None = None,
    ) -> LocalExecution:
        """Start a machine, a version or an alias; raises ExecutionAlreadyExists, InvalidExecutionInput."""
        name = name or str(uuid.uuid4())
        self._validate_name(name)
        given = execution_input or "{}"
        try:
            json.loads(given)
        except ValueError as error:
            raise InvalidExecutionInput(f"Invalid State Machine Execution Input: '{error}'") from error
        machine, revision = self._revision(state_machine_arn)
        running = machine._handle_name_input_idempotency(name, given)
        if running is not None:
            return running  # type: ignore[no-any-return]
        execution = LocalExecution(
            name=name,
            sm_type=revision.sm_type,
            role_arn=revision.roleArn,
            exec_arn=f"{machine.arn.replace(':stateMachine:', ':execution:')}:{name}",
            account_id=self.account_id,
            region_name=self.region_name,
            state_machine=_snapshot(revision, machine.arn),
            start_date=datetime.now(UTC),
            cloud_watch_logging_session=None,
            input_data=given,
            trace_header=trace_header,
            activity_store={},
        )
        machine.executions.append(execution)
        execution.start()
        return execution

    def _revision(self, arn: str) -> tuple[StateMachine, StateMachineInstance]:
        """The machine that ``arn`` names, and the definition to run: its own, a version's, or its alias's."""
        source, _, last = arn.rpartition(":")
        machine = next((one for one in self.state_machines if one.arn == source), None)
        if machine is None:
            machine = self.describe_state_machine(arn)
            return machine, machine
        if last in machine.aliases:
            routes = machine.aliases[last].routing_configuration
            arn = max(routes, key=lambda route: int(route["weight"]))["stateMachineVersionArn"]
        return machine, self.describe_state_machine(arn)

    def stop_execution(self, execution_arn: str, error: str | None = None, cause: str | None = None) -> LocalExecution:
        """Abort a running execution at once; an ended one stays as it ended."""
        execution: LocalExecution = self.describe_execution(execution_arn)
        execution.stop(datetime.now(UTC), error, cause)
        return execution

    def _get_executions(self, execution_status: Any = None) -> list[LocalExecution]:
        """Those with a worker: only they can take a task token or have a Map run."""
        found = super()._get_executions(execution_status)
        return [one for one in found if one.exec_worker is not None and one.exec_worker.env is not None]

    def list_map_runs(self, execution_arn: str) -> dict[str, Any]:
        """The distributed Map runs of one execution."""
        return {"mapRuns": self.describe_execution(execution_arn=execution_arn).map_runs()}


def _refuse_problems(definition: str) -> None:
    found = problems(definition)
    if found:
        said = ", ".join(str(problem) for problem in found)
        raise InvalidDefinition(f"Invalid State Machine Definition: '{said}'")


def _snapshot(revision: StateMachineInstance, arn: str) -> StateMachineInstance:
    """The definition as it is now: a later update does not change a running execution."""
    plain = StateMachineInstance(arn, revision.name, revision.definition, revision.roleArn)
    plain.sm_type = revision.sm_type
    plain.loggingConfiguration = copy.deepcopy(revision.loggingConfiguration)
    return plain
