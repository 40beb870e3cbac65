"""``run``: from nothing to answers, saying rows at every stage; ``redrive``: on from where a run failed."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from lakeshift.cli import executions, ingestion, outside, report, services
from lakeshift.cli.clients import LocalClients
from lakeshift.cli.deploying import deploy_local
from lakeshift.cli.progress import Progress
from lakeshift.cli.sql import execute
from lakeshift.cli.stage import parameters
from lakeshift.errors import LakeshiftError
from lakeshift.local import process
from lakeshift.paths import REPOSITORY, StateFolder
from lakeshift.redshift import text_table

__all__ = ["redrive", "run"]

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
    name, arn = _start(clients)
    return _to_the_end(clients, progress, name, arn, started)


def redrive(state: StateFolder, given: argparse.Namespace) -> int:
    """Go on with a run that failed, timed out or was stopped, from the state where it stood."""
    started = time.monotonic()
    progress = Progress(sys.stdout)
    facts = process.up(state, services.port())
    services.prepare_worker(facts["endpoint"])
    clients = LocalClients(state)
    with progress.step("deploy") as step:
        step.done(deploy_local(clients, outside.start(state), progress))
    api = clients.client("stepfunctions")
    found = executions.unsuccessful(api, given.run)
    api.redrive_execution(executionArn=found["executionArn"])
    print(f"execution {found['name']} goes on; it had ended {found['status']}")
    return _to_the_end(clients, progress, found["name"], found["executionArn"], started)


def _start(clients: LocalClients) -> tuple[str, str]:
    api = clients.client("stepfunctions")
    wanted, machine = executions.machine(api)
    name = time.strftime("run-%Y%m%d-%H%M%S", time.gmtime())
    print(f"\nstate machine {wanted}, execution {name}")
    return name, api.start_execution(stateMachineArn=machine, name=name, input="{}")["executionArn"]


def _to_the_end(clients: LocalClients, progress: Progress, name: str, arn: str, started: float) -> int:
    """Print stage by stage, then the answers or what failed; the exit code."""
    api, shown = clients.client("stepfunctions"), set[str]()

    def look() -> None:
        for audit in _audits(clients, name, shown):
            progress.line(report.stage_line(audit))

    print(report.header())
    outcome = executions.follow(api, arn, progress, look)
    if outcome["status"] != "SUCCEEDED":
        again = name if outcome["redriveStatus"] == "REDRIVABLE" and outcome.get("error") != "QualityFailed" else None
        print(report.failure_text(*executions.failure(api, outcome), redrive=again))
        return 1
    print(report.total_line(_audits(clients, name), time.monotonic() - started))
    _print_answers(clients)
    _print_next_steps(name)
    return 0


def _audits(clients: LocalClients, name: str, seen: set[str] | None = None) -> list[dict[str, Any]]:
    """Audit documents of the run in the order they were written; those not in ``seen``, which learns them."""
    seen = set() if seen is None else seen
    s3, bucket = clients.client("s3"), f"{parameters('local')['Lake']}-ops"
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"audit/{name}/").get("Contents", [])
    fresh = [item for item in listed if item["Key"] not in seen]
    in_order = sorted(fresh, key=lambda item: (item["LastModified"], item["Key"]))
    seen.update(item["Key"] for item in in_order)
    return [json.loads(s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()) for item in in_order]


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
