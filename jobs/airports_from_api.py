"""Airports of an HTTP API with paging to the raw zone (Python shell)."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

import boto3

from common import http_pages, metrics
from common.arguments import stage_arguments
from common.audit import Audit
from common.objects import Objects

STAGE = "airports_from_api"


def state_url(ops: str) -> str:
    """Names of the pages as they were at the last fetch."""
    return f"{ops}/state/{STAGE}.json"


def page_name(items: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 of a page's content: the same page has the same name, so that a repeated fetch adds no record."""
    return hashlib.sha256(json.dumps(list(items), sort_keys=True).encode()).hexdigest()


def json_lines(items: Iterable[Mapping[str, Any]], fetched_at: str) -> bytes:
    """One line an item; ``fetched_at`` (ISO-8601 UTC) tells later which of two versions is the newer one."""
    return b"".join(json.dumps({**item, "fetched_at": fetched_at}).encode() + b"\n" for item in items)


def load(
    objects: Objects, raw: str, ops: str, pages: list[list[dict[str, Any]]], fetched_at: str, audit: Audit
) -> None:
    """Put the pages that changed since the last fetch, then remember all their names.

    A page that went back to an earlier content is put again under its old name, which makes it new to a bookmark.
    """
    before = set((objects.read_json(state_url(ops)) or {"pages": []})["pages"])
    names = []
    for items in pages:
        name = page_name(items)
        names.append(name)
        audit.rows_in += len(items)
        if name in before:
            audit.duplicates += len(items)
            continue
        body = json_lines(items, fetched_at)
        objects.write(f"{raw}/airports/{name}.json", body, "application/x-ndjson")
        audit.rows_out += body.count(b"\n")
        audit.files += 1
        audit.bytes += len(body)
    objects.write_json(state_url(ops), {"pages": names})


def main() -> None:
    """Run the stage. Raises SourceDownError before anything is written: all pages are fetched first."""
    started = time.monotonic()
    arguments = stage_arguments(sys.argv, STAGE, "airports_api_url")
    pages = [items for items in http_pages.pages(f"{arguments['airports_api_url']}/airports") if items]
    if not pages:
        raise http_pages.SourceDownError(f"{arguments['airports_api_url']}/airports has no airports at all.")
    objects = Objects(boto3.client("s3"))
    audit = Audit(STAGE, arguments.job_run_id, arguments.pipeline_run_id)
    fetched_at = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: UP017 - Python 3.9
    load(objects, arguments.raw, arguments.ops, pages, fetched_at, audit)
    audit.seconds = time.monotonic() - started
    clients = {name: boto3.client(name) for name in ("cloudwatch", "glue")}
    metrics.publish(clients, audit, arguments.job_name)
    audit.write(objects, arguments.ops)


if __name__ == "__main__":
    main()
