"""Taking a stage away, in the reverse order of its references; what has ``DeletionPolicy: Retain`` stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from lakeshift.definitions import Resource
from lakeshift.deploy.adapters import ADAPTERS, Live
from lakeshift.deploy.planning import Known, read_live, wanted
from lakeshift.deploy.project import load_project
from lakeshift.deploy.session import AwsSession
from lakeshift.errors import LakeshiftError
from lakeshift.paths import REPOSITORY

__all__ = ["Removed", "remove"]


@dataclass(frozen=True, slots=True)
class Removed:
    """Logical ids that were deleted, and those that are there and stay."""

    deleted: tuple[str, ...]
    kept: tuple[str, ...]


def _quiet(line: str) -> None:
    """Progress that nobody follows."""


def remove(
    stage: str,
    session: AwsSession,
    overrides: Mapping[str, str] | None = None,
    root: Path = REPOSITORY,
    progress: Callable[[str], None] = _quiet,
) -> Removed:
    """Delete what the definitions of ``root`` name. Raises LakeshiftError at the first thing AWS refuses to delete.

    A bucket that is not empty is such a thing: its objects are never deleted here.
    """
    known = Known()
    found: list[tuple[Resource, Live]] = []
    for resource in load_project(stage, session, overrides, root).stack:
        live = read_live(resource, session, known)
        if live is not None:
            found.append((resource, live))
    deleted: list[str] = []
    for resource, live in reversed(found):
        if not resource.retain:
            progress(f"delete {resource.logical_id}")
            _delete(resource, live, session, known)
            deleted.append(resource.logical_id)
    return Removed(tuple(deleted), tuple(one.logical_id for one, _ in found if one.retain))


def _delete(resource: Resource, live: Live, session: AwsSession, known: Known) -> None:
    try:
        ADAPTERS[resource.type].delete(session, wanted(resource, known.told), live)
    except (ClientError, BotoCoreError) as error:
        where = f"{resource.logical_id} ({resource.type}, {resource.file}:{resource.line})"
        raise LakeshiftError(f"{where} was not deleted: {error} What was deleted before is gone.") from error
