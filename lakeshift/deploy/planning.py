"""What has to be done so that a stage is as its definitions say; nothing is changed by planning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from lakeshift.definitions import Attribute, DefinitionError, Problem, Resource, Value, attributes_in, filled
from lakeshift.deploy.adapters import ADAPTERS, Adapter, Live
from lakeshift.deploy.artefacts import Artefact
from lakeshift.deploy.crawler_checks import crawler_problems
from lakeshift.deploy.diff import Field, diff
from lakeshift.deploy.migrations import Migration, batches, pending, read_migrations
from lakeshift.deploy.project import Project, load_project
from lakeshift.deploy.session import AwsSession
from lakeshift.deploy.warehouse import Warehouse
from lakeshift.errors import LakeshiftError
from lakeshift.paths import REPOSITORY

__all__ = ["Known", "Plan", "Step", "differences", "make_plan", "read_live", "wanted"]

Action = Literal["create", "update", "none"]
_SIGNS: Mapping[Action, str] = {"create": "+", "update": "~", "none": "="}


@dataclass(frozen=True, slots=True)
class Step:
    """One resource: what is done with it, the fields that differ, and what it is now."""

    resource: Resource
    action: Action
    fields: tuple[Field, ...] = ()
    live: Live | None = None


class Known:
    """Attributes of resources that are there, as planning and applying learn them."""

    def __init__(self) -> None:
        self._attributes: dict[str, Mapping[str, str]] = {}

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


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps in the order they are done in, files that are not yet uploaded, and SQL files to run."""

    project: Project
    steps: tuple[Step, ...]
    uploads: tuple[Artefact, ...]
    migrations: tuple[Migration, ...]

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.uploads or self.migrations) or any(step.action != "none" for step in self.steps)

    def counts(self) -> dict[str, int]:
        """Resources by what is done with them: ``create``, ``update``, ``none``."""
        return {action: sum(step.action == action for step in self.steps) for action in ("create", "update", "none")}

    def text(self) -> str:
        """For people: a line for each resource, object and SQL file, field by field, and the sum."""
        lines: list[str] = []
        for step in self.steps:
            lines.append(f"{_SIGNS[step.action]} {step.resource.logical_id} ({step.resource.type})")
            for field in step.fields:
                before, after = field.shown()
                lines.append(f"    {field.name}: {before} -> {after}")
        lines += [f"+ object {self.project.code.prefix}/{one.path}" for one in self.uploads]
        lines += [f"+ sql {one.path}" for one in self.migrations]
        counts = self.counts()
        lines.append(
            f"{counts['create']} to create, {counts['update']} to update, {counts['none']} unchanged; "
            f"{len(self.uploads)} objects to upload, {len(self.migrations)} SQL files to run."
        )
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """For programs: the same as ``text``."""
        return {
            "stage": self.project.stage,
            "account": self.project.parameters["AccountId"],
            "region": self.project.parameters["Region"],
            "resources": [_step_json(step) for step in self.steps],
            "uploads": [f"{self.project.code.prefix}/{one.path}" for one in self.uploads],
            "migrations": [one.path for one in self.migrations],
            "counts": self.counts(),
        }


def make_plan(
    stage: str, session: AwsSession, overrides: Mapping[str, str] | None = None, root: Path = REPOSITORY
) -> Plan:
    """Compare the definitions of ``root`` with what is there. Raises LakeshiftError where it cannot be made so."""
    project = load_project(stage, session, overrides, root)
    known = Known()
    steps: list[Step] = []
    problems = crawler_problems(project.stack, session)
    if problems:
        raise DefinitionError(problems)
    for resource in project.stack:
        step = _step(resource, session, known)
        steps.append(step)
        problems += _unchangeable(step, ADAPTERS[resource.type])
    if problems:
        raise DefinitionError(problems)
    return Plan(
        project, _code_first(steps, project.code.bucket), _uploads(project, session), _migrations(project, session)
    )


def wanted(resource: Resource, known: Callable[[Attribute], str | None]) -> dict[str, Value]:
    """The declared properties, with what is known by now put in."""
    return {key: filled(value, known) for key, value in resource.properties.items()}


def differences(adapter: Adapter, live: Live, want: Mapping[str, Value]) -> tuple[Field, ...]:
    """The fields of ``want`` that ``live`` has otherwise; what AWS does not show does not count."""
    declared = {key: value for key, value in want.items() if key not in adapter.write_only}
    return diff(adapter.comparable(live.properties), adapter.comparable(declared))


def read_live(resource: Resource, session: AwsSession, known: Known) -> Live | None:
    """The resource as it is, and ``known`` told of it; None where it, or what it is found by, is not there."""
    adapter = ADAPTERS[resource.type]
    want = wanted(resource, known.told)
    if any(True for key in adapter.identity for _ in attributes_in(want.get(key))):
        return None
    try:
        live = adapter.read(session, want)
    except (ClientError, BotoCoreError) as error:
        where = f"{resource.logical_id} ({resource.type}, {resource.file}:{resource.line})"
        raise LakeshiftError(f"{where} cannot be read: {error} Nothing was changed.") from error
    known.learn(resource.logical_id, live)
    return live


def _step(resource: Resource, session: AwsSession, known: Known) -> Step:
    live = read_live(resource, session, known)
    if live is None:
        return Step(resource, "create")
    adapter = ADAPTERS[resource.type]
    fields = differences(adapter, live, wanted(resource, known.told))
    if fields:
        known.forget(resource.logical_id, adapter.volatile)
    return Step(resource, "update" if fields else "none", fields, live)


def _unchangeable(step: Step, adapter: Adapter) -> list[Problem]:
    """Changes that AWS does not make in place are refused: a replacement would lose what the resource holds."""
    names = sorted({field.path[0] for field in step.fields} & adapter.fixed)
    if not names:
        return []
    one = step.resource
    message = (
        f"{one.logical_id}: {', '.join(names)} of {one.type} cannot be changed in place. Put the old value back, or "
        "delete the resource by hand (or give it a new name) and deploy again."
    )
    return [Problem(one.file, one.line, message)]


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


def _uploads(project: Project, session: AwsSession) -> tuple[Artefact, ...]:
    code = project.code
    if session.find("s3", "head_bucket", ("404", "NoSuchBucket", "NotFound"), Bucket=code.bucket) is None:
        return code.artefacts
    found = session.pages("s3", "list_objects_v2", "Contents", Bucket=code.bucket, Prefix=f"{code.key}/")
    there = {item["Key"] for item in found}
    return tuple(one for one in code.artefacts if f"{code.key}/{one.path}" not in there)


def _migrations(project: Project, session: AwsSession) -> tuple[Migration, ...]:
    files = read_migrations(project.root)
    if not files:
        return ()
    found = pending(files, Warehouse(session, project.parameters).recorded())
    batches(found)  # refuses a file that is too long before anything is changed
    return found


def _step_json(step: Step) -> dict[str, Any]:
    fields = [
        dict(zip(("path", "before", "after"), (field.name, *field.shown()), strict=True)) for field in step.fields
    ]
    return {
        "logical_id": step.resource.logical_id,
        "type": step.resource.type,
        "action": step.action,
        "fields": fields,
    }
