"""``run``: from nothing to answers, saying rows at every stage."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from lakeshift.cli import ingestion, outside, report, services
from lakeshift.cli.clients import LocalClients
from lakeshift.cli.deploying import deploy_local
from lakeshift.cli.progress import Progress
from lakeshift.cli.sql import execute
from lakeshift.cli.stage import parameters
from lakeshift.errors import LakeshiftError
from lakeshift.local import process
from lakeshift.paths import REPOSITORY, StateFolder
from lakeshift.redshift import text_table

__all__ = ["run"]

_POLL = 1.0  # seconds between two looks at the execution; each costs the server, which shares the cores with Spark
_ANSWERS = REPOSITORY / "sql" / "redshift" / "answers"


def run(state: StateFolder, _: argparse.Namespace) -> int:
    """Start what is not running, deploy, ingest, run the state machine, print rows and answers."""
    started = time.monotonic()
    progress = Progress(sys.stdout)
    with progress.step("local AWS") as step:
        facts = process.up(state, services.port())
        services.prepare_worker(facts["endpoint"])
        world = outside.start(state)
        step.done(facts["endpoint"])
    clients = LocalClients(state)
    with progress.step("deploy") as step:
        step.done(deploy_local(clients, world, progress))
    ingestion.ingest(state, clients, progress)
    name, outcome = _execute(clients, progress)
    audits = _audits(clients, name)
    if outcome["status"] != "SUCCEEDED":
        print(report.failure_text(*_failure(clients, outcome)))
        return 1
    print(report.total_line(audits, time.monotonic() - started))
    _print_answers(clients)
    _print_next_steps(name)
    return 0


def _execute(clients: LocalClients, progress: Progress) -> tuple[str, dict[str, Any]]:
    api = clients.client("stepfunctions")
    wanted = f"{parameters('local')['Lake']}-nightly"
    machines = {machine["name"]: machine["stateMachineArn"] for machine in api.list_state_machines()["stateMachines"]}
    name = time.strftime("run-%Y%m%d-%H%M%S", time.gmtime())
    arn = api.start_execution(stateMachineArn=machines[wanted], name=name, input="{}")["executionArn"]
    print(f"\nstate machine {wanted}, execution {name}")
    print(report.header())
    shown: set[str] = set()
    while True:
        outcome: dict[str, Any] = api.describe_execution(executionArn=arn)
        for audit in _audits(clients, name, shown):
            progress.line(report.stage_line(audit))
        if outcome["status"] != "RUNNING":
            progress.clear()
            return name, outcome
        progress.waiting(lambda: ", ".join(_running_states(api, arn)))
        time.sleep(_POLL)


def _running_states(api: Any, arn: str) -> list[str]:
    running: list[str] = []
    for event in _history(api, arn):
        if event["type"] == "TaskStateEntered":
            running.append(event["stateEnteredEventDetails"]["name"])
        elif event["type"] == "TaskStateExited" and event["stateExitedEventDetails"]["name"] in running:
            running.remove(event["stateExitedEventDetails"]["name"])
    return running


def _history(api: Any, arn: str) -> Iterator[dict[str, Any]]:
    for page in api.get_paginator("get_execution_history").paginate(executionArn=arn):
        yield from page["events"]


def _audits(clients: LocalClients, name: str, seen: set[str] | None = None) -> list[dict[str, Any]]:
    """Audit documents of the run in the order they were written; those not in ``seen``, which learns them."""
    seen = set() if seen is None else seen
    s3, bucket = clients.client("s3"), f"{parameters('local')['Lake']}-ops"
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"audit/{name}/").get("Contents", [])
    fresh = [item for item in listed if item["Key"] not in seen]
    in_order = sorted(fresh, key=lambda item: (item["LastModified"], item["Key"]))
    seen.update(item["Key"] for item in in_order)
    return [json.loads(s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()) for item in in_order]


def _failure(clients: LocalClients, outcome: dict[str, Any]) -> tuple[str, str, str, str | None]:
    """State, error, cause and job run id of the task that failed first."""
    history = list(_history(clients.client("stepfunctions"), outcome["executionArn"]))
    state, error, cause = "state machine", outcome.get("error", outcome["status"]), outcome.get("cause", "")
    entered: dict[int, str | None] = {
        event["id"]: (event.get("stateEnteredEventDetails") or {}).get("name") for event in history
    }
    for event in history:
        details = next((value for key, value in event.items() if key.endswith("FailedEventDetails")), None)
        if details and event["type"] in ("TaskFailed", "TaskTimedOut"):
            error, cause = details.get("error", error), details.get("cause", cause)
            state = next((found for id_ in range(event["id"], 0, -1) if (found := entered.get(id_))), state)
            break
    try:
        job_run = json.loads(cause)
    except ValueError:
        return state, error, cause, None
    if not isinstance(job_run, dict):
        return state, error, cause, None
    return job_run.get("JobName", state), error, job_run.get("ErrorMessage", cause), job_run.get("Id")


def _print_answers(clients: LocalClients) -> None:
    for path in sorted(_ANSWERS.glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        title = text.splitlines()[0].removeprefix("--").strip()
        answer = execute(clients, text.strip().rstrip(";"))
        if not answer.rows:
            raise LakeshiftError(f"{path.name} answered no row; the warehouse does not hold what it should.")
        print(f"\n{title}\n{text_table(answer.columns, answer.rows)}")


def _print_next_steps(name: str) -> None:
    print("\nWhere to look next")
    print('  make sql Q="select count(*) from flights.fact_flights"')
    print('  make aws ARGS="glue get-tables --database-name lakeshift_raw --query TableList[].Name"')
    print(f'  make aws ARGS="s3 ls s3://{parameters("local")["Lake"]}-ops/audit/{name}/"')
    print("  make status · make next-day && make run · make down")
