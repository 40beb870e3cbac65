"""All definitions of one stage: resources with their values, each after those it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from lakeshift.definitions.errors import DefinitionError, Problem
from lakeshift.definitions.resolve import Absent, Resolver
from lakeshift.definitions.template import RawResource, Template, read_template
from lakeshift.definitions.values import Value

__all__ = ["Resource", "Stack", "load"]


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource to be: its properties in CloudFormation's shape, and the logical ids it comes after."""

    logical_id: str
    type: str
    properties: Mapping[str, Value]
    depends_on: frozenset[str]
    retain: bool
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Stack:
    """The resources of a stage in an order in which they can be made."""

    resources: tuple[Resource, ...]

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)

    def of_type(self, name: str) -> tuple[Resource, ...]:
        """The resources of one type, ``AWS::S3::Bucket``."""
        return tuple(resource for resource in self.resources if resource.type == name)


def load(texts: Mapping[str, str], parameters: Mapping[str, str]) -> Stack:
    """Read ``texts`` (YAML by file name) with the stage's ``parameters``, ``AccountId`` and ``Region`` among them.

    Raises DefinitionError with every problem of every file.
    """
    problems: list[Problem] = []
    templates: dict[str, Template] = {}
    for file, text in sorted(texts.items()):
        try:
            templates[file] = read_template(text, file, problems)
        except DefinitionError as error:
            problems += error.problems
    raw = _by_id(templates.values(), problems)
    known = _in_stage(templates, raw, parameters, problems)
    resources = [_resolved(one, templates, raw, known, parameters, problems) for one in known.values()]
    ordered = [] if problems else _ordered(resources, problems)
    if problems:
        raise DefinitionError(problems)
    return Stack(tuple(ordered))


def _by_id(templates: Iterable[Template], problems: list[Problem]) -> dict[str, RawResource]:
    found: dict[str, RawResource] = {}
    for template in templates:
        for one in template.resources:
            first = found.setdefault(one.logical_id, one)
            if first is not one:
                message = f"{one.logical_id} is already the logical id of {first.file}:{first.line}; choose another."
                problems.append(Problem(one.file, one.line, message))
    return found


def _in_stage(
    templates: Mapping[str, Template],
    raw: Mapping[str, RawResource],
    parameters: Mapping[str, str],
    problems: list[Problem],
) -> dict[str, RawResource]:
    """The resources whose condition holds."""
    resolver = Resolver(templates, raw, parameters)
    found: dict[str, RawResource] = {}
    for one in raw.values():
        if one.condition is None:
            found[one.logical_id] = one
            continue
        known = templates[one.file].conditions
        if one.condition not in known:
            told = ", ".join(sorted(known)) or "none"
            message = f"{one.logical_id}: unknown condition {one.condition}; this file has {told}."
            problems.append(Problem(one.file, one.line, message))
        elif resolver.condition(one.condition, known[one.condition], one.file):
            found[one.logical_id] = one
    problems += resolver.problems
    return found


def _resolved(
    one: RawResource,
    templates: Mapping[str, Template],
    raw: Mapping[str, RawResource],
    known: Mapping[str, RawResource],
    parameters: Mapping[str, str],
    problems: list[Problem],
) -> Resource:
    resolver = Resolver(templates, known, parameters)
    pairs = {key: resolver.value(item, one.file) for key, item in one.properties.items()}
    problems += resolver.problems
    for name in one.depends_on:
        if name not in raw:
            problems.append(Problem(one.file, one.line, f"{one.logical_id}: DependsOn names {name}, which is unknown."))
    after = resolver.references | {name for name in one.depends_on if name in known}
    if one.logical_id in after:
        problems.append(Problem(one.file, one.line, f"{one.logical_id} refers to itself."))
    properties = {key: value for key, value in pairs.items() if not isinstance(value, Absent)}
    return Resource(one.logical_id, one.type, properties, frozenset(after), one.retain, one.file, one.line)


def _ordered(resources: Iterable[Resource], problems: list[Problem]) -> list[Resource]:
    by_id = {one.logical_id: one for one in resources}
    sorter = TopologicalSorter({name: sorted(one.depends_on) for name, one in sorted(by_id.items())})
    try:
        return [by_id[name] for name in sorter.static_order()]
    except CycleError as error:
        circle = list(error.args[1])
        first = by_id[circle[0]]
        problems.append(Problem(first.file, first.line, f"a circle of references: {' -> '.join(reversed(circle))}."))
        return []
