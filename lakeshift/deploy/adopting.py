"""Taking over what was made elsewhere: it gets the stack's tag and is recorded; its properties stay as they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from lakeshift.definitions import Resource, Value
from lakeshift.deploy.adapters import ADAPTERS, Live
from lakeshift.deploy.lock import Lock
from lakeshift.deploy.ownership import tagged_stack
from lakeshift.deploy.project import Project, load_project
from lakeshift.deploy.record import Entry, entry_of
from lakeshift.deploy.records import Records, started
from lakeshift.deploy.session import STACK_TAG, AwsSession
from lakeshift.deploy.steps import Known, read_live, wanted, where
from lakeshift.errors import LakeshiftError
from lakeshift.paths import REPOSITORY

__all__ = ["adopt"]


def adopt(
    stage: str,
    session: AwsSession,
    names: Collection[str],
    overrides: Mapping[str, str] | None = None,
    root: Path = REPOSITORY,
) -> tuple[str, ...]:
    """Take over the resources that ``names`` (logical ids of the definitions) stand for; returns those that were new.

    What differs from the definitions is shown by the next plan as its change. Raises LakeshiftError, before anything is
    done, for a name that is not defined, a resource that is not there, and one that another stack has.
    """
    project = load_project(stage, session, overrides, root)
    project.refuse_unnamed_account()
    found = _found(project, names, session)
    records = Records(session, project.code.bucket)
    if not records.bucket_is_there():
        return _tag_only(project, found, session)
    with Lock(session, project.code.bucket, f"adoption by {stage}"):
        record = records.current() or replace(started(project, None, {}), status="adopted")
        new = {name: one for name, one in found.items() if not record.owns(name, one[0].type)}
        for resource, want, live in new.values():
            ADAPTERS[resource.type].tag(session, want, live, {STACK_TAG: project.name})
        entries = {**record.entries, **{name: _entry(resource, want) for name, (resource, want, _) in new.items()}}
        records.write(replace(record, entries=entries))
    return tuple(new)


def _tag_only(
    project: Project, found: Mapping[str, tuple[Resource, dict[str, Value], Live]], session: AwsSession
) -> tuple[str, ...]:
    """Before the first deployment there is no bucket for the record: the tag alone says whose a resource is."""
    untaggable = [name for name, (resource, _, _) in found.items() if ADAPTERS[resource.type].tagged is None]
    if set(untaggable) - {name for name, (one, _, _) in found.items() if one.type == "AWS::S3::Bucket"}:
        raise LakeshiftError(
            f"{', '.join(untaggable)}: takes no tags, and the record that would know it lies in {project.code.bucket}, "
            "which the first deployment makes. Leave it out of the definitions for that one, then adopt it."
        )
    for resource, want, live in found.values():
        ADAPTERS[resource.type].tag(session, want, live, {STACK_TAG: project.name})
    return tuple(found)


def _found(
    project: Project, names: Collection[str], session: AwsSession
) -> dict[str, tuple[Resource, dict[str, Value], Live]]:
    unknown = sorted(set(names) - {one.logical_id for one in project.stack})
    if unknown:
        raise LakeshiftError(f"{', '.join(unknown)}: not defined in this stage, so there is nothing to adopt it as.")
    known = Known()
    found: dict[str, tuple[Resource, dict[str, Value], Live]] = {}
    for resource in project.stack:
        live = read_live(resource, session, known)
        if resource.logical_id not in names:
            continue
        want = wanted(resource, known.told)
        if live is None:
            raise LakeshiftError(f"{where(resource)} is not there: the next deployment makes it.")
        _, owner = tagged_stack(resource, want, live, session)
        if owner not in (None, project.name):
            raise LakeshiftError(f"{where(resource)} belongs to the stack {owner}. Destroy or untag it there first.")
        found[resource.logical_id] = (resource, want, live)
    return found


def _entry(resource: Resource, want: Mapping[str, Value]) -> Entry:
    """Only what it is found by: nothing else of it was deployed, so nothing else can have been changed by hand."""
    return replace(entry_of(resource), declared=ADAPTERS[resource.type].needed_to_find(want))
