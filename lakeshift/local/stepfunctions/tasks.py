"""Repairs of moto's task states: names, casing, values, and ``.sync`` for services without task tokens."""

from __future__ import annotations

from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from lakeshift.local.stepfunctions.clients import Timestamps, client
from lakeshift.local.stepfunctions.names import boto_service, error_prefix
from lakeshift.local.stepfunctions.symbols import ASL, rebind, replace, symbol

__all__ = ["install"]

_TASKS: Final = ASL + "component.state.exec.state_task."
_SERVICE: Final = _TASKS + "service.state_task_service"
_MAP: Final = ASL + "component.state.exec.state_map."
_CALLERS: Final = ("aws_sdk", "batch", "dynamodb", "ecs", "events", "sfn", "sns", "sqs", "unsupported")
_READERS: Final = ("item_reader.eval.resource_eval_s3", "result_writer.resource_eval.resource_eval_s3")


def install() -> None:
    """Put every repair of a task state in its place; raises LakeshiftError where moto lacks a symbol."""
    _install_clients()
    _install_casing()
    replace(f"{_SERVICE}_callback:_DELAY_SECONDS_SYNC_CONDITION_CHECK", 0.2)
    _install_sync()
    _install_glue()
    replace(f"{_SERVICE}_aws_sdk:StateTaskServiceAwsSdk._normalise_service_error_name", staticmethod(error_prefix))


def _install_clients() -> None:
    def client_for(region: str, service: str, state_credentials: Any = None) -> Any:  # noqa: ARG001 - no roles here
        return client(service, region)

    def raw_client_for(region: str, service: str, state_credentials: Any = None) -> Any:  # noqa: ARG001
        return client(service, region, "raw")

    rebind(f"{ASL}utils.boto_client:boto_client_for", client_for, [f"{_SERVICE}_{name}" for name in _CALLERS])
    for reader in _READERS:
        replace(f"{_MAP}{reader}:boto_client_for", raw_client_for)


def _install_casing() -> None:
    """Parameters and results are PascalCase in a definition; moto leaves both conversions empty."""
    service = symbol(f"{_SERVICE}:StateTaskService")

    def name_of(self: Any, name: str | None = None) -> str:
        return boto_service(name or self.resource.api_name)

    def shapes(self: Any, name: str | None, action: str | None) -> Any:
        meta = client(self._get_boto_service_name(name), "us-east-1").meta
        operation = meta.method_to_api_mapping.get(self._get_boto_service_action(action))
        return meta.service_model.operation_model(operation) if operation else None

    def normalise_parameters(
        self: Any, parameters: Any, boto_service_name: str | None = None, service_action_name: str | None = None
    ) -> None:
        operation = shapes(self, boto_service_name, service_action_name)
        if operation is not None and operation.input_shape is not None:
            self._to_boto_request(parameters, operation.input_shape)

    def normalise_response(
        self: Any, response: Any, boto_service_name: str | None = None, service_action_name: str | None = None
    ) -> None:
        operation = shapes(self, boto_service_name, service_action_name)
        if operation is not None and isinstance(response, dict):
            cased = _cased(response, operation.output_shape, service._to_sfn_cased)
            response.clear()
            response.update(cased)

    replace(f"{_SERVICE}:StateTaskService._get_boto_service_name", name_of)
    replace(f"{_SERVICE}:StateTaskService._normalise_parameters", normalise_parameters)
    replace(f"{_SERVICE}:StateTaskService._normalise_response", normalise_response)


def _cased(value: Any, shape: Shape | None, name: Any) -> Any:
    """``value`` with the members of its structures in PascalCase, at every depth."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = shape.members
        return {
            (name(key) if key in members else key): _cased(inner, members.get(key), name)
            for key, inner in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_cased(inner, shape.member, name) for inner in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: _cased(inner, shape.value, name) for key, inner in value.items()}
    return value


def _install_sync() -> None:
    """Wait without a callback endpoint where there are no task tokens; moto interrupts one that is not there."""
    conditions = symbol(f"{_SERVICE}_callback:ResourceCondition")

    def wait(
        self: Any, env: Any, resource_runtime_part: Any, normalised_parameters: Any, state_credentials: Any
    ) -> None:
        if conditions.WaitForTaskToken in self._supported_integration_patterns:
            with_callback(self, env, resource_runtime_part, normalised_parameters, state_credentials)
            return
        build = self._build_sync_resolver if self.resource.condition == conditions.Sync else self._build_sync2_resolver
        resolver = build(
            env=env,
            resource_runtime_part=resource_runtime_part,
            normalised_parameters=normalised_parameters,
            state_credentials=state_credentials,
        )
        outcome = self._eval_sync(
            env=env, sync_resolver=resolver, timeout_seconds=None, callback_endpoint=None, heartbeat_endpoint=None
        )
        if outcome is None and hasattr(resolver, "cancel"):
            resolver.cancel()  # the execution was stopped or the state timed out: AWS cancels the job run too
        env.stack.append(outcome)

    with_callback = replace(f"{_SERVICE}_callback:StateTaskServiceCallback._eval_integration_pattern", wait)


class _JobRunWait:
    """Asks for a job run until it has ended; ``cancel`` stops the run."""

    def __init__(self, ask: Any, glue: Any, started: dict[str, str]) -> None:
        self._ask, self._glue, self._started = ask, glue, started

    def __call__(self) -> Any:
        return self._ask()

    def cancel(self) -> None:
        """Stop the run, as a service-linked `.sync` does when it is aborted."""
        self._glue.batch_stop_job_run(JobName=self._started["JobName"], JobRunIds=[self._started["JobRunId"]])


def _install_glue() -> None:
    """Timestamps of a run in milliseconds, runs that expired in the queue, and cancelling."""
    module = f"{_SERVICE}_glue"
    for states in ("_JOB_RUN_STATE_ABNORMAL_TERMINAL_VALUE", "_JOB_RUN_STATE_TERMINAL_VALUES"):
        symbol(f"{module}:{states}").update({"EXPIRED", "STOPPED"} if "ABNORMAL" in states else {"EXPIRED"})

    def glue_client(resource_runtime_part: Any, state_credentials: Any) -> Any:  # noqa: ARG001 - no roles here
        return client("glue", resource_runtime_part.region, _MILLISECONDS)

    def sync_to_start_job_run(self: Any, env: Any, part: Any, parameters: Any, credentials: Any) -> _JobRunWait:
        started = dict(env.stack[-1])
        return _JobRunWait(build(self, env, part, parameters, credentials), glue_client(part, credentials), started)

    replace(f"{module}:StateTaskServiceGlue._get_glue_client", staticmethod(glue_client))
    build = replace(f"{module}:StateTaskServiceGlue._sync_to_start_job_run", sync_to_start_job_run)


_MILLISECONDS: Final[Timestamps] = "milliseconds"
