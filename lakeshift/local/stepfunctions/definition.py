"""Is this Amazon States Language? Pure: a definition's text in, a list of problems out.

The rules are those of https://states-language.net/spec.html and of CreateStateMachine
(https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lakeshift.local.stepfunctions.resources import resource_problem

__all__ = ["Problem", "problems"]

_COMMON: Final = frozenset({"Type", "Comment", "QueryLanguage", "Assign", "Output", "InputPath", "OutputPath"})
_MOVING: Final = _COMMON | {"Next", "End"}
_WORKING: Final = _MOVING | {"Retry", "Catch", "Parameters", "Arguments", "ResultSelector", "ResultPath"}
_TIMES: Final = frozenset({"TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath"})
_FIELDS: Final[dict[str, frozenset[str]]] = {
    "Task": _WORKING | _TIMES | {"Resource", "Credentials"},
    "Parallel": _WORKING | {"Branches"},
    "Map": _WORKING
    | {"ItemProcessor", "Iterator", "ItemsPath", "Items", "ItemSelector", "ItemReader", "ItemBatcher", "ResultWriter"}
    | {"MaxConcurrency", "MaxConcurrencyPath", "Label", "ToleratedFailureCount", "ToleratedFailureCountPath"}
    | {"ToleratedFailurePercentage", "ToleratedFailurePercentagePath"},
    "Pass": _MOVING | {"Result", "ResultPath", "Parameters"},
    "Wait": _MOVING | {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"},
    "Choice": _COMMON | {"Choices", "Default"},
    "Succeed": _COMMON,
    "Fail": frozenset({"Type", "Comment", "QueryLanguage", "Error", "ErrorPath", "Cause", "CausePath"}),
}
_NEEDED: Final[dict[str, tuple[frozenset[str], ...]]] = {
    "Task": (frozenset({"Resource"}),),
    "Parallel": (frozenset({"Branches"}),),
    "Map": (frozenset({"ItemProcessor", "Iterator"}),),
    "Wait": (frozenset({"Seconds", "SecondsPath", "Timestamp", "TimestampPath"}),),
    "Choice": (frozenset({"Choices"}),),
}
_ENDLESS: Final = frozenset({"Choice", "Succeed", "Fail"})
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
_RESERVED: Final = frozenset(
    {
        "States.ALL",
        "States.BranchFailed",
        "States.DataLimitExceeded",
        "States.ExceedToleratedFailureThreshold",
        "States.HeartbeatTimeout",
        "States.Http.Socket",
        "States.IntrinsicFailure",
        "States.ItemReaderFailed",
        "States.NoChoiceMatched",
        "States.ParameterPathFailure",
        "States.Permissions",
        "States.QueryEvaluationError",
        "States.ResultPathMatchFailure",
        "States.ResultWriterFailed",
        "States.Runtime",
        "States.TaskFailed",
        "States.Timeout",
    }
)
_MACHINE: Final = frozenset({"StartAt", "States", "Comment", "QueryLanguage", "TimeoutSeconds", "Version"})
_NESTED: Final = frozenset({"ProcessorConfig"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason to refuse a definition: AWS's diagnostic code, its text, and where (``/States/Clean/Next``)."""

    code: str
    message: str
    location: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {self.location}"


def problems(definition: str) -> list[Problem]:
    """Every problem of the definition, in its own order; empty where it may be created."""
    try:
        machine = json.loads(definition)
    except ValueError as error:
        return [Problem("INVALID_JSON_DESCRIPTION", f"Invalid State Machine Definition: {error}", "/")]
    if not isinstance(machine, dict):
        return [Problem("SCHEMA_VALIDATION_FAILED", "The definition must be an object", "/")]
    return list(_machine(machine, "", _MACHINE))


def _schema(message: str, location: str) -> Problem:
    return Problem("SCHEMA_VALIDATION_FAILED", message, location or "/")


def _machine(machine: dict[str, Any], at: str, fields: frozenset[str]) -> Iterator[Problem]:
    """A whole machine, a branch or an item processor: they have the same rules."""
    for field in machine.keys() - fields:
        yield _schema(f"Field '{field}' is not supported", f"{at}/{field}")
    if not _positive(machine.get("TimeoutSeconds", 1)):
        yield _schema("TimeoutSeconds must be a positive integer", f"{at}/TimeoutSeconds")
    states = machine.get("States")
    if not isinstance(states, dict) or not states:
        yield _schema("States must be an object with at least one state", f"{at}/States")
        return
    for name, state in states.items():
        place = f"{at}/States/{name}"
        if len(name) > 80:
            yield _schema("A state name has at most 80 characters", place)
        yield from _state(state, place) if isinstance(state, dict) else [_schema("A state is an object", place)]
    yield from _graph(machine.get("StartAt"), {k: s for k, s in states.items() if isinstance(s, dict)}, at)


