"""What has to be done so that a stage is as its definitions say; nothing is changed by planning."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from lakeshift.definitions import DefinitionError, Problem, Resource
from lakeshift.deploy.adapters import ADAPTERS, Live
from lakeshift.deploy.artefacts import Artefact
from lakeshift.deploy.by_hand import changed_by_hand
from lakeshift.deploy.checks import problems_of
from lakeshift.deploy.migrations import Migration, fits, migrations_in, pending
from lakeshift.deploy.ownership import foreign, tagged_stack
from lakeshift.deploy.project import Project, load_project
from lakeshift.deploy.record import Record
from lakeshift.deploy.records import Records
from lakeshift.deploy.removals import removal_steps
from lakeshift.deploy.session import AwsSession
from lakeshift.deploy.steps import Action, Known, Step, differences, read_live, wanted
from lakeshift.deploy.warehouse import Warehouse
from lakeshift.paths import REPOSITORY

__all__ = ["Plan", "make_plan", "plan_project"]

_ACTIONS: tuple[Action, ...] = ("create", "update", "delete", "keep", "none")


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps in the order they are done in, removals last; files to upload, SQL files to run, the last record."""

    project: Project
    steps: tuple[Step, ...]
    uploads: tuple[Artefact, ...]
    migrations: tuple[Migration, ...]
    record: Record | None = None

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.uploads or self.migrations) or any(step.action != "none" for step in self.steps)

    @property
    def cut_off(self) -> bool:
        """Whether the last deployment did not end."""
        return self.record is not None and self.record.status == "applying"

    @property
    def by_hand(self) -> tuple[Step, ...]:
        """The steps that would overwrite what somebody changed."""
        return tuple(step for step in self.steps if step.by_hand)

    def counts(self) -> dict[str, int]:
        """Resources by what is done with them."""
        return {action: sum(step.action == action for step in self.steps) for action in _ACTIONS}


def make_plan(
    stage: str,
    session: AwsSession,
    overrides: Mapping[str, str] | None = None,
    root: Path = REPOSITORY,
    data: Collection[str] = (),
) -> Plan:
    """Compare the definitions of ``root`` with what is there. Raises LakeshiftError where it cannot be made so.

    ``data`` are the logical ids of what may be deleted with its data when the definitions no longer have it.
    """
    return plan_project(load_project(stage, session, overrides, root), session, data)


def plan_project(project: Project, session: AwsSession, data: Collection[str] = ()) -> Plan:
    """The plan of a stage that is read already."""
    problems = problems_of(project)
    if problems:
        raise DefinitionError(problems)
    records = Records(session, project.code.bucket)
    bucket_is_there = records.bucket_is_there()
    record = records.current() if bucket_is_there else None
    known = Known()
    planner = _Planner(project, session, record, known, bucket_is_there)
    steps = [planner.step(resource) for resource in project.stack]
    if planner.problems:
        raise DefinitionError(planner.problems)
    gone = removal_steps(project.stack, record, known, session, data)
    return Plan(
        project,
        (*_code_first(steps, project.code.bucket), *gone),
        _uploads(project, session, bucket_is_there),
        _migrations(project, session),
        record,
    )


class _Planner:
    """Steps one after the other; ``problems`` has all that stands in the way of one."""

    def __init__(
        self, project: Project, session: AwsSession, record: Record | None, known: Known, bucket_is_there: bool
    ) -> None:
        self._project = project
        self._session = session
        self._record = record
        self._known = known
        self._bucket_is_there = bucket_is_there
        self.problems: list[Problem] = []

    def step(self, resource: Resource) -> Step:
        """What is done with one resource."""
        live = read_live(resource, self._session, self._known)
        if live is None:
            return Step(resource, "create")
        adapter = ADAPTERS[resource.type]
        fields = differences(adapter, live, wanted(resource, self._known.told))
        if fields:
            self._known.forget(resource.logical_id, adapter.volatile)
        if not self._is_ours(resource, live):
            return Step(resource, "none", (), live)
        fixed = sorted({field.path[0] for field in fields} & adapter.fixed)
        if fixed:
            self.problems.append(_unchangeable(resource, fixed))
        by_hand = changed_by_hand(self._record, resource.logical_id, live, fields)
        return Step(resource, "update" if fields else "none", fields, live, by_hand)

    def _is_ours(self, resource: Resource, live: Live) -> bool:
        """What the record does not know is told by its tag; before there is a record, what takes no tag is ours."""
        if self._record is not None and self._record.owns(resource.logical_id, resource.type):
            return True
        takes_tags, owner = tagged_stack(resource, wanted(resource, self._known.told), live, self._session)
        if owner == self._project.name:
            return True
        if self._record is None and (self._is_half_made(resource, owner) if takes_tags else self._bucket_is_there):
            return True
        self.problems.append(foreign(resource, owner))
        return False

    def _is_half_made(self, resource: Resource, owner: str | None) -> bool:
        """The bucket of the code of a first deployment that was cut off before it could tag it: nothing is in it."""
        bucket = self._project.code.bucket
        if owner is not None or resource.properties.get("BucketName") != bucket:
            return False
        return not self._session.call("s3", "list_objects_v2", Bucket=bucket, MaxKeys=1).get("Contents")


def _unchangeable(one: Resource, names: list[str]) -> Problem:
    """Changes that AWS does not make in place are refused: a replacement would lose what the resource holds."""
    message = (
        f"{one.logical_id}: {', '.join(names)} of {one.type} cannot be changed in place. Put the old value back, or "
        "give the resource a new name: the new one is made, and the old one goes, or stays where it holds data."
    )
    return Problem(one.file, one.line, message)


def _code_first(steps: list[Step], bucket: str) -> tuple[Step, ...]:
    """The bucket of the code, and what it needs, before everything else: jobs name files in it."""
    by_id = {step.resource.logical_id: step for step in steps}
    first = {name for name, step in by_id.items() if step.resource.properties.get("BucketName") == bucket}
    grown = True
    while grown:
        more = {other for name in first for other in by_id[name].resource.depends_on} - first
        first |= more
        grown = bool(more)
    return tuple(sorted(steps, key=lambda step: step.resource.logical_id not in first))


def _uploads(project: Project, session: AwsSession, bucket_is_there: bool) -> tuple[Artefact, ...]:
    code = project.code
    if not bucket_is_there:
        return code.artefacts
    found = session.pages("s3", "list_objects_v2", "Contents", Bucket=code.bucket, Prefix=f"{code.key}/")
    there = {item["Key"] for item in found}
    return tuple(one for one in code.artefacts if f"{code.key}/{one.path}" not in there)


def _migrations(project: Project, session: AwsSession) -> tuple[Migration, ...]:
    files = migrations_in(project.code.texts("sql/"))
    if not files:
        return ()
    for one in files:
        fits(one)  # refuses a file that is too long before anything is changed
    return pending(files, Warehouse(session, project.parameters).recorded())
