"""Taking a stage away, in the reverse order of its references: only what is ours, and data only where it is named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from lakeshift.definitions import Resource, Stack
from lakeshift.deploy.adapters import ADAPTERS, Live
from lakeshift.deploy.lock import Lock
from lakeshift.deploy.ownership import is_ours
from lakeshift.deploy.project import Project, load_project
from lakeshift.deploy.record import Record
from lakeshift.deploy.records import Records, now
from lakeshift.deploy.removals import leftover, staying
from lakeshift.deploy.session import AwsSession
from lakeshift.deploy.steps import Known, read_live, wanted, where
from lakeshift.errors import LakeshiftError
from lakeshift.paths import REPOSITORY

__all__ = ["Removed", "remove"]


@dataclass(frozen=True, slots=True)
class Removed:
    """Logical ids that were deleted, those that are there and stay, those that are there and are not ours."""

    deleted: tuple[str, ...]
    kept: tuple[str, ...]
    foreign: tuple[str, ...] = ()


def _quiet(line: str) -> None:
    """Progress that nobody follows."""


def remove(
    stage: str,
    session: AwsSession,
    overrides: Mapping[str, str] | None = None,
    root: Path = REPOSITORY,
    progress: Callable[[str], None] = _quiet,
    data: Collection[str] = (),
) -> Removed:
    """Delete what the definitions of ``root`` and the record name and what carries the tag of this stack.

    What holds data, or says ``DeletionPolicy: Retain``, stays unless ``data`` names it (``yes`` names all), and with it
    what it needs. Raises LakeshiftError at the first thing that AWS refuses to delete.
    """
    project = load_project(stage, session, overrides, root)
    project.refuse_unnamed_account()
    records = Records(session, project.code.bucket)
    record = records.current()
    if not records.bucket_is_there():
        return _take_away(_found(project, record, session), session, records, record, data, progress)
    with Lock(session, project.code.bucket, f"removal of {stage}", progress):
        return _take_away(_found(project, record, session), session, records, record, data, progress)


def _found(project: Project, record: Record | None, session: AwsSession) -> list[tuple[Resource, Live, bool]]:
    """What is there, in the order it is deleted in, and whether it is ours; the bucket of the code last."""
    known = Known()
    found: list[tuple[Resource, Live, bool]] = []
    for resource in project.stack:
        live = read_live(resource, session, known)
        if live is not None:
            want = wanted(resource, known.told)
            ours = _ours(resource, live, project, record, session, known)
            found.append((replace(resource, properties=want), live, ours))
    found.reverse()
    for resource in reversed(leftover(Stack(project.stack.resources), record, known)):
        live = read_live(resource, session, Known())
        if live is not None:
            found.insert(0, (resource, live, _ours(resource, live, project, record, session, known)))
    return sorted(found, key=lambda one: one[0].properties.get("BucketName") == project.code.bucket)


def _ours(
    resource: Resource, live: Live, project: Project, record: Record | None, session: AwsSession, known: Known
) -> bool:
    want = wanted(resource, known.told)
    return is_ours(resource, want, live, session, project.name, record)


def _take_away(
    found: list[tuple[Resource, Live, bool]],
    session: AwsSession,
    records: Records,
    record: Record | None,
    data: Collection[str],
    progress: Callable[[str], None],
) -> Removed:
    deleted: list[str] = []
    kept: list[str] = []
    stays = staying([resource for resource, _, ours in found if ours], data)
    for resource, live, ours in found:
        if not ours:
            continue
        if resource.logical_id in stays:
            kept.append(resource.logical_id)
            continue
        progress(f"delete {resource.logical_id}")
        _delete(resource, live, session)
        deleted.append(resource.logical_id)
    _remember(records, record, deleted)
    foreign = tuple(resource.logical_id for resource, _, ours in found if not ours)
    return Removed(tuple(deleted), tuple(kept), foreign)


def _remember(records: Records, record: Record | None, deleted: list[str]) -> None:
    """What stays is still known to be of this stack."""
    if record is None or not records.bucket_is_there():
        return
    entries = {name: one for name, one in {**record.intended, **record.entries}.items() if name not in deleted}
    records.write(replace(record, number=record.number + 1, status="destroyed", at=now(), entries=entries, intended={}))


def _delete(resource: Resource, live: Live, session: AwsSession) -> None:
    adapter = ADAPTERS[resource.type]
    want = dict(resource.properties)
    try:
        if adapter.holds_data:
            adapter.empty(session, want)
        adapter.delete(session, want, live)
    except (ClientError, BotoCoreError) as error:
        raise LakeshiftError(f"{where(resource)} was not deleted: {error} What was deleted before is gone.") from error
