"""The fields of each type of state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from lakeshift.local.stepfunctions.rules.choices import choices
from lakeshift.local.stepfunctions.rules.fields import computed_fields
from lakeshift.local.stepfunctions.rules.handlers import handlers
from lakeshift.local.stepfunctions.rules.maps import map_fields
from lakeshift.local.stepfunctions.rules.problem import Problem, objects, schema, whole
from lakeshift.local.stepfunctions.rules.tasks import task_fields

__all__ = ["Language", "inner_machines", "state"]

_COMMON: Final = frozenset({"Type", "Comment", "QueryLanguage", "Assign", "Output", "InputPath", "OutputPath"})
_MOVING: Final = _COMMON | {"Next", "End"}
_WORKING: Final = _MOVING | {"Retry", "Catch", "Parameters", "Arguments", "ResultSelector", "ResultPath"}
_TIMES: Final = frozenset({"TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath"})
_FIELDS: Final[dict[str, frozenset[str]]] = {
    "Task": _WORKING | _TIMES | {"Resource", "Credentials"},
    "Parallel": _WORKING | {"Branches"},
    "Map": (_WORKING - {"Arguments"})
    | {"ItemProcessor", "Iterator", "ItemsPath", "Items", "ItemSelector", "ItemReader", "ItemBatcher", "ResultWriter"}
    | {"MaxConcurrency", "MaxConcurrencyPath", "Label", "ToleratedFailureCount", "ToleratedFailureCountPath"}
    | {"ToleratedFailurePercentage", "ToleratedFailurePercentagePath"},
    "Pass": _MOVING | {"Result", "ResultPath", "Parameters"},
    "Wait": _MOVING | {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"},
    "Choice": _COMMON | {"Choices", "Default"},
    "Succeed": _COMMON,
    "Fail": frozenset({"Type", "Comment", "QueryLanguage", "Error", "ErrorPath", "Cause", "CausePath"}),
}
_NEEDED: Final[dict[str, frozenset[str]]] = {
    "Task": frozenset({"Resource"}),
    "Parallel": frozenset({"Branches"}),
    "Map": frozenset({"ItemProcessor", "Iterator"}),
    "Wait": frozenset({"Seconds", "SecondsPath", "Timestamp", "TimestampPath"}),
    "Choice": frozenset({"Choices"}),
}
_ENDLESS: Final = frozenset({"Choice", "Succeed", "Fail"})
_JSONPATH_ONLY: Final = frozenset(
    {"InputPath", "OutputPath", "ResultPath", "ResultSelector", "Parameters", "ItemsPath", "Result"}
)
_JSONATA_ONLY: Final = frozenset({"Arguments", "Output", "Items"})


@dataclass(frozen=True, slots=True)
class Language:
    """How a state is read: its query language, and whether the machine (or the Map Run's child) is EXPRESS."""

    query: str
    express: bool = False


def state(definition: dict[str, Any], at: str, language: Language) -> Iterator[Problem]:
    """The problems of one state, without its inner machines."""
    kind = definition.get("Type")
    if kind not in _FIELDS:
        yield schema(f"Type {kind!r} is none of {', '.join(sorted(_FIELDS))}", f"{at}/Type")
        return
    query = definition.get("QueryLanguage", language.query)
    if query == "JSONPath" and language.query == "JSONata":
        yield schema("A state of a JSONata machine cannot be JSONPath", f"{at}/QueryLanguage")
    yield from _names(definition, kind, query, at)
    if kind not in _ENDLESS and ("Next" in definition) == (definition.get("End") is True):
        yield schema("Exactly one of Next and End: true is needed", at)
    yield from _times(definition, at)
    yield from handlers(definition, kind, query, at)
    yield from computed_fields(definition, kind, query, at)
    if kind == "Task":
        yield from task_fields(definition, query, at, express=language.express)
    if kind == "Choice":
        yield from choices(definition, query, at)
    if kind == "Map":
        yield from map_fields(definition, query, at, express=language.express)
    if kind == "Parallel" and not objects(definition.get("Branches")):
        yield schema("Branches must be an array with at least one branch", f"{at}/Branches")


def _names(definition: dict[str, Any], kind: str, query: str, at: str) -> Iterator[Problem]:
    for field in definition.keys() - _FIELDS[kind]:
        yield schema(f"Field '{field}' is not supported in a {kind} state", f"{at}/{field}")
    for field in definition.keys() & _FIELDS[kind]:
        path = field.endswith("Path")
        if query == "JSONata" and (field in _JSONPATH_ONLY or path):
            yield schema(f"Field '{field}' is not supported in a JSONata state", f"{at}/{field}")
        if query != "JSONata" and field in _JSONATA_ONLY:
            yield schema(f"Field '{field}' is not supported in a JSONPath state", f"{at}/{field}")
        if path and field.removesuffix("Path") in definition and field not in ("InputPath", "OutputPath", "ResultPath"):
            yield schema(f"'{field}' and '{field.removesuffix('Path')}' exclude each other", f"{at}/{field}")
    needed = _NEEDED.get(kind, frozenset())
    if needed and not needed & definition.keys():
        yield schema(f"A {kind} state needs {' or '.join(sorted(needed))}", at)
    if kind == "Wait" and len(needed & definition.keys()) > 1:
        yield schema(f"A Wait state has one of {', '.join(sorted(needed))}", at)


def _times(definition: dict[str, Any], at: str) -> Iterator[Problem]:
    for field in ("TimeoutSeconds", "HeartbeatSeconds"):
        value = definition.get(field, 1)
        if not isinstance(value, str) and not whole(value, 1):
            yield schema(f"{field} must be a positive integer", f"{at}/{field}")
    timeout, heartbeat = definition.get("TimeoutSeconds"), definition.get("HeartbeatSeconds")
    if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
        yield schema("HeartbeatSeconds must be smaller than TimeoutSeconds", f"{at}/HeartbeatSeconds")
    seconds = definition.get("Seconds", 0)
    if not isinstance(seconds, str) and not whole(seconds, 0):
        yield schema("Seconds must be a whole number", f"{at}/Seconds")


def inner_machines(
    definition: dict[str, Any], at: str, language: Language
) -> Iterator[tuple[dict[str, Any], str, Language]]:
    """The branches of a Parallel state, or the item processor of a Map state, each with its place."""
    if definition.get("Type") == "Parallel":
        for index, branch in enumerate(objects(definition.get("Branches"))):
            yield branch, f"{at}/Branches[{index}]", language
    if definition.get("Type") == "Map":
        field = "ItemProcessor" if "ItemProcessor" in definition else "Iterator"
        if isinstance(processor := definition.get(field), dict):
            config = processor.get("ProcessorConfig") or {}
            express = language.express or config.get("ExecutionType") == "EXPRESS"
            yield processor, f"{at}/{field}", replace(language, express=express)
