"""``logs``: what a job run printed, from the log groups Glue uses."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from lakeshift.cli.clients import LocalClients
from lakeshift.errors import LakeshiftError
from lakeshift.paths import StateFolder

__all__ = ["logs"]

_GROUPS = ("/aws-glue/jobs", "/aws-glue/python-jobs")


def logs(state: StateFolder, given: argparse.Namespace) -> int:
    """Print a run's output and error streams, oldest first within each."""
    client = LocalClients(state).client("logs")
    found = False
    for group in _GROUPS:
        for kind in ("output", "error"):
            for text in _messages(client, f"{group}/{kind}", given.run):
                found = True
                sys.stdout.write(text + "\n")
    if not found:
        raise LakeshiftError(
            f"No log of a run {given.run}. `make aws ARGS='glue get-job-runs --job-name NAME'` lists runs."
        )
    return 0


def _messages(client: Any, group: str, stream: str) -> list[str]:
    messages: list[str] = []
    token: dict[str, str] = {}
    while True:
        try:
            page = client.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **token)
        except client.exceptions.ResourceNotFoundException:
            return messages
        messages += [event["message"] for event in page["events"]]
        if token.get("nextToken") == page["nextForwardToken"]:
            return messages
        token = {"nextToken": page["nextForwardToken"]}
