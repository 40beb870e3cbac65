"""What has arrived since the last completed pipeline run: raw objects, and the snapshot of planes (Python shell)."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

import boto3

from common import metrics
from common.arguments import StageArguments, stage_arguments
from common.audit import Audit
from common.objects import Objects, StoredObject

STAGE = "ingest_check"
SOURCES = ("flights", "weather", "airports", "airlines")
# Airports are pulled by a job of this pipeline; what it cannot reach fails there.
REQUIRED = ("flights", "weather", "airlines")
# Lines of what no manifest counts (stream, API, share) are counted here, up to this many bytes.
COUNTED_BYTES = 64_000_000


class EmptySourceError(RuntimeError):
    """A source has never sent anything."""


def completed_url(ops: str) -> str:
    """The ledger of the last completed pipeline run: which raw objects it knew."""
    return f"{ops}/pipeline/completed.json"


def listing_url(ops: str, pipeline_run_id: str) -> str:
    """What this pipeline run saw; it becomes the completed ledger once the run is loaded."""
    return f"{ops}/pipeline/{pipeline_run_id}/listing.json"


def new_objects(now: Sequence[StoredObject], before: Mapping[str, str]) -> list[StoredObject]:
    """Objects that were not there, or had another ETag."""
    return [item for item in now if before.get(item.url) != item.etag]


def require_sources(now: Sequence[StoredObject], raw: str) -> None:
    """Raise EmptySourceError naming the first required source without any object."""
    for source in REQUIRED:
        if not any(item.url.startswith(f"{raw}/{source}/") for item in now):
            raise EmptySourceError(f"{raw}/{source}/ holds no object: nothing was ever ingested from that source.")


def count_records(objects: Objects, arguments: StageArguments, fresh: Sequence[StoredObject]) -> int | None:
    """Records in the objects, by the uploader's manifests or by lines; None where that would be too much to read."""
    known: dict[str, int] = {}
    if fresh:
        for item in objects.under(f"{arguments.ops}/manifests/"):
            document = objects.read_json(item.url) or {}
            known.update({f"{arguments.raw}/{part['key']}": part["records"] for part in document.get("files", [])})
    unknown = [item for item in fresh if item.url not in known]
    if sum(item.size for item in unknown) > COUNTED_BYTES:
        return None
    counted = sum(known[item.url] for item in fresh if item.url in known)
    for item in unknown:
        lines = sum(1 for line in objects.read(item.url).splitlines() if line.strip())
        counted += lines - (1 if item.url.endswith(".csv") and lines else 0)
    return counted


def lag(fresh: Sequence[StoredObject], now: datetime) -> dict[str, tuple[float, str]]:
    """How far the pipeline is behind its sources: objects that no completed run took over, and the oldest one's age."""
    oldest = min((item.modified for item in fresh), default=now)
    return {
        "ObjectsWaiting": (len(fresh), "Count"),
        "OldestWaitingSeconds": (max(0.0, (now - oldest).total_seconds()), "Seconds"),
    }


def main() -> None:
    """Run the stage. Raises EmptySourceError before the first data."""
    started = time.monotonic()
    arguments = stage_arguments(sys.argv, STAGE)
    objects = Objects(boto3.client("s3"))
    raw = [item for source in SOURCES for item in objects.under(f"{arguments.raw}/{source}/")]
    require_sources(raw, arguments.raw)
    # Planes come straight from their database into a clean snapshot, whose own stage has counted its rows.
    now = [*raw, *objects.under(f"{arguments.clean}/planes/")]
    before = objects.read_json(completed_url(arguments.ops)) or {"objects": {}}
    fresh = new_objects(now, before["objects"])
    records = count_records(objects, arguments, new_objects(raw, before["objects"]))
    run = arguments.pipeline_run_id
    objects.write_json(listing_url(arguments.ops, run), {"objects": {item.url: item.etag for item in now}})
    told = {"new_objects": len(fresh), "new_records": records}
    objects.write_json(f"{arguments.ops}/pipeline/{run}/ingest.json", told)
    audit = Audit(STAGE, arguments.job_run_id, run, rows_in=records or 0, rows_out=records or 0)
    audit.measures.update(lag(fresh, datetime.now(timezone.utc)))  # noqa: UP017 - Python 3.9
    audit.seconds = time.monotonic() - started
    clients = {name: boto3.client(name) for name in ("cloudwatch", "glue")}
    metrics.publish(clients, audit, arguments.job_name)
    audit.write(objects, arguments.ops)


if __name__ == "__main__":
    main()
