"""TestState: one state by itself, with what its fields made of the input."""

from __future__ import annotations

import json
import uuid
from typing import Any, Final

from moto.stepfunctions.exceptions import ValidationException

from lakeshift.local import clock
from lakeshift.local.context import ACCOUNT
from lakeshift.local.stepfunctions.clients import instant
from lakeshift.local.stepfunctions.definition import state_problems
from lakeshift.local.stepfunctions.engine.history import History
from lakeshift.local.stepfunctions.engine.machine import run_state
from lakeshift.local.stepfunctions.engine.position import Position
from lakeshift.local.stepfunctions.engine.scope import Run, Scope
from lakeshift.local.stepfunctions.engine.state import compact
from lakeshift.local.stepfunctions.engine.work import Retriable
from lakeshift.local.stepfunctions.errors import InvalidDefinition
from lakeshift.local.stepfunctions.language.failure import StateFailure

__all__ = ["test_state"]

_TRACED: Final = (
    "afterInputPath",
    "afterParameters",
    "afterArguments",
    "result",
    "afterResultSelector",
    "afterResultPath",
)
_WAITING: Final = (".sync", ".sync:2", ".waitForTaskToken")


def test_state(given: dict[str, Any], region: str) -> dict[str, Any]:
    """Run the state once, without its retries; raises InvalidDefinition, ValidationException.

    https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
    """
    name, definition, language = _state(given)
    mock = given.get("mock")
    _refuse_untestable(definition, mock)
    value = json.loads(given.get("input") or "{}")
    run = Run(_facts(given, value, region), History([]), region, language, testing=True, mock=mock)
    scope = Scope(run, Position(), variables=json.loads(given.get("variables") or "{}"))
    answer = _answer(scope, name, definition, value)
    if given.get("inspectionLevel") in ("DEBUG", "TRACE"):
        seen = {key: compact(run.trace[key]) for key in _TRACED if key in run.trace}
        answer["inspectionData"] = {"input": compact(value), **seen}
    return answer


def _state(given: dict[str, Any]) -> tuple[str, dict[str, Any], str]:
    try:
        whole = json.loads(given["definition"])
    except ValueError as error:
        raise InvalidDefinition(f"Invalid State Machine Definition: '{error}'") from error
    language = whole.get("QueryLanguage", "JSONPath")
    name = given.get("stateName") or "State"
    definition = whole["States"].get(name) if "States" in whole else whole
    if definition is None:
        raise ValidationException(f"State '{name}' is not in the definition")
    found = state_problems(definition, language)
    if found:
        raise InvalidDefinition(f"Invalid State Machine Definition: '{', '.join(map(str, found))}'")
    return name, definition, language


def _refuse_untestable(definition: dict[str, Any], mock: Any) -> None:
    resource = str(definition.get("Resource", ""))
    needs_mock = ":activity:" in resource or resource.endswith(_WAITING) or definition["Type"] in ("Map", "Parallel")
    if needs_mock and (mock is None or definition["Type"] != "Task"):
        raise ValidationException(
            "TestState does not run activities, .sync, .waitForTaskToken, Map and Parallel without a mock; the local "
            "AWS mocks Task states only. Start a state machine instead."
        )


def _facts(given: dict[str, Any], value: Any, region: str) -> dict[str, Any]:
    name = str(uuid.uuid4())
    arn = f"arn:aws:states:{region}:{ACCOUNT}:express:TestState:{name}"
    execution = {
        "Id": arn,
        "Input": value,
        "Name": name,
        "RoleArn": given.get("roleArn"),
        "StartTime": instant(clock.now()),
    }
    machine = {"Id": f"arn:aws:states:{region}:{ACCOUNT}:stateMachine:TestState", "Name": "TestState"}
    return {"Execution": execution, "StateMachine": machine, **json.loads(given.get("context") or "{}")}


def _answer(scope: Scope, name: str, definition: dict[str, Any], value: Any) -> dict[str, Any]:
    try:
        output, following = run_state(scope, name, definition, value)
    except Retriable as verdict:
        return {"status": "RETRIABLE", **verdict.failure.details}
    except StateFailure as failure:
        return {"status": "FAILED", **failure.details}
    caught = scope.run.trace.get("caught")
    told = {"status": "SUCCEEDED"} if caught is None else {"status": "CAUGHT_ERROR", **caught.details}
    answer = {**told, "output": compact(output)}
    return answer if following is None else {**answer, "nextState": following}
