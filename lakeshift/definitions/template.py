"""One file of definitions, its shape checked: sections, resources, their keys, types and properties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from lakeshift.definitions.document import Item, read
from lakeshift.definitions.errors import Problem
from lakeshift.definitions.members import check_members
from lakeshift.definitions.types import TYPES, ResourceType

__all__ = ["RawResource", "Template", "read_template"]

_SECTIONS: Final = ("AWSTemplateFormatVersion", "Description", "Metadata", "Conditions", "Resources")
_KEYS: Final = ("Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "Metadata")
_POLICIES: Final = ("Delete", "Retain")


@dataclass(frozen=True, slots=True)
class RawResource:
    """A resource as it is written, its shape already checked."""

    logical_id: str
    type: str
    properties: Mapping[str, Item]
    depends_on: tuple[str, ...]
    condition: str | None
    retain: bool
    file: str
    line: int

    def name_item(self) -> Item | None:
        """The item that gives its name on AWS, where it is there."""
        for path in TYPES[self.type].names:
            top, _, below = path.partition(".")
            item = self.properties.get(top)
            if item is not None and below:
                item = item.value.get(below) if isinstance(item.value, dict) else None
            if item is not None:
                return item
        return None


@dataclass(frozen=True, slots=True)
class Template:
    """One file: conditions and resources."""

    file: str
    conditions: Mapping[str, Item] = field(default_factory=dict)
    resources: tuple[RawResource, ...] = ()


def read_template(text: str, file: str, problems: list[Problem]) -> Template:
    """Read one file; what is wrong with its shape goes to ``problems``. Raises DefinitionError where it is not YAML."""
    document = read(text, file)
    if not isinstance(document.value, dict):
        problems.append(Problem(file, document.line, "needs `Resources:` with a definition for each logical id."))
        return Template(file)
    for key, item in document.value.items():
        if key not in _SECTIONS:
            more = " Parameters are in environments/<stage>.yaml." if key == "Parameters" else ""
            problems.append(Problem(file, item.line, f"unknown section {key}; known are {', '.join(_SECTIONS)}.{more}"))
    conditions = _section(document.value.get("Conditions"), "Conditions", file, problems)
    resources = _section(document.value.get("Resources"), "Resources", file, problems)
    raw = (_resource(name, item, file, problems) for name, item in resources.items())
    return Template(file, conditions, tuple(one for one in raw if one is not None))


def _section(item: Item | None, name: str, file: str, problems: list[Problem]) -> Mapping[str, Item]:
    if item is None or item.value is None:
        return {}
    if isinstance(item.value, dict):
        return item.value
    problems.append(Problem(file, item.line, f"{name} has to be a mapping of names."))
    return {}


def _resource(name: str, item: Item, file: str, problems: list[Problem]) -> RawResource | None:
    def wrong(at: Item, message: str) -> None:
        problems.append(Problem(file, at.line, f"{name}: {message}"))

    if not isinstance(item.value, dict):
        wrong(item, "needs Type and Properties.")
        return None
    if not name.isalnum():
        wrong(item, "a logical id is letters and digits only.")
    keys = item.value
    for key, child in keys.items():
        if key not in _KEYS:
            wrong(child, f"unknown key {key}; known are {', '.join(_KEYS)}.")
    kind = keys.get("Type")
    if kind is None or not isinstance(kind.value, str) or kind.value not in TYPES:
        told = "no Type" if kind is None else f"the type {kind.value} is not supported"
        wrong(kind or item, f"{told}; supported are {', '.join(sorted(TYPES))}.")
        return None
    properties = keys.get("Properties", Item({}, item.line))
    if not isinstance(properties.value, dict):
        wrong(properties, "Properties has to be a mapping.")
        return None
    condition = keys.get("Condition")
    policy = keys.get("DeletionPolicy", Item("Delete", item.line))
    if policy.value not in _POLICIES:
        wrong(policy, f"DeletionPolicy has to be {' or '.join(_POLICIES)}.")
    raw = RawResource(
        name,
        kind.value,
        properties.value,
        _depends_on(keys.get("DependsOn"), wrong),
        None if condition is None else str(condition.value),
        policy.value == "Retain",
        file,
        item.line,
    )
    _check_properties(raw, TYPES[raw.type], problems)
    check_members(raw.type, raw.properties, wrong)
    return raw


def _depends_on(item: Item | None, wrong: Callable[[Item, str], None]) -> tuple[str, ...]:
    if item is None:
        return ()
    children = item.value if isinstance(item.value, list) else [item]
    if not all(isinstance(child.value, str) for child in children):
        wrong(item, "DependsOn has to be logical ids.")
        return ()
    return tuple(str(child.value) for child in children)


def _check_properties(raw: RawResource, kind: ResourceType, problems: list[Problem]) -> None:
    for key, item in raw.properties.items():
        if key not in kind.properties:
            message = f"{raw.type} takes no property {key} here; it takes {', '.join(sorted(kind.properties))}."
            problems.append(Problem(raw.file, item.line, f"{raw.logical_id}: {message}"))
    missing = sorted(kind.required - set(raw.properties))
    if missing:
        problems.append(Problem(raw.file, raw.line, f"{raw.logical_id}: {raw.type} needs {', '.join(missing)}."))
    elif kind.names and raw.name_item() is None:
        needed = " or ".join(kind.names)
        problems.append(Problem(raw.file, raw.line, f"{raw.logical_id}: needs its name, {needed}."))
