"""The sample's state machine with job runs, crawls and statements whose outcome a test decides."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from cfnlint.api import lint

from lakeshift.local.events.bus import idle
from lakeshift.local.stepfunctions import clients, tasks
from lakeshift.paths import REPOSITORY
from tests.local.stepfunctions.conftest import ROLE, Machines
from tests.waiting import until

JOBS = {
    "airports_from_api",
    "ingest_check",
    "flights_clean",
    "weather_clean",
    "reference_clean",
    "planes_from_postgres",
    "flights_enriched",
    "daily_aggregates",
    "quality_gate",
    "load_redshift",
}
INGEST = {"airports_from_api", "planes_from_postgres", "transfer"}
COUNT = "select count(*) from flights.fact_flights"
CRAWLED = {"weather_clean", "reference_clean"}
BRANCHES = CRAWLED | {"flights_clean"}
JUDGED = {"daily_aggregates", "quality_gate"}


class World:
    """Glue, DataSync and the warehouse, each answering as it is told."""

    def __init__(self) -> None:
        self.new_objects = 3
        self.job_states: dict[str, str] = {}
        self.crawl = "SUCCEEDED"
        self.transfer = "SUCCESS"
        self.statement = "FINISHED"
        self.why = "why"
        self.stopped: list[str] = []
        self.ran: list[str] = []
        self.arguments: list[dict[str, str]] = []
        self.check: Callable[[str], None] = lambda _: None

    def start_job_run(self, JobName: str, Arguments: dict[str, str]) -> dict[str, Any]:
        self.ran.append(JobName)
        self.arguments.append(Arguments)
        if JobName == "ingest_check":
            self.check(Arguments["--pipeline_run_id"])
        return {"JobRunId": JobName}

    def get_job_run(self, JobName: str, RunId: str) -> dict[str, Any]:
        state = self.job_states.get(JobName, "SUCCEEDED")
        return {"JobRun": {"Id": RunId, "JobRunState": state, "ErrorMessage": self.why}}

    def batch_stop_job_run(self, JobName: str, JobRunIds: list[str]) -> dict[str, Any]:
        self.stopped.append(JobName)
        return {}

    def start_crawler(self, Name: str) -> dict[str, Any]:
        self.ran.append(Name)
        return {}

    def get_crawler(self, Name: str) -> dict[str, Any]:
        last = {"Status": self.crawl, "ErrorMessage": "the classifier broke"}
        return {"Crawler": {"Name": Name, "State": "READY", "LastCrawl": last}}

    def start_task_execution(self, TaskArn: str) -> dict[str, Any]:
        self.ran.append("transfer")
        return {"TaskExecutionArn": TaskArn + "/execution/e"}

    def describe_task_execution(self, TaskExecutionArn: str) -> dict[str, Any]:
        return {"TaskExecutionArn": TaskExecutionArn, "Status": self.transfer, "Result": {"ErrorDetail": "no share"}}

    def execute_statement(self, **given: str) -> dict[str, Any]:
        self.ran.append(given["Sql"])
        return {"Id": "s"}

    def describe_statement(self, Id: str) -> dict[str, Any]:
        return {"Id": Id, "Status": self.statement, "Error": "relation is not there"}

    def get_statement_result(self, Id: str) -> dict[str, Any]:
        return {"Records": [[{"longValue": 336776}]]}


class Fake:
    """One service of the world, with the real one's shapes."""

    def __init__(self, world: World, service: str) -> None:
        self.world = world
        self.meta = clients.client(service, "us-east-1").meta

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world, name)


