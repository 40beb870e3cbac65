"""A stage as an earlier deployment left it: its definitions from the record, its code from where it still lies.

SQL only goes forward: tables stay, views of that deployment run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lakeshift.definitions import Resource, Stack
from lakeshift.deploy.artefacts import Artefact, Code, sha_of
from lakeshift.deploy.planning import Plan, plan_project
from lakeshift.deploy.project import Project, load_project
from lakeshift.deploy.record import HIDDEN, Record, resource_of
from lakeshift.deploy.records import Records
from lakeshift.deploy.session import AwsSession
from lakeshift.errors import LakeshiftError
from lakeshift.paths import REPOSITORY

__all__ = ["plan_rollback"]


def plan_rollback(
    stage: str,
    session: AwsSession,
    which: str,
    overrides: Mapping[str, str] | None = None,
    root: Path = REPOSITORY,
) -> Plan:
    """The plan that makes the deployment ``which`` (its sha or number) again. Raises LakeshiftError where it is gone.

    Passwords are not in a record: they are taken from the definitions of today.
    """
    today = load_project(stage, session, overrides, root)
    record = Records(session, today.code.bucket).find(which)
    return plan_project(_as_it_was(today, record, _code(today.code.bucket, record, session)), session)


def _code(bucket: str, record: Record, session: AwsSession) -> Code:
    key = f"code/{record.sha}"
    artefacts: list[Artefact] = []
    for path in record.artefacts:
        found = session.find("s3", "get_object", ("NoSuchKey", "404"), Bucket=bucket, Key=f"{key}/{path}")
        if found is None:
            raise LakeshiftError(f"s3://{bucket}/{key}/{path} is gone, so {record.sha} cannot be deployed again.")
        artefacts.append(Artefact(path, found["Body"].read()))
    if sha_of(artefacts) != record.sha:
        raise LakeshiftError(f"What lies under s3://{bucket}/{key} is not what its name says. Nothing was done.")
    wheel = next(path for path in record.artefacts if path.endswith(".whl"))
    return Code(bucket, key, wheel, tuple(artefacts))


def _as_it_was(today: Project, record: Record, code: Code) -> Project:
    now = {one.logical_id: one for one in today.stack}
    stack = Stack(tuple(_resource(name, record, now.get(name)) for name in record.entries))
    parameters = {**today.parameters, **code.parameters()}
    return replace(today, stack=stack, code=code, parameters=parameters, commit=record.commit)


def _resource(name: str, record: Record, now: Resource | None) -> Resource:
    entry = record.entries[name]
    given = {} if now is None or now.type != entry.type else now.properties
    return resource_of(name, entry, {key: _shown(one, given.get(key), name) for key, one in entry.declared.items()})


def _shown(value: Any, today: Any, name: str) -> Any:
    """``value`` with what was hidden in the record as ``today`` has it at the same place."""
    if isinstance(value, Mapping):
        if HIDDEN in value:
            if today is None:
                raise LakeshiftError(f"{name} had a password, which no record keeps and no definition has any more.")
            return today
        given = today if isinstance(today, Mapping) else {}
        return {key: _shown(one, given.get(key), name) for key, one in value.items()}
    if isinstance(value, list):
        listed = today if isinstance(today, list) and len(today) == len(value) else [None] * len(value)
        return [_shown(one, other, name) for one, other in zip(value, listed, strict=True)]
    return value
