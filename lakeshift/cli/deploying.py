"""``deploy``: plan, and apply what differs."""

from __future__ import annotations

import argparse
import sys

from lakeshift.cli import outside
from lakeshift.cli.clients import LocalClients
from lakeshift.cli.progress import Progress
from lakeshift.deploy import AwsSession, apply, plan
from lakeshift.errors import LakeshiftError
from lakeshift.paths import StateFolder
from lakeshift.sample import world

__all__ = ["deploy", "deploy_local"]


def deploy(state: StateFolder, given: argparse.Namespace) -> int:
    """Apply every definition to a stage; only the local one in this version."""
    if given.env != "local":
        raise LakeshiftError(
            f"Deploying to the stage {given.env} is not offered by this command yet: plan, approval and rollback "
            "belong to it. The definitions are CloudFormation-shaped; see docs/fidelity.md."
        )
    progress = Progress(sys.stdout)
    clients = LocalClients(state)
    print(deploy_local(clients, outside.start(state), progress))
    return 0


def deploy_local(clients: LocalClients, sources: world.World, progress: Progress) -> str:
    """Apply to the local AWS of ``clients``; returns a line that says what changed."""
    session = AwsSession("local", endpoint=clients.endpoint)
    overrides = {"OperationalJdbcUrl": sources.jdbc_url, "AirportsApiUrl": sources.airports_url}
    desired = plan("local", session, overrides)
    counts = desired.counts()
    if not desired.changes:
        return f"{counts['none']} resources as they should be"
    apply(desired, session, progress.waiting)
    return (
        f"{counts['create']} created, {counts['update']} updated, {counts['none']} unchanged, "
        f"{len(desired.uploads)} files, {len(desired.migrations)} SQL"
    )
