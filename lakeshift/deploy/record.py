"""What a stage was deployed as: every resource as it was declared, what AWS told of it, the code, by whom and when.

It is what a change made by hand, a resource taken out of the definitions and a rollback are known by. Values of
passwords are not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from lakeshift.definitions import Attribute, Deferred, Resource, Value, filled

__all__ = ["HIDDEN", "Entry", "Record", "entry_of", "is_secret", "known_only", "resource_of"]

_PARTS: Final = "lakeshift:parts"
HIDDEN: Final = "lakeshift:hidden"
_REFERENCE: Final = "{{resolve:"


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource as it was declared, in the order of ``Record.entries`` after those it needs."""

    type: str
    declared: Mapping[str, Value]
    depends_on: tuple[str, ...]
    retain: bool
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Record:
    """One deployment. ``status`` is ``applying`` while it runs, with what it wants in ``intended``, then ``applied``.

    ``attributes`` is what AWS told of resources (``Ref`` of a queue), by logical id; ``number`` grows by one each time.
    """

    number: int
    stage: str
    stack: str
    account: str
    region: str
    sha: str
    commit: str
    at: str
    by: str
    status: str
    parameters: Mapping[str, str]
    artefacts: tuple[str, ...]
    entries: Mapping[str, Entry]
    intended: Mapping[str, Entry] = field(default_factory=dict)
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def applied(self, entry: Entry) -> dict[str, Value]:
        """The properties of ``entry`` with what AWS told then."""

        def told(attribute: Attribute) -> str | None:
            return self.attributes.get(attribute.resource, {}).get(attribute.name)

        return {key: filled(value, told) for key, value in entry.declared.items()}

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        plain = ("number", "stage", "stack", "account", "region", "sha", "commit", "at", "by", "status")
        return {
            **{name: getattr(self, name) for name in plain},
            "parameters": {key: _hidden(key, value) for key, value in self.parameters.items()},
            "artefacts": list(self.artefacts),
            "entries": _entries_json(self.entries),
            "intended": _entries_json(self.intended),
            "attributes": {name: dict(told) for name, told in self.attributes.items()},
        }

    @classmethod
    def from_json(cls, text: Mapping[str, Any]) -> Record:
        """Read what ``to_json`` made."""
        given = dict(text)
        for name in ("entries", "intended"):
            given[name] = {key: _entry(one) for key, one in given[name].items()}
        given["artefacts"] = tuple(given["artefacts"])
        return cls(**given)

    def is_of(self, entries: Mapping[str, Entry]) -> bool:
        """Whether it is done, and of these very resources."""
        return self.status == "applied" and _entries_json(self.entries) == _entries_json(entries)

    def owns(self, logical_id: str, kind: str) -> bool:
        """Whether a deployment of this stack made it, or was about to."""
        found = self.entries.get(logical_id) or self.intended.get(logical_id)
        return found is not None and found.type == kind


def entry_of(resource: Resource) -> Entry:
    """A resource of the definitions as it is recorded."""
    return Entry(
        resource.type,
        resource.properties,
        tuple(sorted(resource.depends_on)),
        resource.retain,
        resource.file,
        resource.line,
    )


def resource_of(logical_id: str, entry: Entry, properties: Mapping[str, Value] | None = None) -> Resource:
    """A recorded resource as one of the definitions, with other ``properties`` where they are given."""
    given = entry.declared if properties is None else properties
    return Resource(logical_id, entry.type, given, frozenset(entry.depends_on), entry.retain, entry.file, entry.line)


def is_secret(key: str, value: object) -> bool:
    """Whether a property is a password; one that names a secret to take it from is none."""
    named = key.lower().endswith("password") or key.lower() == "secretstring"
    return named and not str(value).startswith(_REFERENCE)


def known_only(value: Any) -> Any:
    """``value`` without what is hidden or was not known; a list that holds such a thing is left out whole."""
    if isinstance(value, Mapping):
        if HIDDEN in value:
            return None
        pairs = ((key, known_only(one)) for key, one in value.items())
        return {key: one for key, one in pairs if one is not None}
    if isinstance(value, list):
        found = [known_only(one) for one in value]
        return None if any(one is None for one in found) else found
    return None if isinstance(value, Deferred) else value


def _hidden(key: str, value: Any) -> Any:
    return {HIDDEN: True} if is_secret(key, value) else value


def _entries_json(entries: Mapping[str, Entry]) -> dict[str, Any]:
    return {name: _entry_json(one) for name, one in entries.items()}


def _entry_json(one: Entry) -> dict[str, Any]:
    return {
        "type": one.type,
        "declared": _encoded(dict(one.declared)),
        "depends_on": list(one.depends_on),
        "retain": one.retain,
        "file": one.file,
        "line": one.line,
    }


def _entry(text: Mapping[str, Any]) -> Entry:
    made = Entry(**text)
    return replace(made, declared=_decoded(text["declared"]), depends_on=tuple(text["depends_on"]))


def _encoded(value: Any) -> Any:
    if isinstance(value, Deferred):
        parts = [piece if isinstance(piece, str) else [piece.resource, piece.name] for piece in value.parts]
        return {_PARTS: parts}
    if isinstance(value, Mapping):
        return {key: _encoded(_hidden(key, one)) for key, one in value.items()}
    return [_encoded(one) for one in value] if isinstance(value, list) else value


def _decoded(value: Any) -> Any:
    if isinstance(value, Mapping):
        if _PARTS in value:
            return Deferred(tuple(one if isinstance(one, str) else Attribute(*one) for one in value[_PARTS]))
        return {key: _decoded(one) for key, one in value.items()}
    return [_decoded(one) for one in value] if isinstance(value, list) else value
