"""What every adapter does for its type of resource."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from lakeshift.definitions import TYPES
from lakeshift.deploy.adapters.tagging import BY_SERVICE
from lakeshift.deploy.session import AwsSession
from lakeshift.errors import LakeshiftError

__all__ = ["Adapter", "Live", "Properties", "chosen", "only_one", "physical_name", "tag_list"]

Properties = Mapping[str, Any]
_PLACE: Final = re.compile(r"\{([\w.]+)\}")


@dataclass(frozen=True, slots=True)
class Live:
    """A resource as it is: ``properties`` in CloudFormation's shape, ``attributes`` that only AWS knows."""

    properties: Properties
    attributes: Mapping[str, str] = field(default_factory=dict)


class Adapter(ABC):
    """One type of resource: read, create, update, delete.

    ``identity`` are the properties it is found by, ``fixed`` those that AWS does not change in place, ``write_only``
    those that AWS does not show and that are used on creation only; ``volatile`` are attributes that a change changes.
    ``tagged`` says how its tags are read (a key of BY_SERVICE) and by what (a text of ``{Region}``, ``{Account}``,
    ``{Name}`` and of attributes), None for what takes no tags; ``holds_data`` is true for what must not go by mistake.
    """

    type: ClassVar[str]
    identity: ClassVar[tuple[str, ...]]
    fixed: ClassVar[frozenset[str]] = frozenset()
    write_only: ClassVar[frozenset[str]] = frozenset()
    volatile: ClassVar[frozenset[str]] = frozenset()
    tagged: ClassVar[tuple[str, str] | None] = None
    holds_data: ClassVar[bool] = False

    @abstractmethod
    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """The live resource that ``want`` names, None where there is none."""

    @abstractmethod
    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """Make it with all of ``want``."""

    @abstractmethod
    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Make the properties in ``changed`` (top names) as ``want`` has them."""

    @abstractmethod
    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """Delete it; what holds data refuses unless it is empty."""

    def tags(self, aws: AwsSession, want: Properties, live: Live) -> Mapping[str, str] | None:
        """The tags it has; None for a type that takes none."""
        if self.tagged is None:
            return None
        return BY_SERVICE[self.tagged[0]].tags(aws, self._whose(aws, want, live))

    def tag(self, aws: AwsSession, want: Properties, live: Live, tags: Mapping[str, str]) -> None:
        """Add tags; nothing for a type that takes none."""
        if self.tagged is not None:
            BY_SERVICE[self.tagged[0]].add(aws, self._whose(aws, want, live), tags)

    def empty(self, aws: AwsSession, want: Properties) -> None:  # noqa: B027 - most have nothing to empty
        """Delete the data that it cannot be deleted with; asked for by name only."""

    def known_as(self, properties: Properties) -> tuple[Any, ...]:
        """What tells one resource of this type from another: its name, or what else it is found by."""
        named = physical_name(self.type, properties)
        return (named, *(properties.get(key) for key in self.identity if not isinstance(properties.get(key), Mapping)))

    def needed_to_find(self, properties: Properties) -> dict[str, Any]:
        """Of ``properties`` no more than what reading and deleting it needs."""
        found: dict[str, Any] = {}
        for path in TYPES[self.type].names:
            top, _, below = path.partition(".")
            if top in properties:
                found[top] = {below: properties[top][below]} if below else properties[top]
        return {**{key: properties[key] for key in self.identity if key in properties}, **found}

    def _whose(self, aws: AwsSession, want: Properties, live: Live) -> str:
        template = self.tagged[1] if self.tagged else ""
        known = {"Region": aws.region, "Name": physical_name(self.type, want), **live.attributes}
        if "{Account}" in template:
            known["Account"] = aws.account()
        return _PLACE.sub(lambda place: known[place[1]], template)

    def comparable(self, properties: Properties) -> Properties:
        """``properties`` in one form, for live and declared ones that say the same in different words."""
        return properties


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags in the form most services take."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def chosen(properties: Properties, *names: str) -> dict[str, Any]:
    """The named properties that are there."""
    return {name: properties[name] for name in names if name in properties}


def only_one(properties: Properties, name: str) -> str:
    """The one entry of a list that CloudFormation lets be longer. Raises LakeshiftError for more."""
    listed = properties[name]
    if len(listed) != 1:
        raise LakeshiftError(f"{name} takes one entry here, not {len(listed)}; make one resource for each.")
    return str(listed[0])


def physical_name(kind: str, properties: Properties) -> str:
    """The name on AWS of a resource of the type ``kind``; empty for a type without one."""
    for path in TYPES[kind].names:
        value: Any = properties
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None:
            return str(value)
    return ""