class Pipeline:
    """The machines, the rule that tells of a failure, their topics with a queue each, and their bucket."""

    def __init__(self, machines: Machines, world: World) -> None:
        name = uuid.uuid4().hex
        self.machines, self.world = machines, world
        self.objects, self.queues = boto3.client("s3"), boto3.client("sqs")
        self.ops = f"ops-{name}"
        self.objects.create_bucket(Bucket=self.ops)
        world.check = self._check
        self.alerts, self.done = self._topic(f"alerts-{name}"), self._topic(f"done-{name}")
        children = {
            "CrawlMachineArn": self._machine("crawl", Crawler="raw-zone"),
            "TransferMachineArn": self._machine(
                "transfer", TaskArn="arn:aws:datasync:us-east-1:000000000000:task/task-1"
            ),
            "QueryMachineArn": self._machine(
                "query", WarehouseCluster="warehouse", WarehouseDatabase="lake", WarehouseUser="lakeshift"
            ),
        }
        alert = self._machine("alert", AlertsTopicArn=self.alerts[0])
        self.arn = self._machine(
            "nightly",
            OpsBucket=self.ops,
            AlertsTopicArn=self.alerts[0],
            DoneTopicArn=self.done[0],
            **children,
        )
        self._rule(name, alert)

    def _machine(self, name: str, **substitutions: str) -> str:
        text = (REPOSITORY / "pipelines" / f"{name}.asl.json").read_text()
        for key, value in substitutions.items():
            assert f"${{{key}}}" in text
            text = text.replace(f"${{{key}}}", value)
        assert "${" not in text
        return self.machines.create(json.loads(text.replace('"Seconds": 1,', '"Seconds": 0,')))

    def _rule(self, name: str, alert: str) -> None:
        """As pipelines/alert.yaml declares it."""
        pattern = dict(load_yaml(REPOSITORY / "pipelines" / "alert.yaml")["PipelineFailed"]["EventPattern"])
        pattern["detail"] = {**pattern["detail"], "stateMachineArn": [self.arn]}
        rules = boto3.client("events")
        rules.put_rule(Name=name, EventPattern=json.dumps(pattern))
        rules.put_targets(Rule=name, Targets=[{"Id": "alert", "Arn": alert, "RoleArn": ROLE}])

    def _topic(self, name: str) -> tuple[str, str]:
        notifications = boto3.client("sns")
        topic = notifications.create_topic(Name=name)["TopicArn"]
        queue = self.queues.create_queue(QueueName=name)["QueueUrl"]
        arn = self.queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        notifications.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        return topic, queue

    def _check(self, run: str) -> None:
        told = {"new_objects": self.world.new_objects, "new_records": None}
        for key, body in (("ingest.json", told), ("listing.json", {"objects": {"a": "b"}})):
            self.objects.put_object(Bucket=self.ops, Key=f"pipeline/{run}/{key}", Body=json.dumps(body))

    def run(self) -> dict[str, Any]:
        started = self.machines.client.start_execution(stateMachineArn=self.arn)
        return self.machines.wait(started["executionArn"])

    def redrive(self, execution: str) -> dict[str, Any]:
        self.world.ran.clear()
        self.machines.client.redrive_execution(executionArn=execution)
        return self.machines.wait(execution)

    def message(self, topic: tuple[str, str]) -> dict[str, Any]:
        found = until(lambda: self.queues.receive_message(QueueUrl=topic[1]).get("Messages"))
        return json.loads(found[0]["Body"])

    def ledger(self) -> dict[str, Any] | None:
        keys = [one["Key"] for one in self.objects.list_objects_v2(Bucket=self.ops).get("Contents", [])]
        if "pipeline/completed.json" not in keys:
            return None
        return json.loads(self.objects.get_object(Bucket=self.ops, Key="pipeline/completed.json")["Body"].read())


