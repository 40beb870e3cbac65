"""Carrying a plan out: under a lock, in the order of references, and kept in the record."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from lakeshift.definitions import Resource, Value, attributes_in
from lakeshift.deploy.adapters import ADAPTERS, Live
from lakeshift.deploy.lock import Lock
from lakeshift.deploy.planning import Plan
from lakeshift.deploy.record import entry_of
from lakeshift.deploy.records import Records, now, started
from lakeshift.deploy.session import STACK_TAG, AwsSession
from lakeshift.deploy.steps import Known, Step, differences, found_by, wanted, where
from lakeshift.deploy.warehouse import Warehouse
from lakeshift.errors import LakeshiftError

__all__ = ["Result", "apply_plan"]

_DONE: Final = {"create": "created", "update": "updated", "delete": "deleted"}


@dataclass(frozen=True, slots=True)
class Result:
    """Logical ids by what was done, the number unchanged, files uploaded, SQL files run, seconds."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: int
    uploaded: int
    migrated: int
    seconds: float
    deleted: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def _quiet(line: str) -> None:
    """Progress that nobody follows."""


def apply_plan(
    plan: Plan, session: AwsSession, progress: Callable[[str], None] = _quiet, accept_drift: bool = False
) -> Result:
    """Make the stage as ``plan`` says; ``progress`` is told each thing before it is done.

    Raises LakeshiftError before anything is done where the plan would overwrite what somebody changed (unless
    ``accept_drift``) or another deployment runs or ran since; and at the first thing that AWS refuses: what was done
    stays, and the next plan goes on there.
    """
    plan.project.refuse_unnamed_account()
    if plan.by_hand and not accept_drift:
        raise LakeshiftError(_drift_refusal(plan))
    started = time.monotonic()
    run = _Run(plan, session, progress)
    with run.locked():
        run.all()
    counts = plan.counts()
    return Result(
        tuple(run.created),
        tuple(run.updated),
        counts["none"],
        len(plan.uploads),
        len(plan.migrations),
        time.monotonic() - started,
        tuple(run.deleted),
        tuple(step.resource.logical_id for step in plan.steps if step.action == "keep"),
    )


