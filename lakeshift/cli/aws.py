"""``aws``: the ordinary AWS CLI, pointed at the local endpoint."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from lakeshift.cli.clients import LocalClients
from lakeshift.lake import FolderLake
from lakeshift.local.context import LocalContext
from lakeshift.paths import StateFolder

__all__ = ["aws"]


def aws(state: StateFolder, given: argparse.Namespace) -> int:
    """Run the CLI as a child and return its exit code."""
    context = LocalContext(LocalClients(state).endpoint, state, FolderLake(state.buckets))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [sys.executable, "-m", "awscli", *given.arguments]
    return subprocess.run(command, env=kept | context.job_environment(), check=False).returncode
