"""What every adapter does for its type of resource."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lakeshift.deploy.session import AwsSession
from lakeshift.errors import LakeshiftError

__all__ = ["Adapter", "Live", "Properties", "chosen", "only_one", "tag_list"]

Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Live:
    """A resource as it is: ``properties`` in CloudFormation's shape, ``attributes`` that only AWS knows."""

    properties: Properties
    attributes: Mapping[str, str] = field(default_factory=dict)


class Adapter(ABC):
    """One type of resource: read, create, update, delete.

    ``identity`` are the properties it is found by, ``fixed`` those that AWS does not change in place, ``write_only``
    those that AWS does not show and that are used on creation only; ``volatile`` are attributes that a change changes.
    """

    type: ClassVar[str]
    identity: ClassVar[tuple[str, ...]]
    fixed: ClassVar[frozenset[str]] = frozenset()
    write_only: ClassVar[frozenset[str]] = frozenset()
    volatile: ClassVar[frozenset[str]] = frozenset()

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
