"""A stage that is deployed: ``drift``, ``destroy``, ``rollback``, ``adopt``, ``unlock``, ``export-cfn``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from lakeshift.cli.deploying import EX_CHANGES, names_in, told
from lakeshift.cli.progress import Progress
from lakeshift.cli.stage import parameters
from lakeshift.cli.stage_session import addresses, session_of, stage_verb
from lakeshift.deploy import apply, remove
from lakeshift.deploy.adopting import adopt as take_over
from lakeshift.deploy.drift import drift_json, drift_text, find_drift
from lakeshift.deploy.exporting import export_template
from lakeshift.deploy.lock import break_lock
from lakeshift.deploy.records import Records
from lakeshift.deploy.report import plan_text
from lakeshift.deploy.rolling_back import plan_rollback
from lakeshift.errors import LakeshiftError
from lakeshift.paths import REPOSITORY, StateFolder
from lakeshift.sample import world

__all__ = ["adopt", "destroy", "drift", "export_cfn", "rollback", "unlock"]


@stage_verb
def drift(state: StateFolder, given: argparse.Namespace) -> int:
    """Show what is otherwise than it was deployed; 0 where nothing is, 2 where something is."""
    session = session_of(given.env, state)
    record = Records(session, _bucket(given.env)).current()
    if record is None:
        raise LakeshiftError(f"The stage {given.env} was never deployed: make deploy ENV={given.env}")
    found = find_drift(record, session)
    print(json.dumps(drift_json(record, found), indent=1) if given.json else drift_text(record, found))
    return EX_CHANGES if found else 0


@stage_verb
def destroy(state: StateFolder, given: argparse.Namespace) -> int:
    """Delete what is ours; data only where it is named."""
    _confirm(given.env, given.confirm)
    session = session_of(given.env, state)
    sources = world.read(state.sources) if given.env == "local" else None
    waiting = Progress(sys.stdout).waiting
    removed = remove(given.env, session, addresses(given.env, sources), progress=waiting, data=names_in(given.data))
    print(f"{len(removed.deleted)} deleted")
    if removed.kept:
        print(f"{len(removed.kept)} hold data and stay; DATA=<name>,... or DATA=yes deletes: {', '.join(removed.kept)}")
    if removed.foreign:
        print(f"{len(removed.foreign)} are not of this stack and were left alone: {', '.join(removed.foreign)}")
    return 0


@stage_verb
def rollback(state: StateFolder, given: argparse.Namespace) -> int:
    """Deploy an earlier deployment again; without ``--to`` show which there are."""
    session = session_of(given.env, state)
    if not given.to:
        history = Records(session, _bucket(given.env)).history()
        print("\n".join(f"{number:6d}  {sha}" for number, sha in history) or "nothing was deployed yet")
        return 0
    sources = world.read(state.sources) if given.env == "local" else None
    desired = plan_rollback(given.env, session, given.to, addresses(given.env, sources))
    print(plan_text(desired, unchanged=False))
    result = apply(desired, session, Progress(sys.stdout).waiting, accept_drift=given.accept_drift)
    print(told(result, desired))
    return 0


@stage_verb
def adopt(state: StateFolder, given: argparse.Namespace) -> int:
    """Take over resources that were made elsewhere."""
    session = session_of(given.env, state)
    sources = world.read(state.sources) if given.env == "local" else None
    new = take_over(given.env, session, names_in(given.name), addresses(given.env, sources))
    print(f"{', '.join(new) or 'nothing'} adopted; `make plan ENV={given.env}` shows what differs")
    return 0


@stage_verb
def unlock(state: StateFolder, given: argparse.Namespace) -> int:
    """Break the lock of a deployment that is dead."""
    break_lock(session_of(given.env, state), _bucket(given.env), given.lock)
    print(f"the lock {given.lock} is broken; `make plan ENV={given.env}` shows what is left to do")
    return 0


def export_cfn(_: StateFolder, given: argparse.Namespace) -> int:
    """Write the stage as a CloudFormation template."""
    text = json.dumps(export_template(given.env, REPOSITORY), indent=1)
    if given.out:
        Path(given.out).write_text(text + "\n", encoding="utf-8")
    else:
        print(text)
    return 0


def _bucket(stage: str) -> str:
    return f"{parameters(stage)['Lake']}-ops"


def _confirm(stage: str, given: str | None) -> None:
    """A stage on AWS is destroyed only by who writes its name."""
    if stage in ("local", given):
        return
    if given is None and sys.stdin.isatty():
        given = input(f"This deletes the stage {stage}. Write its name to go on: ").strip()
    if given != stage:
        raise LakeshiftError(f"Nothing was deleted: say which stage is meant by CONFIRM={stage}.")
