"""What a definition may say of one type of resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["ResourceType", "resource_type"]


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One type.

    ``names`` are the paths (``DatabaseInput.Name``) of the property that is its name on AWS, one of which is needed;
    ``ref`` and ``attributes`` are texts of ``{Name}``, ``{Region}`` and ``{Account}``, or None where only AWS knows.
    """

    name: str
    properties: frozenset[str]
    required: frozenset[str]
    names: tuple[str, ...] = ()
    ref: str | None = None
    attributes: Mapping[str, str | None] = field(default_factory=dict)


def resource_type(
    name: str,
    required: str,
    optional: str = "",
    names: str = "",
    ref: str | None = None,
    attributes: Mapping[str, str | None] | None = None,
) -> ResourceType:
    """A type from its properties' names, separated by blanks."""
    needed = frozenset(required.split())
    return ResourceType(name, needed | set(optional.split()), needed, tuple(names.split()), ref, attributes or {})
