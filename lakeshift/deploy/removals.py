"""What a deployment made that the definitions no longer have: it goes, but for what holds data."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from lakeshift.definitions import Resource, Stack, attributes_in
from lakeshift.deploy.adapters import ADAPTERS
from lakeshift.deploy.ownership import is_ours
from lakeshift.deploy.record import Entry, Record, resource_of
from lakeshift.deploy.session import AwsSession
from lakeshift.deploy.steps import Action, Known, Step, read_live, wanted

__all__ = ["ALL_DATA", "action_of_removal", "leftover", "removal_steps", "staying"]

ALL_DATA: Final = "yes"  # instead of names: everything that holds data goes too


def leftover(stack: Stack, record: Record | None, known: Known) -> list[Resource]:
    """Recorded resources that the definitions do not have, or have under another name; the last made first."""
    if record is None:
        return []
    by_id = {one.logical_id: one for one in stack}
    found: list[Resource] = []
    for name, entry in {**record.intended, **record.entries}.items():
        now = by_id.get(name)
        if now is None or now.type != entry.type or _renamed(now, entry, record, known):
            found.append(resource_of(name, entry, record.applied(entry)))
    return found[::-1]


def _renamed(now: Resource, entry: Entry, record: Record, known: Known) -> bool:
    """Whether what the resource is found by is another now; what is not known yet is taken to be the same."""
    adapter = ADAPTERS[entry.type]
    before, after = adapter.known_as(record.applied(entry)), adapter.known_as(wanted(now, known.told))
    return before != after and not any(True for _ in attributes_in([*before, *after]))


def removal_steps(
    stack: Stack, record: Record | None, known: Known, session: AwsSession, data: Collection[str]
) -> list[Step]:
    """A step for each of ``leftover`` that is there and ours."""
    steps: list[Step] = []
    for resource in leftover(stack, record, known):
        live = read_live(resource, session, Known())
        if live is None or record is None:
            continue
        if is_ours(resource, wanted(resource, known.told), live, session, record.stack, record):
            steps.append(Step(resource, action_of_removal(resource, data), (), live))
    return steps


def staying(resources: Iterable[Resource], data: Collection[str]) -> set[str]:
    """Of ``resources`` those that stay: what is kept, what that needs, and the policies of buckets that are kept."""
    by_id = {one.logical_id: one for one in resources}
    kept = {name for name, one in by_id.items() if action_of_removal(one, data) == "keep"}
    while more := {name for kept_one in kept for name in by_id[kept_one].depends_on if name in by_id} - kept:
        kept |= more
    policies = (one for one in by_id.values() if one.type == "AWS::S3::BucketPolicy" and one.depends_on & kept)
    return kept | {one.logical_id for one in policies if one.logical_id not in data}


def action_of_removal(resource: Resource, data: Collection[str]) -> Action:
    """Deleted; kept where it holds data or says ``DeletionPolicy: Retain``, unless ``data`` names it."""
    keeps = resource.retain or ADAPTERS[resource.type].holds_data
    return "keep" if keeps and not {ALL_DATA, resource.logical_id} & set(data) else "delete"
