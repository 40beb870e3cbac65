"""A lake of one bookmarked job, its input and what must be in its target: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import boto3
import pyarrow.parquet as pq

from lakeshift.local.server import LocalAws

__all__ = ["ChaosLake"]

LAKE: Final = "chaos"
JOB: Final = "flights_clean"
_SCRIPT: Final = Path(__file__).with_name("killed_job.py")
_ENDED: Final = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR")


class ChaosLake:
    """Buckets, database and job on a running local AWS; counts what it feeds in."""

    def __init__(self, aws: LocalAws) -> None:
        assert aws.context is not None
        where = {"endpoint_url": aws.endpoint, **_credentials(aws.context.job_environment())}
        self.s3, self.glue = boto3.client("s3", **where), boto3.client("glue", **where)
        self.root = aws.state.buckets
        self.flights: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.batches = 0
        for zone in ("raw", "clean", "ops"):
            self.s3.create_bucket(Bucket=f"{LAKE}-{zone}")
        self.glue.create_database(DatabaseInput={"Name": "lakeshift_clean"})
        self.s3.put_object(Bucket=f"{LAKE}-ops", Key="code/killed_job.py", Body=_SCRIPT.read_bytes())
        self.glue.create_job(
            Name=JOB,
            Role="arn:aws:iam::000000000000:role/chaos",
            GlueVersion="5.1",
            Command={"Name": "glueetl", "ScriptLocation": f"s3://{LAKE}-ops/code/killed_job.py"},
            WorkerType="G.025X",
            NumberOfWorkers=2,
            DefaultArguments={"--job-bookmark-option": "job-bookmark-enable", "--lake": LAKE},
        )

    def feed(self, files: int, rows: int) -> None:
        """New objects of a new day: ``rows`` good events in each, one sent twice, one truncated, one wrong."""
        day = date(2013, 1, 1) + timedelta(days=self.batches)
        for file in range(files):
            events = [_event(day, self.batches, file * rows + row) for row in range(rows)]
            broken, wrong = events[0][:-5], json.dumps(json.loads(events[0]) | {"arr_delay": "late"})
            body = "\n".join([*events, events[-1], broken, wrong]) + "\n"
            key = f"flights/{day:%Y/%m/%d}/{file}.json"
            self.s3.put_object(Bucket=f"{LAKE}-raw", Key=key, Body=body.encode())
            self.flights.update(_flight_id(json.loads(event)) for event in events)
            self.rejected.update(f"{key} {record}" for record in (broken, wrong))
        self.batches += 1

    def run(self, **arguments: str) -> dict[str, Any]:
        """Start a job run and wait for its end; returns the JobRun structure."""
        given = {f"--{name}": value for name, value in arguments.items()}
        run_id = self.glue.start_job_run(JobName=JOB, Arguments=given)["JobRunId"]
        while True:
            run: dict[str, Any] = self.glue.get_job_run(JobName=JOB, RunId=run_id)["JobRun"]
            if run["JobRunState"] in _ENDED:
                return run
            time.sleep(0.05)

    def bookmark(self) -> int:
        """The bookmark's version, 0 before the first commit."""
        try:
            return int(self.glue.get_job_bookmark(JobName=JOB)["JobBookmarkEntry"]["Version"])
        except self.glue.exceptions.EntityNotFoundException:
            return 0

    def lost_and_doubled(self) -> tuple[int, int]:
        """Records missing from, and too many in, table and quarantine together."""
        lost = doubled = 0
        for wanted, found in ((self.flights, self._clean()), (self.rejected, self._quarantined())):
            lost += (wanted - found).total()
            doubled += (found - wanted).total()
        return lost, doubled

    def half_written(self) -> list[str]:
        """Partitions of the catalog that have no readable file."""
        try:
            pages = self.glue.get_paginator("get_partitions").paginate(
                DatabaseName="lakeshift_clean", TableName="flights"
            )
            found = [p["StorageDescriptor"]["Location"] for page in pages for p in page["Partitions"]]
        except self.glue.exceptions.EntityNotFoundException:
            return []
        return [location for location in found if not self._rows_below(self.root / location.split("://", 1)[1])]

    def _rows_below(self, folder: Path) -> int:
        return sum(pq.read_metadata(path).num_rows for path in _seen(folder, "*.parquet"))

    def _clean(self) -> Counter[str]:
        files = _seen(self.root / f"{LAKE}-clean" / "flights", "*.parquet")
        found = (pq.ParquetFile(file).read(columns=["flight_id"])["flight_id"].to_pylist() for file in files)
        return Counter(flight for flights in found for flight in flights)

    def _quarantined(self) -> Counter[str]:
        files = _seen(self.root / f"{LAKE}-clean" / "quarantine", "*.json")
        lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
        raw = f"{LAKE}-raw/"
        return Counter(f"{line['source_file'].partition(raw)[2]} {line['record']}" for line in lines)


def _seen(folder: Path, pattern: str) -> list[Path]:
    """Files that a reader of the table sees: none below a folder, and none of a name, that begins with _ or a dot."""
    found = folder.rglob(pattern)
    return [path for path in found if not any(part[0] in "_." for part in path.relative_to(folder).parts)]


def _credentials(environment: dict[str, str]) -> dict[str, str]:
    return {
        "aws_access_key_id": environment["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
        "region_name": environment["AWS_DEFAULT_REGION"],
    }


def _event(day: date, batch: int, number: int) -> str:
    return json.dumps(
        {
            "event_time": f"{day + timedelta(days=1)}T08:00:00Z",
            "carrier": "UA",
            "flight": batch * 100_000 + number + 1,
            "origin": "EWR",
            "dest": "IAH",
            "tailnum": "N14228",
            "distance": 1400,
            "hour": 5,
            "minute": 15,
            "arr_delay": 11,
            "time_hour": f"{day}T10:00:00Z",
            "year": day.year,
            "month": day.month,
            "day": day.day,
        }
    )


def _flight_id(event: dict[str, Any]) -> str:
    return f"{event['carrier']}-{event['flight']}-{event['origin']}-{event['time_hour']}"
