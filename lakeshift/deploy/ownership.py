"""Whose a resource is: that of this stack, known by its tag, or by the record for types that take no tags."""

from __future__ import annotations

from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from lakeshift.definitions import Problem, Resource, Value
from lakeshift.deploy.adapters import ADAPTERS, Live
from lakeshift.deploy.record import Record
from lakeshift.deploy.session import STACK_TAG, AwsSession
from lakeshift.deploy.steps import where
from lakeshift.errors import LakeshiftError

__all__ = ["foreign", "is_ours", "tagged_stack"]


def tagged_stack(
    resource: Resource, want: Mapping[str, Value], live: Live, session: AwsSession
) -> tuple[bool, str | None]:
    """Whether the type takes tags, and the stack that its tag names."""
    try:
        tags = ADAPTERS[resource.type].tags(session, want, live)
    except (ClientError, BotoCoreError) as error:
        raise LakeshiftError(f"{where(resource)}: its tags cannot be read: {error} Nothing was changed.") from error
    return tags is not None, None if tags is None else tags.get(STACK_TAG)


def is_ours(
    resource: Resource, want: Mapping[str, Value], live: Live, session: AwsSession, stack: str, record: Record | None
) -> bool:
    """By its tag; by the record where it takes none."""
    takes_tags, owner = tagged_stack(resource, want, live, session)
    if takes_tags:
        return owner == stack
    return record is not None and record.owns(resource.logical_id, resource.type)


def foreign(resource: Resource, owner: str | None) -> Problem:
    """What is told of a resource that is there already and is not ours."""
    told = f"it belongs to the stack {owner}" if owner else "no deployment of this stack made it"
    message = (
        f"{resource.logical_id}: a {resource.type} of this name is there already, and {told}. Give it another name, or "
        f"take it over: make adopt ENV=<stage> NAME={resource.logical_id}"
    )
    return Problem(resource.file, resource.line, message)
