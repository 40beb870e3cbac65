"""The sample's state machine with job runs, crawls and statements whose outcome a test decides."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from lakeshift.local.stepfunctions import clients, tasks
from lakeshift.paths import REPOSITORY
from tests.local.stepfunctions.conftest import Machines, until

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
BRANCHES = {"flights_clean", "weather_clean", "reference_clean"}


class World:
    """Glue, DataSync and the warehouse, each answering as it is told."""

    def __init__(self) -> None:
        self.new_objects = 3
        self.job_states: dict[str, str] = {}
        self.crawl = "SUCCEEDED"
        self.transfer = "SUCCESS"
        self.statement = "FINISHED"
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
        return {"JobRun": {"Id": RunId, "JobRunState": state, "ErrorMessage": "why"}}

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
    """The machine, its topics with a queue each, and its bucket."""

    def __init__(self, machines: Machines, world: World) -> None:
        name = uuid.uuid4().hex
        self.machines, self.world = machines, world
        self.objects, self.queues = boto3.client("s3"), boto3.client("sqs")
        self.ops = f"ops-{name}"
        self.objects.create_bucket(Bucket=self.ops)
        world.check = self._check
        self.alerts, self.done = self._topic(f"alerts-{name}"), self._topic(f"done-{name}")
        text = (REPOSITORY / "pipelines" / "nightly.asl.json").read_text()
        substitutions = {
            "OpsBucket": self.ops,
            "AirlinesTaskArn": "arn:aws:datasync:us-east-1:000000000000:task/task-1",
            "AlertsTopicArn": self.alerts[0],
            "DoneTopicArn": self.done[0],
            "WarehouseCluster": "warehouse",
            "WarehouseDatabase": "lake",
            "WarehouseUser": "lakeshift",
        }
        for key, value in substitutions.items():
            assert f"${{{key}}}" in text
            text = text.replace(f"${{{key}}}", value)
        assert "${" not in text
        self.definition = json.loads(text.replace('"Seconds": 1,', '"Seconds": 0,'))

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
        return self.machines.run(self.definition)

    def message(self, topic: tuple[str, str]) -> dict[str, Any]:
        found = until(lambda: self.queues.receive_message(QueueUrl=topic[1]).get("Messages"))
        return json.loads(found[0]["Body"])

    def ledger(self) -> dict[str, Any] | None:
        keys = [one["Key"] for one in self.objects.list_objects_v2(Bucket=self.ops).get("Contents", [])]
        if "pipeline/completed.json" not in keys:
            return None
        return json.loads(self.objects.get_object(Bucket=self.ops, Key="pipeline/completed.json")["Body"].read())


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
    assert set(world.ran) == JOBS | {"transfer", "raw-zone", "select count(*) from flights.fact_flights"}
    order = [one for one in world.ran if one not in BRANCHES | INGEST]
    assert order == [
        "ingest_check",
        "raw-zone",
        "flights_enriched",
        "daily_aggregates",
        "quality_gate",
        "load_redshift",
        "select count(*) from flights.fact_flights",
    ]
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


FAILURES: dict[str, tuple[Callable[[World], None], str, str, str]] = {
    "share down": (share_is_down, "Ingest", "TransferFailed", "no share"),
    "api down": (job_fails("airports_from_api"), "Ingest", "States.TaskFailed", "why"),
    "empty source": (job_fails("ingest_check"), "IngestCheck", "States.TaskFailed", "why"),
    "crawl": (crawl_fails, "Crawl", "CrawlFailed", "the classifier broke"),
    "one branch": (job_fails("weather_clean"), "Clean", "States.TaskFailed", "weather_clean"),
    "join": (job_fails("flights_enriched"), "Enrich", "States.TaskFailed", "flights_enriched"),
    "quality": (job_fails("quality_gate"), "QualityGate", "QualityFailed", "why"),
    "load": (job_fails("load_redshift"), "Load", "States.TaskFailed", "load_redshift"),
    "warehouse": (statement_fails, "Verify", "VerifyFailed", "relation is not there"),
}


@pytest.mark.parametrize(("spoil", "where", "error", "cause"), FAILURES.values(), ids=FAILURES)
def test_a_failure_is_told_with_where_and_why_and_fails_the_execution(
    pipeline: Pipeline, world: World, spoil: Callable[[World], None], where: str, error: str, cause: str
) -> None:
    spoil(world)
    ended = pipeline.run()
    assert (ended["status"], ended["error"]) == ("FAILED", error), ended["cause"]
    assert cause in ended["cause"]
    told = pipeline.message(pipeline.alerts)
    assert (told["failed_at"], told["error"], told["run"]) == (where, error, ended["name"])
    assert cause in told["cause"]
    assert ended["stateMachineArn"] in told["rerun"]
    assert pipeline.ledger() is None
