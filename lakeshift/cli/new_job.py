"""``new-job``: script, definition, test and SQL from templates/job, ready to run; ``run-job``: one run of any job."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from lakeshift.cli import report
from lakeshift.cli.clients import LocalClients
from lakeshift.cli.progress import Progress
from lakeshift.cli.stage import parameters
from lakeshift.errors import LakeshiftError
from lakeshift.paths import REPOSITORY, StateFolder
from lakeshift.permissions.reading import definitions, text
from lakeshift.scaffold import JobNames, checked, rendered

__all__ = ["new_job", "run_job"]

_ENDED = {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"}
_POLL = 0.3  # seconds


def new_job(_: StateFolder, given: argparse.Namespace) -> int:
    """Write the files of a new job; nothing is written where one of them, or the job, is there already."""
    target = given.target or f"flights.{given.name}"
    names = checked(JobNames(given.name, given.source, target, given.key), _databases(), _schemas())
    folder = REPOSITORY / "templates" / "job"
    files = rendered({path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}, names)
    there = [path for path in files if (REPOSITORY / path).exists()]
    if there:
        raise LakeshiftError(f"{', '.join(there)} is there already; nothing was written. Choose another NAME or TO.")
    for path, content in files.items():
        (REPOSITORY / path).write_text(content, encoding="utf-8")
        print(f"  + {path}")
    print("  ~ infra/identity.yaml, docs/permissions.md: its role, from what the definition declares")
    _print_next_steps(names)
    return 0


def _databases() -> Iterator[str]:
    path = REPOSITORY / "infra" / "catalog.yaml"
    for one in definitions({path.name: path.read_text(encoding="utf-8")}):
        name = one.own("DatabaseInput", "Name")
        if name is not None:
            yield text(name)


def _schemas() -> Iterator[str]:
    return (path.stem for path in (REPOSITORY / "sql" / "redshift" / "schemas").glob("*.sql"))


def _print_next_steps(names: JobNames) -> None:
    print("\nIt runs as it is")
    print(f"  make test T=tests/spark/jobs/test_{names.name}.py")
    print(f"  make deploy && make run-job NAME={names.name}")
    print(f'  make sql Q="select * from {names.target} order by row_count desc limit 5"')  # noqa: S608 - a text
    print("To have every pipeline run take it, put a state into pipelines/nightly.asl.json, after the one that writes")
    print(f"{names.source} (its Next becomes this one's name, and this one's Next what it was):")
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {"JobName": names.name, "Arguments": {"--pipeline_run_id.$": "$$.Execution.Name"}},
        "ResultPath": None,
        "Next": "…",
    }
    print(f'  "{names.places()["__CLASS__"]}": {json.dumps(state, ensure_ascii=False)}')
    print("then `make permissions`, which lets the state machine start it.")


def run_job(state: StateFolder, given: argparse.Namespace) -> int:
    """Start one run, tell its states as they come, and its rows; 1 where it fails, with what it printed last."""
    clients, progress = LocalClients(state), Progress(sys.stdout)
    glue = clients.client("glue")
    try:
        run_id: str = glue.start_job_run(JobName=given.name)["JobRunId"]
    except glue.exceptions.EntityNotFoundException:
        raise LakeshiftError(f"There is no job {given.name} on the local AWS. Is it deployed? `make deploy`.") from None
    progress.line(f"{given.name}, run {run_id}")
    run = _ended(glue, given.name, run_id, progress)
    audit = _audit(clients, run_id, given.name)
    if audit is not None:
        print(report.header())
        print(report.stage_line(audit))
    if run["JobRunState"] != "SUCCEEDED":
        print(report.failure_text(given.name, run["JobRunState"], run.get("ErrorMessage", ""), run_id))
        return 1
    print(f"SUCCEEDED in {run['ExecutionTime']} s. What it printed: make logs RUN={run_id}")
    return 0


def _ended(glue: Any, name: str, run_id: str, progress: Progress) -> dict[str, Any]:
    told = ""
    while True:
        run: dict[str, Any] = glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
        if run["JobRunState"] in _ENDED:
            progress.clear()
            return run
        if run["JobRunState"] != told:
            told = run["JobRunState"]
            progress.line(f"  {told}")
        progress.waiting(told.lower())
        time.sleep(_POLL)


def _audit(clients: LocalClients, run_id: str, name: str) -> dict[str, Any] | None:
    """The audit document of a run that was started by hand; None where the job wrote none."""
    s3 = clients.client("s3")
    bucket, key = f"{parameters('local')['Lake']}-ops", f"audit/manual-{run_id}/{name}.json"
    try:
        document: dict[str, Any] = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
        return None
    return document
