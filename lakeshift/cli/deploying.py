"""``plan`` and ``deploy``: what differs, and making it so; the same for the local AWS and for AWS."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from lakeshift.cli import outside
from lakeshift.cli.clients import LocalClients
from lakeshift.cli.progress import Progress
from lakeshift.cli.stage_session import addresses, session_of, stage_verb
from lakeshift.deploy import AwsSession, Plan, Result, apply
from lakeshift.deploy import plan as make_plan
from lakeshift.deploy.approved import check_approved, read_approved
from lakeshift.deploy.package import check_compiles, check_imports
from lakeshift.deploy.report import plan_json, plan_text
from lakeshift.paths import REPOSITORY, StateFolder
from lakeshift.sample import world

__all__ = ["deploy", "deploy_local", "names_in", "plan"]

EX_CHANGES = 2  # as `terraform plan -detailed-exitcode` has it


@stage_verb
def plan(state: StateFolder, given: argparse.Namespace) -> int:
    """Show what a deployment would do; 0 where that is nothing, 2 where it is something."""
    desired = _tested(_planned(given.env, state, names_in(given.data)))
    if given.out:
        Path(given.out).write_text(json.dumps(plan_json(desired), indent=1) + "\n", encoding="utf-8")
    print(json.dumps(plan_json(desired), indent=1) if given.json else plan_text(desired))
    return EX_CHANGES if desired.changes else 0


@stage_verb
def deploy(state: StateFolder, given: argparse.Namespace) -> int:
    """Apply every definition to a stage; with ``--plan`` only where it is still what was approved."""
    if given.env == "local":
        outside.start(state)
    approved = read_approved(given.plan) if given.plan else None
    desired = _tested(_planned(given.env, state, names_in(given.data)))
    if approved is not None:
        check_approved(approved, desired)
    print(plan_text(desired, unchanged=False))
    session = session_of(given.env, state)
    progress = Progress(sys.stdout)
    print(told(apply(desired, session, progress.waiting, accept_drift=given.accept_drift), desired))
    return 0


def deploy_local(clients: LocalClients, sources: world.World, progress: Progress) -> str:
    """Apply to the local AWS of ``clients``; returns a line that says what changed."""
    session = AwsSession("local", endpoint=clients.endpoint)
    desired = _tested(make_plan("local", session, addresses("local", sources)))
    return told(apply(desired, session, progress.waiting), desired)


def told(result: Result, desired: Plan) -> str:
    """One line of what was done."""
    if not desired.changes:
        return f"{result.unchanged} resources as they should be"
    parts = [f"{len(result.created)} created", f"{len(result.updated)} updated"]
    parts += [f"{len(names)} {what}" for names, what in ((result.deleted, "deleted"), (result.kept, "left")) if names]
    return f"{', '.join(parts)}, {result.unchanged} unchanged, {result.uploaded} files, {result.migrated} SQL"


def names_in(text: str | None) -> frozenset[str]:
    """``A,B`` as names; ``yes`` stands for all."""
    return frozenset(name.strip() for name in (text or "").split(",") if name.strip())


def _planned(stage: str, state: StateFolder, data: frozenset[str]) -> Plan:
    session = session_of(stage, state)
    sources = world.read(state.sources) if stage == "local" else None
    return make_plan(stage, session, addresses(stage, sources), data=data)


def _tested(desired: Plan) -> Plan:
    """``desired``, once its package is known to work; one that is deployed already was tested then."""
    check_compiles(desired.project.code)
    if desired.uploads:
        check_imports(desired.project.code, REPOSITORY)
    return desired
