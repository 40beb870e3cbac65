"""One resource of a plan: what it is now, what differs, what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from lakeshift.definitions import Attribute, Resource, Value, attributes_in, filled
from lakeshift.deploy.adapters import ADAPTERS, Adapter, Live
from lakeshift.deploy.diff import Field, diff
from lakeshift.deploy.session import AwsSession
from lakeshift.errors import LakeshiftError

__all__ = ["Action", "Known", "Step", "differences", "found_by", "read_live", "wanted", "where"]

Action = Literal["create", "update", "none", "delete", "keep"]


@dataclass(frozen=True, slots=True)
class Step:
    """One resource: what is done with it, the fields that differ, and what it is now.

    ``by_hand`` are the values that were deployed, for those of ``fields`` that somebody changed since.
    """

    resource: Resource
    action: Action
    fields: tuple[Field, ...] = ()
    live: Live | None = None
    by_hand: Mapping[tuple[str, ...], Any] = field(default_factory=dict)


class Known:
    """Attributes of resources that are there, as planning and applying learn them."""

    def __init__(self, attributes: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._attributes: dict[str, Mapping[str, str]] = dict(attributes or {})

    def learn(self, logical_id: str, live: Live | None) -> None:
        """Take over what ``live`` tells."""
        if live is not None:
            self._attributes[logical_id] = live.attributes

    def forget(self, logical_id: str, names: frozenset[str]) -> None:
        """What a change of the resource will change is not known any more."""
        told = self._attributes.get(logical_id, {})
        self._attributes[logical_id] = {name: value for name, value in told.items() if name not in names}

    def told(self, attribute: Attribute) -> str | None:
        """The attribute's value; None for one that is not known yet."""
        return self._attributes.get(attribute.resource, {}).get(attribute.name)

    def all(self) -> dict[str, Mapping[str, str]]:
        """Everything that was learned, by logical id."""
        return {name: told for name, told in self._attributes.items() if told}


def wanted(resource: Resource, known: Callable[[Attribute], str | None]) -> dict[str, Value]:
    """The declared properties, with what is known by now put in."""
    return {key: filled(value, known) for key, value in resource.properties.items()}


def differences(adapter: Adapter, live: Live, want: Mapping[str, Value]) -> tuple[Field, ...]:
    """The fields of ``want`` that ``live`` has otherwise; what AWS does not show does not count."""
    declared = {key: value for key, value in want.items() if key not in adapter.write_only}
    return diff(adapter.comparable(live.properties), adapter.comparable(declared))


def found_by(adapter: Adapter, want: Mapping[str, Value]) -> bool:
    """Whether all that a resource is found by is known."""
    return not any(True for key in adapter.identity for _ in attributes_in(want.get(key)))


def read_live(resource: Resource, session: AwsSession, known: Known) -> Live | None:
    """The resource as it is, and ``known`` told of it; None where it, or what it is found by, is not there."""
    adapter = ADAPTERS[resource.type]
    want = wanted(resource, known.told)
    if not found_by(adapter, want):
        return None
    try:
        live = adapter.read(session, want)
    except (ClientError, BotoCoreError) as error:
        raise LakeshiftError(f"{where(resource)} cannot be read: {error} Nothing was changed.") from error
    known.learn(resource.logical_id, live)
    return live


def where(resource: Resource) -> str:
    """``RawBucket (AWS::S3::Bucket, infra/storage.yaml:4)``."""
    return f"{resource.logical_id} ({resource.type}, {resource.file}:{resource.line})"
