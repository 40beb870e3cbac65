"""The rules of a Choice state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lakeshift.local.stepfunctions.language.choice import OPERATORS, instant_of
from lakeshift.local.stepfunctions.language.expressions import is_jsonata
from lakeshift.local.stepfunctions.rules.problem import Problem, objects, schema

__all__ = ["choices"]

_BOOLEAN: Final = ("And", "Or", "Not")
_BESIDE: Final = frozenset({"Variable", "Next", "Assign", "Comment", *_BOOLEAN, *OPERATORS})


def choices(definition: dict[str, Any], query: str, at: str) -> Iterator[Problem]:
    """At least one rule; each is one comparison with a target, or in JSONata one condition."""
    rules = objects(definition.get("Choices"))
    if not rules:
        yield schema("Choices must be an array with at least one rule", f"{at}/Choices")
    for index, rule in enumerate(rules):
        place = f"{at}/Choices[{index}]"
        if "Next" not in rule:
            yield schema("A choice rule needs Next", place)
        if query == "JSONata":
            condition = rule.get("Condition")
            if not isinstance(condition, bool) and not is_jsonata(condition):
                yield schema("Condition must be a JSONata expression", f"{place}/Condition")
        else:
            yield from _comparison(rule, place)


def _comparison(rule: dict[str, Any], place: str) -> Iterator[Problem]:
    for field in rule.keys() - _BESIDE:
        yield schema(f"Field '{field}' is not supported", f"{place}/{field}")
    used = [name for name in rule if name in OPERATORS or name in _BOOLEAN]
    if len(used) != 1:
        yield schema("A choice rule needs exactly one comparison", place)
        return
    name = used[0]
    if name in _BOOLEAN:
        inner = [rule["Not"]] if name == "Not" else rule[name]
        if not objects(inner):
            yield schema(f"{name} needs at least one rule", f"{place}/{name}")
        for index, one in enumerate(objects(inner)):
            yield from _comparison(one, f"{place}/{name}" if name == "Not" else f"{place}/{name}[{index}]")
        return
    variable = rule.get("Variable")
    if not (isinstance(variable, str) and variable.startswith("$")):
        yield schema("Variable must be a valid JSONPath", f"{place}/Variable")
    yield from _operand(name, rule[name], f"{place}/{name}")


def _operand(name: str, value: Any, place: str) -> Iterator[Problem]:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if name.endswith("Path"):
        fits = isinstance(value, str) and value.startswith("$")
    elif name.startswith("Timestamp"):
        fits = instant_of(value) is not None
    elif name.startswith("Numeric"):
        fits = number
    else:
        fits = isinstance(value, str) if name.startswith("String") else isinstance(value, bool)
    if not fits:
        yield schema(f"{value!r} is no operand of {name}", place)
