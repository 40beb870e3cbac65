"""The ways to start the pipeline besides a person: each starts it on a small lake and waits for its end.

``python -m tests.e2e.starts workflow batch schedule`` compares the tables that they leave with the state machine's.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lakeshift.cli.clients import LocalClients
from tests.e2e.conftest import LAKE, Installation
from tests.e2e.small_lake import contents, run_the_machine, small_lake

__all__ = ["by_batch", "by_schedule", "by_workflow"]

_PATIENCE = 600.0  # seconds


def _until(check: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + _PATIENCE
    while not (found := check()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.2)
    return found


def _machine(clients: LocalClients, name: str) -> str:
    machines = clients.client("stepfunctions").list_state_machines()["stateMachines"]
    return str(next(one["stateMachineArn"] for one in machines if one["name"] == f"{LAKE}-{name}"))


def _ended(clients: LocalClients, arn: str, known: set[str]) -> dict[str, Any]:
    """The execution of the machine that is not among the ``known`` ones, once it has ended well."""
    api = clients.client("stepfunctions")

    def check() -> dict[str, Any] | None:
        for one in api.list_executions(stateMachineArn=arn)["executions"]:
            if one["executionArn"] not in known and one["status"] != "RUNNING":
                return dict(api.describe_execution(executionArn=one["executionArn"]))
        return None

    found: dict[str, Any] = _until(check)
    assert found["status"] == "SUCCEEDED", found
    return found


def _known(clients: LocalClients, arn: str) -> set[str]:
    listed = clients.client("stepfunctions").list_executions(stateMachineArn=arn)["executions"]
    return {one["executionArn"] for one in listed}


def by_workflow(installation: Installation) -> dict[str, Any]:
    """The transfer, which Glue does not start, then the Glue workflow; returns its run."""
    clients = installation.clients
    glue, transfer, name = clients.client("glue"), _machine(clients, "transfer"), f"{LAKE}-nightly"
    known = _known(clients, transfer)
    clients.client("stepfunctions").start_execution(stateMachineArn=transfer)
    _ended(clients, transfer, known)
    run_id = glue.start_workflow_run(Name=name)["RunId"]

    def check() -> dict[str, Any] | None:
        run = glue.get_workflow_run(Name=name, RunId=run_id, IncludeGraph=True)["Run"]
        return run if run["Status"] not in ("RUNNING", "STOPPING") else None

    run: dict[str, Any] = _until(check)
    done = run["Statistics"]
    assert done["SucceededActions"] == done["TotalActions"], done
    return run


def by_batch(installation: Installation) -> dict[str, Any]:
    """Turn the rule on, let a batch's manifest come, turn it off again; returns the execution."""
    clients = installation.clients
    s3, events, nightly = clients.client("s3"), clients.client("events"), _machine(clients, "nightly")
    known = _known(clients, nightly)
    listed = s3.list_objects_v2(Bucket=f"{LAKE}-ops", Prefix="manifests/flights/")["Contents"]
    manifest = s3.get_object(Bucket=f"{LAKE}-ops", Key=listed[-1]["Key"])["Body"].read()
    events.enable_rule(Name=f"{LAKE}-batch-arrived")
    s3.put_object(Bucket=f"{LAKE}-ops", Key=listed[-1]["Key"], Body=manifest)
    found = _ended(clients, nightly, known)
    events.disable_rule(Name=f"{LAKE}-batch-arrived")
    assert json.loads(found["input"])["started_by"] == "batch"
    return found


def by_schedule(installation: Installation) -> dict[str, Any]:
    """Turn the schedule on, let a day pass, turn it off again; returns the execution."""
    clients = installation.clients
    scheduler, nightly = clients.client("scheduler"), _machine(clients, "nightly")
    known = _known(clients, nightly)
    schedule = scheduler.get_schedule(Name=f"{LAKE}-every-night")
    given = {key: schedule[key] for key in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    scheduler.update_schedule(**given, State="ENABLED")
    body = json.dumps({"advance_seconds": 86_400}).encode()
    with urllib.request.urlopen(f"{clients.endpoint}/_lakeshift/clock", body) as answer:
        happened = json.load(answer)["happened"]
    assert any("every-night fired for" in line for line in happened), happened
    found = _ended(clients, nightly, known)
    scheduler.update_schedule(**given, State="DISABLED")
    assert json.loads(found["input"])["started_by"] == "schedule"
    return found


_WAYS: dict[str, Callable[[Installation], object]] = {
    "workflow": by_workflow,
    "batch": by_batch,
    "schedule": by_schedule,
}


def main(ways: list[str]) -> int:
    """Each way on a lake of its own with the same days; 1 where the tables differ."""
    found = {}
    for way in ("machine", *ways):
        with tempfile.TemporaryDirectory() as folder, small_lake(Path(folder), 3) as installation:
            begun = time.monotonic()
            _WAYS.get(way, run_the_machine)(installation)
            found[way] = contents(installation)
            rows = sum(count for count, _ in found[way].values())
            sys.stdout.write(f"{way}: {rows} rows in {len(found[way])} tables, {time.monotonic() - begun:.0f} s\n")
    different = [way for way in ways if found[way] != found["machine"]]
    sys.stdout.write(f"different: {', '.join(different) or 'none'}\n")
    return int(bool(different))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(_WAYS)))