class _Run:
    """One apply: what is known by now, and what was done."""

    def __init__(self, plan: Plan, session: AwsSession, progress: Callable[[str], None]) -> None:
        self._plan = plan
        self._session = session
        self._progress = progress
        self._records = Records(session, plan.project.code.bucket)
        self._known = Known()
        self._tags = {STACK_TAG: plan.project.name}
        self._awaited = {
            attribute.resource
            for step in plan.steps
            for value in step.resource.properties.values()
            for attribute in attributes_in(value)
        }
        self._here = [step for step in plan.steps if step.action not in ("delete", "keep")]
        self._gone = [step for step in plan.steps if step.action == "delete"]
        self.created: list[str] = []
        self.updated: list[str] = []
        self.deleted: list[str] = []

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """The lock lies in the bucket of the code, so a stage that has none yet gets it first."""
        code = self._plan.project.code
        while self._here and not self._bucket_is_there():
            self.step(self._here.pop(0))
        with Lock(
            self._session, code.bucket, f"deployment of {code.sha} to {self._plan.project.stage}", self._progress
        ):
            if self._records.current() != self._plan.record:
                raise LakeshiftError("Another deployment ran since this plan was made. Make the plan again.")
            yield

    def _bucket_is_there(self) -> bool:
        bucket = self._plan.project.code.bucket
        for step in self._plan.steps:
            if step.resource.properties.get("BucketName") == bucket:
                return step.live is not None or step.resource.logical_id in self.created
        return True  # it is not ours to make

    def all(self) -> None:
        """Everything that is left to do."""
        plan = self._plan
        intended = {
            step.resource.logical_id: entry_of(step.resource)
            for step in plan.steps
            if step.action not in ("delete", "keep")
        }
        if not plan.changes and plan.record is not None and plan.record.is_of(intended):
            return
        if plan.record is None:
            self._tag_bucket()
        record = started(plan.project, plan.record, intended)
        self._records.write(record)
        self._upload()
        for step in self._here:
            self.step(step)
        if self._plan.migrations:
            Warehouse(self._session, self._plan.project.parameters).run(self._plan.migrations, self._progress)
        for step in self._gone:
            self._delete(step)
        self._progress("record")
        known = self._known.all()
        self._records.write(
            replace(record, status="applied", at=now(), entries=intended, intended={}, attributes=known)
        )

    def _tag_bucket(self) -> None:
        """Of a bucket that was there before the first record nobody knows whether its tag was put."""
        for step in self._plan.steps:
            if step.live is not None and step.resource.properties.get("BucketName") == self._plan.project.code.bucket:
                ADAPTERS[step.resource.type].tag(self._session, step.resource.properties, step.live, self._tags)

    def step(self, step: Step) -> None:
        """Do one step, and learn what AWS tells of it."""
        with _told(step.resource, step.action):
            self._do(step)

    def _do(self, step: Step) -> None:
        name = step.resource.logical_id
        adapter = ADAPTERS[step.resource.type]
        want = wanted(step.resource, self._known.told)
        _refuse_unknown(step, want)
        # What it is found by may not have been known to the plan: only now it can be told whether it is there.
        late = step.live is None and not found_by(adapter, dict(step.resource.properties))
        live = adapter.read(self._session, want) if late else step.live
        if live is None:
            self._progress(f"create {name}")
            adapter.create(self._session, want, self._tags)
            self.created.append(name)
            if name in self._awaited:
                self._known.learn(name, adapter.read(self._session, want))
            return
        self._known.learn(name, live)
        if step.action != "none":
            self._update(name, step.resource, want, live)

    def _update(self, name: str, resource: Resource, want: dict[str, Value], live: Live) -> None:
        adapter = ADAPTERS[resource.type]
        fields = differences(adapter, live, want)
        if not fields:
            return
        self._progress(f"update {name}")
        adapter.update(self._session, want, live, frozenset(field.path[0] for field in fields))
        self.updated.append(name)
        if adapter.volatile:
            self._known.learn(name, adapter.read(self._session, want))

    def _delete(self, step: Step) -> None:
        if step.live is None:
            return
        adapter = ADAPTERS[step.resource.type]
        want = dict(step.resource.properties)
        self._progress(f"delete {step.resource.logical_id}")
        with _told(step.resource, step.action):
            adapter.empty(self._session, want)
            adapter.delete(self._session, want, step.live)
        self.deleted.append(step.resource.logical_id)

    def _upload(self) -> None:
        """Put what is not there yet."""
        code = self._plan.project.code
        for artefact in self._plan.uploads:
            self._progress(f"upload {artefact.path}")
            key = f"{code.key}/{artefact.path}"
            self._session.call("s3", "put_object", Bucket=code.bucket, Key=key, Body=artefact.content)


@contextlib.contextmanager
def _told(resource: Resource, action: str) -> Iterator[None]:
    """AWS's refusal with the resource and its line."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise LakeshiftError(
            f"{where(resource)} was not {_DONE.get(action, 'updated')}: {error} What was done before stays; mend the "
            "cause and deploy again."
        ) from error


def _refuse_unknown(step: Step, want: dict[str, Value]) -> None:
    left = sorted({str(one) for value in want.values() for one in attributes_in(value)})
    if left:
        raise LakeshiftError(f"{step.resource.logical_id}: AWS did not tell {', '.join(left)}. Deploy again.")


def _drift_refusal(plan: Plan) -> str:
    told = [
        f"{step.resource.logical_id}: {', '.join('.'.join(path) for path in step.by_hand)}" for step in plan.by_hand
    ]
    return (
        f"{len(told)} resources were changed by hand since the last deployment, and this one would overwrite it: "
        f"{'; '.join(told)}. Write what is there into the definitions, or say that it goes: ACCEPT_DRIFT=yes. Nothing "
        "was done."
    )
