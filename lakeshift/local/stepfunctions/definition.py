"""Is this Amazon States Language? Pure: a definition's text in, a list of problems out.

The rules are those of https://states-language.net/spec.html and of CreateStateMachine
(https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from lakeshift.local.stepfunctions.rules.problem import Problem, objects, schema
from lakeshift.local.stepfunctions.rules.states import Language, inner_machines, state

__all__ = ["Problem", "problems", "state_problems"]

_MACHINE: Final = frozenset({"StartAt", "States", "Comment", "QueryLanguage", "TimeoutSeconds", "Version"})
_INNER: Final = frozenset({"StartAt", "States", "Comment", "ProcessorConfig"})


def problems(definition: str, kind: str = "STANDARD") -> list[Problem]:
    """Every problem of the definition for a STANDARD or EXPRESS machine, in order; empty where it may be created."""
    try:
        machine = json.loads(definition)
    except ValueError as error:
        return [Problem("INVALID_JSON_DESCRIPTION", f"Invalid State Machine Definition: {error}", "/")]
    if not isinstance(machine, dict):
        return [schema("The definition must be an object", "/")]
    query = machine.get("QueryLanguage", "JSONPath")
    if query not in ("JSONPath", "JSONata"):
        return [schema(f"QueryLanguage must be JSONPath or JSONata, not {query!r}", "/QueryLanguage")]
    language = Language(query, express=kind == "EXPRESS")
    return [*_machine(machine, "", _MACHINE, language), *_twice(machine)]


def state_problems(definition: dict[str, Any], query: str) -> list[Problem]:
    """Every problem of one state by itself."""
    return list(state({"End": True, **definition} if _needs_end(definition) else definition, "/", Language(query)))


def _needs_end(definition: dict[str, Any]) -> bool:
    ends = definition.get("Type") in ("Choice", "Succeed", "Fail")
    return not ends and "Next" not in definition and "End" not in definition


def _machine(machine: dict[str, Any], at: str, fields: frozenset[str], language: Language) -> Iterator[Problem]:
    """A whole machine, a branch or an item processor: they have the same rules."""
    for field in machine.keys() - fields:
        yield schema(f"Field '{field}' is not supported", f"{at}/{field}")
    timeout = machine.get("TimeoutSeconds", 1)
    if isinstance(timeout, bool) or not isinstance(timeout, int) or timeout <= 0:
        yield schema("TimeoutSeconds must be a positive integer", f"{at}/TimeoutSeconds")
    states = machine.get("States")
    if not isinstance(states, dict) or not states:
        yield schema("States must be an object with at least one state", f"{at}/States")
        return
    for name, definition in states.items():
        place = f"{at}/States/{name}"
        if len(name) > 80:
            yield schema("A state name has at most 80 characters", place)
        if not isinstance(definition, dict):
            yield schema("A state is an object", place)
            continue
        yield from state(definition, place, language)
        for inner, where, inside in inner_machines(definition, place, language):
            yield from _machine(inner, where, _INNER, inside)
    yield from _graph(machine.get("StartAt"), {k: s for k, s in states.items() if isinstance(s, dict)}, at)


def _graph(start: Any, states: dict[str, dict[str, Any]], at: str) -> Iterator[Problem]:
    """Every transition leads to a state, every state is reached, and an end can be."""
    if start not in states:
        yield Problem("MISSING_TRANSITION_TARGET", f"Missing 'Next' target: {start}", f"{at}/StartAt")
    targets = {name: dict(_targets(definition)) for name, definition in states.items()}
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
        yield schema("No terminal state: one must have End, or be Succeed or Fail", f"{at}/States")


def _is_end(definition: dict[str, Any]) -> bool:
    return definition.get("End") is True or definition.get("Type") in ("Succeed", "Fail")


def _targets(definition: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if "Next" in definition:
        yield "Next", definition["Next"]
    if "Default" in definition:
        yield "Default", definition["Default"]
    for field in ("Choices", "Catch"):
        for index, rule in enumerate(objects(definition.get(field))):
            yield f"{field}[{index}]/Next", rule.get("Next")


def _twice(machine: dict[str, Any]) -> Iterator[Problem]:
    """A state's name is its own in the whole machine, branches and item processors included."""
    names = Counter(name for name, _ in _named(machine, ""))
    for name, where in _named(machine, ""):
        if names[name] > 1:
            yield Problem("DUPLICATE_STATE_NAME", f"Duplicate state name: {name}", where)


def _named(machine: dict[str, Any], at: str) -> Iterator[tuple[str, str]]:
    states = machine.get("States")
    for name, definition in states.items() if isinstance(states, dict) else ():
        place = f"{at}/States/{name}"
        yield name, place
        if isinstance(definition, dict):
            for inner, where, _ in inner_machines(definition, place, Language("JSONPath")):
                yield from _named(inner, where)