def _graph(start: Any, states: dict[str, dict[str, Any]], at: str) -> Iterator[Problem]:
    """Every transition leads to a state, every state is reached, and an end can be."""
    if start not in states:
        yield Problem("MISSING_TRANSITION_TARGET", f"Missing 'Next' target: {start}", f"{at}/StartAt")
    targets = {name: dict(_targets(state)) for name, state in states.items()}
    for name, leads in targets.items():
        for place, target in leads.items():
            if target not in states:
                where = f"{at}/States/{name}/{place}"
                yield Problem("MISSING_TRANSITION_TARGET", f"Missing 'Next' target: {target}", where)
    reached: set[str] = set()
    frontier = [start] if start in states else []
    while frontier:
        name = frontier.pop()
        if name not in reached:
            reached.add(name)
            frontier += [target for target in targets[name].values() if target in states]
    for name in states.keys() - reached if start in states else ():
        where = f"{at}/States/{name}"
        yield Problem("MISSING_TRANSITION_TARGET", f'State "{name}" is not reachable', where)
    if reached and not any(_is_end(states[name]) for name in reached):
        yield _schema("No terminal state: one must have End, or be Succeed or Fail", f"{at}/States")


def _is_end(state: dict[str, Any]) -> bool:
    return state.get("End") is True or state.get("Type") in ("Succeed", "Fail")


def _targets(state: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if "Next" in state:
        yield "Next", state["Next"]
    if "Default" in state:
        yield "Default", state["Default"]
    for field in ("Choices", "Catch"):
        for index, rule in enumerate(_objects(state.get(field))):
            yield f"{field}[{index}]/Next", rule.get("Next")


def _objects(value: Any) -> list[dict[str, Any]]:
    return [inner for inner in value if isinstance(inner, dict)] if isinstance(value, list) else []


def _state(state: dict[str, Any], at: str) -> Iterator[Problem]:
    kind = state.get("Type")
    if kind not in _FIELDS:
        yield _schema(f"Type {kind!r} is none of {', '.join(sorted(_FIELDS))}", f"{at}/Type")
        return
    for field in state.keys() - _FIELDS[kind]:
        yield _schema(f"Field '{field}' is not supported in a {kind} state", f"{at}/{field}")
    for needed in _NEEDED.get(kind, ()):
        if not needed & state.keys():
            yield _schema(f"A {kind} state needs {' or '.join(sorted(needed))}", at)
    if kind not in _ENDLESS and ("Next" in state) == (state.get("End") is True):
        yield _schema("Exactly one of Next and End: true is needed", at)
    yield from _times(state, at)
    yield from _handlers(state, at)
    yield from _inner(state, kind, at)


def _times(state: dict[str, Any], at: str) -> Iterator[Problem]:
    for field in ("TimeoutSeconds", "HeartbeatSeconds"):
        if not _positive(state.get(field, 1)):
            yield _schema(f"{field} must be a positive integer", f"{at}/{field}")
    timeout, heartbeat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
    if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
        yield _schema("HeartbeatSeconds must be smaller than TimeoutSeconds", f"{at}/HeartbeatSeconds")


def _positive(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool) and value > 0)


def _handlers(state: dict[str, Any], at: str) -> Iterator[Problem]:
    """Retry and Catch: ErrorEquals is there, its names are known where reserved, States.ALL alone and last."""
    for field in ("Retry", "Catch"):
        rules = state.get(field, [])
        if not isinstance(rules, list):
            yield _schema(f"{field} must be an array", f"{at}/{field}")
            continue
        for index, rule in enumerate(rules):
            place = f"{at}/{field}[{index}]"
            errors = rule.get("ErrorEquals") if isinstance(rule, dict) else None
            if not isinstance(errors, list) or not errors:
                yield _schema("ErrorEquals must be an array with at least one name", f"{place}/ErrorEquals")
            elif "States.ALL" in errors and (len(errors) > 1 or index < len(rules) - 1):
                yield _schema("States.ALL must stand alone and last", f"{place}/ErrorEquals")
            elif unknown := [one for one in errors if str(one).startswith("States.") and one not in _RESERVED]:
                yield _schema(f"{unknown[0]} is no error of Step Functions", f"{place}/ErrorEquals")


def _inner(state: dict[str, Any], kind: str, at: str) -> Iterator[Problem]:
    if kind == "Task" and isinstance(resource := state.get("Resource"), str) and (said := resource_problem(resource)):
        yield _schema(said, f"{at}/Resource")
    if kind == "Parallel":
        branches = state.get("Branches")
        if not _objects(branches):
            yield _schema("Branches must be an array with at least one branch", f"{at}/Branches")
        for index, branch in enumerate(_objects(branches)):
            yield from _machine(branch, f"{at}/Branches[{index}]", _MACHINE)
    if kind == "Map":
        field = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
        if isinstance(processor := state.get(field), dict):
            yield from _machine(processor, f"{at}/{field}", _MACHINE | _NESTED)
    if kind == "Choice" and not _objects(state.get("Choices")):
        yield _schema("Choices must be an array with at least one rule", f"{at}/Choices")