def load_yaml(path: Path) -> dict[str, Any]:
    """Properties by logical id; a reference is its text."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("!", lambda loader, suffix, node: node.value)
    found = yaml.load(path.read_text(), Loader)  # noqa: S506 - a safe loader
    return {name: one["Properties"] for name, one in found["Resources"].items()}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()

    def client(service: str, region: str, timestamps: clients.Timestamps = "instant") -> Any:
        known = clients.boto_service(service)
        if known in ("glue", "datasync", "redshift-data"):
            return Fake(made, known)
        return clients.client(service, region, timestamps)

    monkeypatch.setattr(tasks, "client", client)
    return made


@pytest.fixture
def pipeline(machines: Machines, world: World) -> Pipeline:
    return Pipeline(machines, world)


def test_all_stages_run_in_order_under_the_execution_s_name(pipeline: Pipeline, world: World) -> None:
    ended = pipeline.run()
    assert ended["status"] == "SUCCEEDED", ended
    assert set(world.ran) == JOBS | {"transfer", "raw-zone", COUNT}
    order = [one for one in world.ran if one not in BRANCHES | INGEST | JUDGED]
    assert order == ["ingest_check", "raw-zone", "flights_enriched", "load_redshift", COUNT]
    around = [world.ran.index(name) for name in ("flights_enriched", "load_redshift")]
    assert all(around[0] < world.ran.index(name) < around[1] for name in JUDGED)
    assert all(world.ran.index("raw-zone") < world.ran.index(name) for name in CRAWLED)
    assert {arguments["--pipeline_run_id"] for arguments in world.arguments} == {ended["name"]}
    told = pipeline.message(pipeline.done)
    assert (told["new_objects"], told["fact_flights"], told["run"]) == (3, 336776, ended["name"])
    assert pipeline.ledger() == {"objects": {"a": "b"}}


def test_nothing_new_runs_no_job_of_the_lake(pipeline: Pipeline, world: World) -> None:
    world.new_objects = 0
    assert pipeline.run()["status"] == "SUCCEEDED"
    assert set(world.ran) == INGEST | {"ingest_check"}
    assert pipeline.message(pipeline.done)["new_objects"] == 0
    assert pipeline.ledger() is None


def job_fails(name: str) -> Callable[[World], None]:
    return lambda world: world.job_states.update({name: "FAILED"})


def crawl_fails(world: World) -> None:
    world.crawl = "FAILED"


def share_is_down(world: World) -> None:
    world.transfer = "ERROR"


def statement_fails(world: World) -> None:
    world.statement = "FAILED"


def mend(world: World) -> None:
    world.job_states.clear()
    world.crawl, world.transfer, world.statement = "SUCCEEDED", "SUCCESS", "FINISHED"


AFTER_GATE = {"load_redshift", COUNT}
AFTER_CLEAN = {"flights_enriched"} | JUDGED | AFTER_GATE
AFTER_INGEST = {"ingest_check", "raw-zone"} | BRANCHES | AFTER_CLEAN

# what breaks; the state that the alert names; a part of its cause; all that a redrive runs
FAILURES: dict[str, tuple[Callable[[World], None], str, str, set[str]]] = {
    "share down": (share_is_down, "Transfer", "no share", {"transfer"} | AFTER_INGEST),
    "api down": (job_fails("airports_from_api"), "airports_from_api", "why", {"airports_from_api"} | AFTER_INGEST),
    "empty source": (job_fails("ingest_check"), "IngestCheck", "why", AFTER_INGEST),
    "crawl": (crawl_fails, "Crawl", "the classifier broke", {"raw-zone"} | CRAWLED | AFTER_CLEAN),
    "one branch": (job_fails("weather_clean"), "weather_clean", "weather_clean", {"weather_clean"} | AFTER_CLEAN),
    "join": (job_fails("flights_enriched"), "Enrich", "flights_enriched", AFTER_CLEAN),
    "figures": (job_fails("daily_aggregates"), "Aggregate", "why", {"daily_aggregates"} | AFTER_GATE),
    "load": (job_fails("load_redshift"), "Load", "load_redshift", AFTER_GATE),
    "warehouse": (statement_fails, "Verify", "relation is not there", {COUNT}),
}


@pytest.mark.parametrize(("spoil", "where", "cause", "again"), FAILURES.values(), ids=FAILURES)
def test_a_failure_is_told_and_a_redrive_goes_on_from_there(
    pipeline: Pipeline, world: World, spoil: Callable[[World], None], where: str, cause: str, again: set[str]
) -> None:
    spoil(world)
    ended = pipeline.run()
    assert (ended["status"], ended["error"], ended["redriveStatus"]) == ("FAILED", "States.TaskFailed", "REDRIVABLE")
    assert cause in ended["cause"]
    told = pipeline.message(pipeline.alerts)
    assert (told["failed_at"], told["error"], told["run"]) == (where, "States.TaskFailed", ended["name"])
    assert cause in told["cause"]
    assert f"redrive-execution --execution-arn {ended['executionArn']}" in told["redrive"]
    assert ended["stateMachineArn"] in told["rerun"]
    assert pipeline.ledger() is None
    mend(world)
    redriven = pipeline.redrive(ended["executionArn"])
    assert (redriven["status"], redriven["redriveCount"]) == ("SUCCEEDED", 1)
    beside = next(
        (ones for ones in (INGEST | {"Transfer"}, BRANCHES | {"Crawl"}, JUDGED | {"Aggregate"}) if where in ones), set()
    )
    assert again <= set(world.ran) <= again | beside  # a branch that was aborted beside the failed one runs again too
    assert pipeline.ledger() == {"objects": {"a": "b"}}


def test_a_broken_rule_is_told_with_the_rules_and_loads_nothing(pipeline: Pipeline, world: World) -> None:
    broken = "QualityGateError: marts.flights_enriched: 1 of 9 rules failed; nothing is loaded: RowCount > 0"
    world.job_states["quality_gate"], world.why = "FAILED", broken
    ended = pipeline.run()
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "QualityFailed", broken)
    told = pipeline.message(pipeline.alerts)
    assert (told["error"], told["rules"], told["job_run"]) == ("QualityFailed", broken, "quality_gate")
    assert f"start-execution --state-machine-arn {ended['stateMachineArn']}" in told["rerun"]
    assert "load_redshift" not in world.ran
    assert COUNT not in world.ran
    until(idle)
    assert "Messages" not in pipeline.queues.receive_message(QueueUrl=pipeline.alerts[1])  # told once
    mend(world)
    world.ran.clear()
    assert pipeline.run()["status"] == "SUCCEEDED"  # a new run judges the same dates again
    assert "load_redshift" in world.ran


def test_a_gate_that_broke_is_no_verdict(pipeline: Pipeline, world: World) -> None:
    world.job_states["quality_gate"], world.why = "FAILED", "OutOfMemoryError"
    ended = pipeline.run()
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    told = pipeline.message(pipeline.alerts)
    assert (told["failed_at"], "OutOfMemoryError" in told["cause"]) == ("GateBroke", True)


def test_a_stopped_pipeline_is_told_too(pipeline: Pipeline, world: World) -> None:
    world.job_states["flights_enriched"] = "RUNNING"
    execution = pipeline.machines.client.start_execution(stateMachineArn=pipeline.arn)["executionArn"]
    until(lambda: "flights_enriched" in world.ran)
    pipeline.machines.client.stop_execution(executionArn=execution, error="Mine", cause="enough")
    told = pipeline.message(pipeline.alerts)
    assert (told["status"], told["failed_at"], told["error"]) == ("ABORTED", "Enrich", "Mine")
    until(lambda: world.stopped == ["flights_enriched"])
    mend(world)
    assert pipeline.redrive(execution)["status"] == "SUCCEEDED"
    assert set(world.ran) == AFTER_CLEAN


def test_cfn_lint_finds_nothing_in_our_machines() -> None:
    machines = {}
    for path in sorted((REPOSITORY / "pipelines").glob("*.asl.json")):
        properties = {"RoleArn": ROLE, "Definition": json.loads(path.read_text().replace("${", "{"))}
        machines[path.name.split(".")[0].title()] = {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": properties,
        }
    assert len(machines) >= 5
    found = lint(json.dumps({"Resources": machines}), regions=["us-east-1"])
    assert [f"{one.path}: {one}" for one in found] == []
