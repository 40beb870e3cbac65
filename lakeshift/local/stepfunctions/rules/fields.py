"""Fields that are computed: paths, payload templates and expressions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lakeshift.local.stepfunctions.language import intrinsics, paths
from lakeshift.local.stepfunctions.rules.problem import Problem, schema

__all__ = ["computed_fields"]

_TEMPLATES: Final = ("Parameters", "ResultSelector", "ItemSelector", "Assign")
_PATHS: Final = ("InputPath", "OutputPath", "ItemsPath", "SecondsPath", "TimestampPath", "TimeoutSecondsPath")
_MORE_PATHS: Final = ("HeartbeatSecondsPath", "MaxConcurrencyPath", "ToleratedFailureCountPath")


def computed_fields(definition: dict[str, Any], kind: str, query: str, at: str) -> Iterator[Problem]:
    """Every path and every template of the state can be read."""
    if query == "JSONata":
        for field, value in definition.items():
            if field not in ("Branches", "ItemProcessor", "Iterator"):
                yield from _expressions(value, f"{at}/{field}")
        return
    for field in _TEMPLATES:
        yield from _template(definition.get(field), f"{at}/{field}")
    for field in (*_PATHS, *_MORE_PATHS):
        value = definition.get(field)
        if value is not None and not (isinstance(value, str) and value.startswith("$")):
            yield schema("The value is not a valid JSONPath", f"{at}/{field}")
    yield from _placed(definition, at)
    for field in ("ErrorPath", "CausePath") if kind == "Fail" else ():
        if field in definition and (said := _computed_problem(definition[field])):
            yield schema(f"The value must be a valid JSONPath{said}", f"{at}/{field}")


def _placed(definition: dict[str, Any], at: str) -> Iterator[Problem]:
    for place, rule in (("", definition), *_rules(definition)):
        result = rule.get("ResultPath")
        if result is not None and not (paths.is_reference(result) and not str(result).startswith("$$")):
            yield schema("ResultPath must be a reference path", f"{at}{place}/ResultPath")
        if place:
            yield from _template(rule.get("Assign"), f"{at}{place}/Assign")


def _rules(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for field in ("Catch", "Choices"):
        rules = definition.get(field)
        for index, rule in enumerate(rules if isinstance(rules, list) else []):
            if isinstance(rule, dict):
                yield f"/{field}[{index}]", rule


def _template(value: Any, place: str) -> Iterator[Problem]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not key.endswith(".$"):
                yield from _template(inner, f"{place}/{key}")
            elif said := _computed_problem(inner):
                yield schema(f"The value for the field '{key}' must be a valid JSONPath{said}", f"{place}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _template(inner, f"{place}[{index}]")


def _computed_problem(value: Any) -> str | None:
    if not isinstance(value, str):
        return " or a valid intrinsic function call"
    if value.startswith("$"):
        return None
    said = intrinsics.problem(value)
    return None if said is None else f" or a valid intrinsic function call: {said}"


def _expressions(value: Any, place: str) -> Iterator[Problem]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _expressions(inner, f"{place}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _expressions(inner, f"{place}[{index}]")
    elif isinstance(value, str) and value.startswith("{%"):
        if not value.rstrip().endswith("%}"):
            yield schema("A JSONata expression must end with %}", place)
        elif said := _syntax(value.strip()[2:-2]):
            yield schema(f"Invalid JSONata expression: {said}", place)


def _syntax(expression: str) -> str | None:
    import jsonata

    try:
        jsonata.Jsonata(expression)
    except Exception as error:
        return str(error)
    return None
