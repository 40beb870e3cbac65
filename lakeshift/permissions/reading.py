"""The definitions as they are written, before any stage fills them in: what a policy refers to stays a reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lakeshift.definitions import DefinitionError, Problem
from lakeshift.definitions.document import Call, Item, read

__all__ = ["Definition", "definitions", "mapping", "text", "texts", "wrong"]

_NONE: Final = "AWS::NoValue"


@dataclass(frozen=True, slots=True)
class Definition:
    """One resource of one file; ``declared`` is what ``Metadata: {Lakeshift: …}`` says."""

    logical_id: str
    type: str
    properties: Mapping[str, Item]
    declared: Mapping[str, Item]
    file: str
    line: int

    def own(self, *path: str) -> Item | None:
        """The property at ``path``, or None."""
        found: Item | None = self.properties.get(path[0])
        for name in path[1:]:
            found = None if found is None else mapping(found).get(name)
        return found


def definitions(texts_by_file: Mapping[str, str]) -> tuple[Definition, ...]:
    """Every resource of the YAML ``texts_by_file``. Raises DefinitionError."""
    return tuple(one for file, content in sorted(texts_by_file.items()) for one in _of(file, read(content, file)))


def _of(file: str, document: Item) -> Iterator[Definition]:
    for name, item in mapping(mapping(document).get("Resources")).items():
        keys = mapping(item)
        declared = mapping(keys.get("Metadata")).get("Lakeshift")
        kind = keys.get("Type")
        yield Definition(
            name,
            "" if kind is None else text(kind),
            mapping(keys.get("Properties")),
            mapping(declared),
            file,
            item.line,
        )


def mapping(item: Item | None) -> Mapping[str, Item]:
    """The keys of a mapping; none where it is something else."""
    if item is not None and isinstance(item.value, Call) and item.value.function == "If":
        item = _branch(item.value)
    return item.value if item is not None and isinstance(item.value, dict) else {}


def text(item: Item) -> str:
    """What stands there as a text for ``!Sub``: ``!Ref A`` is ``${A}``; of an ``!If`` the branch that is not empty."""
    if isinstance(item.value, Call):
        return _called(item.value)
    return "" if item.value is None else str(item.value)


def _called(call: Call) -> str:
    argument = call.argument
    if call.function == "Ref":
        return "" if argument.value == _NONE else f"${{{argument.value}}}"
    if call.function == "GetAtt" and isinstance(argument.value, list):
        return "${" + ".".join(str(part.value) for part in argument.value) + "}"
    if call.function == "Sub" and isinstance(argument.value, str):
        return argument.value
    branch = _branch(call) if call.function == "If" else None
    return "" if branch is None else text(branch)


def _branch(call: Call) -> Item | None:
    """Of an ``!If``: a branch with AWS's own value where there is one, else the last."""
    branches = call.argument.value[1:] if isinstance(call.argument.value, list) else []
    real = [one for one in branches if not (isinstance(one.value, Call) and one.value.argument.value == _NONE)]
    return real[-1] if real else None


def texts(item: Item | None) -> list[str]:
    """The texts of a list."""
    return [text(child) for child in item.value] if item is not None and isinstance(item.value, list) else []


def wrong(one: Definition, message: str, line: int | None = None) -> DefinitionError:
    """The error that names where to mend what."""
    return DefinitionError([Problem(one.file, line or one.line, f"{one.logical_id}: {message}")])
