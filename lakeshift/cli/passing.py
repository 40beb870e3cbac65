"""``advance``: let time pass on the local AWS; ``restore``: bring archived objects back for a while."""

from __future__ import annotations

import argparse
import json
import urllib.request
from typing import Any, Final

from lakeshift.cli.clients import LocalClients
from lakeshift.errors import LakeshiftError
from lakeshift.local import process
from lakeshift.paths import StateFolder

__all__ = ["advance", "restore"]

_DAY: Final = 86_400
_ARCHIVED: Final = ("GLACIER", "DEEP_ARCHIVE")
_NOTHING: Final = "Nothing was due."


def advance(state: StateFolder, given: argparse.Namespace) -> int:
    """Move the one clock forward and print what happened: objects moved or expired, alarms, schedules."""
    if given.days < 0 or given.hours < 0 or not (given.days or given.hours):
        raise LakeshiftError("Say how far, forward: make advance DAYS=120, or lakeshift advance --hours 5")
    answer = _moved(state, given.days * _DAY + given.hours * 3600)
    print(f"It is {answer['now'][:19].replace('T', ' ')} UTC on the local AWS.")
    for line in answer["happened"] or [_NOTHING]:
        print(f"  {line}")
    return 0


def _moved(state: StateFolder, seconds: float) -> dict[str, Any]:
    running = process.status(state)
    if running is None:
        raise LakeshiftError("The local AWS is not running. Start it with `make up`.")
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{running['endpoint']}/_lakeshift/clock", json.dumps({"advance_seconds": seconds}).encode(), method="POST"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=600) as answer:
        told: dict[str, Any] = json.load(answer)
    return told


def restore(state: StateFolder, given: argparse.Namespace) -> int:
    """Ask for the archived objects below a URL; they are there when their tier's time has passed."""
    scheme, _, rest = given.url.partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise LakeshiftError(f"{given.url!r} is no s3://bucket/prefix.")
    s3 = LocalClients(state).client("s3")
    asked = 0
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            if item["StorageClass"] in _ARCHIVED:
                wanted = {"Days": given.days, "GlacierJobParameters": {"Tier": given.tier}}
                s3.restore_object(Bucket=bucket, Key=item["Key"], RestoreRequest=wanted)
                asked += 1
    print(f"{asked} archived objects below {given.url} are asked for, tier {given.tier}, for {given.days} days.")
    if asked:
        print("  They are readable when the tier's time has passed: lakeshift advance --hours 12")
    return 0
