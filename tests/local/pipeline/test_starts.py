"""The sample's definitions, deployed: the Glue workflow, and what starts the state machine besides a person."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from lakeshift.deploy import AwsSession, apply, plan
from lakeshift.paths import REPOSITORY
from tests.waiting import until

LAKE = "lakeshift-starts"
ORDER = [  # of the jobs; the crawler is between the check and the clean tables
    {"airports_from_api", "planes_from_postgres"},
    {"ingest_check"},
    {"flights_clean", "weather_clean", "reference_clean"},
    {"flights_enriched"},
    {"daily_aggregates"},
    {"quality_gate"},
    {"load_redshift"},
]
NIGHTLY = f"arn:aws:states:us-east-1:000000000000:stateMachine:{LAKE}-nightly"


@dataclass(frozen=True)
class Deployed:
    """A local AWS of its own with everything deployed, and job runs that succeed at once."""

    endpoint: str
    session: AwsSession

    def client(self, service: str) -> Any:
        return self.session.client(service)

    def move_clock(self, seconds: int) -> list[str]:
        body = json.dumps({"advance_seconds": seconds}).encode()
        with urllib.request.urlopen(f"{self.endpoint}/_lakeshift/clock", body) as answer:
            return list(json.load(answer)["happened"])

    def executions(self) -> list[dict[str, Any]]:
        machines = self.client("stepfunctions")
        found = machines.list_executions(stateMachineArn=NIGHTLY)["executions"]
        return [machines.describe_execution(executionArn=one["executionArn"]) for one in found]

    def all_ended(self) -> bool:
        return all(one["status"] != "RUNNING" for one in self.executions())

    def started_by(self, cause: str) -> list[dict[str, Any]]:
        inputs = [json.loads(one["input"]) for one in self.executions()]
        return [one for one in inputs if one.get("started_by") == cause]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.local.pipeline.server", str(tmp_path_factory.mktemp("deployed"))],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None and server.stdout is not None
    try:
        endpoint = server.stdout.readline().strip()
        session = AwsSession("local", endpoint=endpoint)
        apply(plan("local", session, {"Lake": LAKE, "WarehouseCluster": f"{LAKE}-warehouse"}, REPOSITORY), session)
        yield Deployed(endpoint, session)
    finally:
        server.stdin.close()
        server.wait(timeout=60)
        server.stdout.close()


def ended(deployed: Deployed, run_id: str) -> dict[str, Any]:
    def check() -> dict[str, Any] | None:
        run = deployed.client("glue").get_workflow_run(Name=f"{LAKE}-nightly", RunId=run_id, IncludeGraph=True)["Run"]
        return None if run["Status"] == "RUNNING" else run

    run: dict[str, Any] = until(check, 60)
    return run


def test_the_workflow_runs_the_machines_jobs_in_its_order_under_one_pipeline_run(deployed: Deployed) -> None:
    run_id = deployed.client("glue").start_workflow_run(Name=f"{LAKE}-nightly")["RunId"]
    run = ended(deployed, run_id)
    done = run["Statistics"]
    assert (done["TotalActions"], done["SucceededActions"]) == (11, 11), run
    begun = {}
    for node in run["Graph"]["Nodes"]:
        for one in node.get("JobDetails", {}).get("JobRuns", []):
            assert one["Arguments"]["--WORKFLOW_RUN_ID"] == run_id
            assert one["Arguments"]["--pipeline_run_id"] == "manual"  # so the workflow's run is the pipeline run
            begun[node["Name"]] = one["StartedOn"]
    assert set(begun) == set().union(*ORDER)
    for before, after in itertools.pairwise(ORDER):
        assert max(begun[name] for name in before) <= min(begun[name] for name in after), (before, after)


def test_a_batchs_manifest_starts_the_machine_once_the_rule_is_on(deployed: Deployed) -> None:
    s3, events, name = deployed.client("s3"), deployed.client("events"), f"{LAKE}-batch-arrived"
    assert events.describe_rule(Name=name)["State"] == "DISABLED"
    s3.put_object(Bucket=f"{LAKE}-ops", Key="manifests/flights/one.json", Body=b"{}")
    events.enable_rule(Name=name)
    for key in ("manifests/flights/two.json", "audit/x/y.json"):
        s3.put_object(Bucket=f"{LAKE}-ops", Key=key, Body=b"{}")
    s3.put_object(Bucket=f"{LAKE}-raw", Key="flights/2026/01/01/a.json", Body=b"{}")
    found = until(lambda: deployed.started_by("batch"))
    events.disable_rule(Name=name)
    until(deployed.all_ended, 60)
    assert found == [{"started_by": "batch", "manifest": f"s3://{LAKE}-ops/manifests/flights/two.json"}]


def test_every_night_starts_the_machine_once_the_schedule_is_on(deployed: Deployed) -> None:
    scheduler, name = deployed.client("scheduler"), f"{LAKE}-every-night"
    assert not any("every-night" in line for line in deployed.move_clock(24 * 3600))
    schedule = scheduler.get_schedule(Name=name)
    assert schedule["State"] == "DISABLED"
    given = {key: schedule[key] for key in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    scheduler.update_schedule(**given, State="ENABLED")
    assert any("every-night fired" in line for line in deployed.move_clock(24 * 3600))
    found = until(lambda: deployed.started_by("schedule"))
    scheduler.update_schedule(**given, State="DISABLED")
    until(deployed.all_ended, 60)
    assert [one["scheduled_for"][11:] for one in found] == ["02:00:00Z"]


def test_a_failed_job_is_told_once_the_notices_are_on(deployed: Deployed) -> None:
    events, sqs, glue = deployed.client("events"), deployed.client("sqs"), deployed.client("glue")
    for rule in ("failed", "done"):
        assert events.describe_rule(Name=f"{LAKE}-workflow-{rule}")["State"] == "DISABLED"
    events.enable_rule(Name=f"{LAKE}-workflow-failed")
    command = {"Name": "pythonshell", "ScriptLocation": "s3://none/such.py", "PythonVersion": "3.9"}
    glue.create_job(Name="starts-broken", Role="r", Command=command)
    run_id = glue.start_job_run(JobName="starts-broken")["JobRunId"]
    url = sqs.get_queue_url(QueueName=f"{LAKE}-alerts-inbox")["QueueUrl"]

    def told() -> list[dict[str, Any]]:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        found = [json.loads(one["Body"]) for one in messages]
        return [one for one in found if one.get("job_run") == run_id]

    alert = until(told)[0]
    events.disable_rule(Name=f"{LAKE}-workflow-failed")
    assert (alert["job"], alert["state"]) == ("starts-broken", "FAILED")
    assert "s3://" not in alert["why"] and "such.py" in alert["why"]
