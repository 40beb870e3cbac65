"""Carrying a plan out, resource after resource in the order of their references."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from lakeshift.definitions import Resource, Value, attributes_in
from lakeshift.deploy.adapters import ADAPTERS, Adapter
from lakeshift.deploy.planning import Known, Plan, Step, differences, wanted
from lakeshift.deploy.session import STACK_TAG, AwsSession
from lakeshift.deploy.warehouse import Warehouse
from lakeshift.errors import LakeshiftError

__all__ = ["Result", "apply_plan"]


@dataclass(frozen=True, slots=True)
class Result:
    """Logical ids that were created and updated, the number unchanged, files uploaded, SQL files run, seconds."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: int
    uploaded: int
    migrated: int
    seconds: float


def _quiet(line: str) -> None:
    """Progress that nobody follows."""


def apply_plan(plan: Plan, session: AwsSession, progress: Callable[[str], None] = _quiet) -> Result:
    """Make the stage as ``plan`` says; ``progress`` is told each thing before it is done.

    Raises LakeshiftError at the first thing that AWS refuses; what was done stays, and the next plan goes on there.
    """
    started = time.monotonic()
    run = _Run(plan, session, progress)
    uploaded = False
    for step in plan.steps:
        if not uploaded and run.bucket_is_there:
            run.upload()
            uploaded = True
        run.step(step)
    if not uploaded:
        run.upload()
    if plan.migrations:
        Warehouse(session, plan.project.parameters).run(plan.migrations, progress)
    counts = plan.counts()
    return Result(
        tuple(run.created),
        tuple(run.updated),
        counts["none"],
        len(plan.uploads),
        len(plan.migrations),
        time.monotonic() - started,
    )


class _Run:
    """One apply: what is known by now, and what was done."""

    def __init__(self, plan: Plan, session: AwsSession, progress: Callable[[str], None]) -> None:
        self._plan = plan
        self._session = session
        self._progress = progress
        self._known = Known()
        self._tags = {STACK_TAG: plan.project.name}
        self._awaited = {
            attribute.resource
            for step in plan.steps
            for value in step.resource.properties.values()
            for attribute in attributes_in(value)
        }
        self.bucket_is_there = not plan.uploads
        self.created: list[str] = []
        self.updated: list[str] = []

    def step(self, step: Step) -> None:
        """Do one step, and learn what AWS tells of it."""
        name = step.resource.logical_id
        try:
            self._do(step)
        except (ClientError, BotoCoreError) as error:
            raise LakeshiftError(
                f"{name} ({step.resource.type}, {step.resource.file}:{step.resource.line}) was not "
                f"{'created' if step.action == 'create' else 'updated'}: {error} What was done before stays; mend the "
                "cause and deploy again."
            ) from error
        if step.resource.properties.get("BucketName") == self._plan.project.code.bucket:
            self.bucket_is_there = True

    def _do(self, step: Step) -> None:
        name = step.resource.logical_id
        adapter = ADAPTERS[step.resource.type]
        want = wanted(step.resource, self._known.told)
        self._refuse_unknown(step, want)
        # What it is found by was not known to the plan: only now it can be told whether it is there.
        late = step.live is None and _waits(adapter, step.resource)
        live = adapter.read(self._session, want) if late else step.live
        if live is None:
            self._progress(f"create {name}")
            adapter.create(self._session, want, self._tags)
            self.created.append(name)
            if name in self._awaited:
                self._known.learn(name, adapter.read(self._session, want))
            return
        self._known.learn(name, live)
        fields = () if step.action == "none" else differences(adapter, live, want)
        if fields:
            self._progress(f"update {name}")
            changed = frozenset(field.path[0] for field in fields)
            adapter.update(self._session, want, live, changed)
            self.updated.append(name)
            if adapter.volatile:
                self._known.learn(name, adapter.read(self._session, want))

    @staticmethod
    def _refuse_unknown(step: Step, want: dict[str, Value]) -> None:
        left = sorted({str(one) for value in want.values() for one in attributes_in(value)})
        if left:
            raise LakeshiftError(f"{step.resource.logical_id}: AWS did not tell {', '.join(left)}. Deploy again.")

    def upload(self) -> None:
        """Put what is not there yet."""
        code = self._plan.project.code
        for artefact in self._plan.uploads:
            self._progress(f"upload {artefact.path}")
            key = f"{code.key}/{artefact.path}"
            self._session.call("s3", "put_object", Bucket=code.bucket, Key=key, Body=artefact.content)


def _waits(adapter: Adapter, resource: Resource) -> bool:
    """Whether a property that ``resource`` is found by had to wait for another resource."""
    return any(True for key in adapter.identity for _ in attributes_in(resource.properties.get(key)))
