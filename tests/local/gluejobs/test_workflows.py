"""A workflow run fires its triggers, tells what ran, ends, stops, resumes, and goes on after a restart."""

from __future__ import annotations

import itertools
import json
import uuid
from typing import Any

import boto3
import pytest

from lakeshift.local import clock
from lakeshift.local.glue.workflows import following
from tests.local.gluejobs.conftest import Glue
from tests.local.gluejobs.test_triggers import FAILS, after, code_of, runs, trigger
from tests.waiting import until

ROLE = "arn:aws:iam::000000000000:role/r"
ENDED = {"COMPLETED", "STOPPED", "ERROR"}


def workflow(glue: Glue, **more: Any) -> str:
    name = f"w-{uuid.uuid4().hex[:12]}"
    glue.client.create_workflow(Name=name, **more)
    return name


def chain(glue: Glue, *jobs: str, kind: str = "ON_DEMAND", **more: Any) -> str:
    """A workflow that runs the jobs one after the other."""
    name = workflow(
        glue, **{key: more.pop(key) for key in ("MaxConcurrentRuns", "DefaultRunProperties") if key in more}
    )
    trigger(glue, kind, jobs[0], WorkflowName=name, **more)
    for before, job in itertools.pairwise(jobs):
        predicate = after((before, "SUCCEEDED"))
        trigger(glue, "CONDITIONAL", job, Predicate=predicate, StartOnCreation=True, WorkflowName=name)
    return name


def run_of(glue: Glue, name: str, run_id: str) -> dict[str, Any]:
    found: dict[str, Any] = glue.client.get_workflow_run(Name=name, RunId=run_id, IncludeGraph=True)["Run"]
    return found


def ended(glue: Glue, name: str, run_id: str, status: str = "COMPLETED") -> dict[str, Any]:
    def check() -> dict[str, Any] | None:
        run = run_of(glue, name, run_id)
        return run if run["Status"] in ENDED else None

    run: dict[str, Any] = until(check)
    assert run["Status"] == status
    return run


def start_of(glue: Glue, name: str) -> str:
    """The workflow's starting trigger."""
    shown = glue.client.get_workflow(Name=name, IncludeGraph=True)["Workflow"]
    return str(shown["Graph"]["Nodes"][0]["Name"])


def nodes(run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["Name"]: node for node in run["Graph"]["Nodes"]}


def states(run: dict[str, Any]) -> dict[str, list[str]]:
    shown = {}
    for node in run["Graph"]["Nodes"]:
        if node["Type"] == "JOB":
            shown[node["Name"]] = [one["JobRunState"] for one in node["JobDetails"]["JobRuns"]]
    return shown


def counted(run: dict[str, Any], *names: str) -> tuple[int, ...]:
    return tuple(run["Statistics"][f"{name}Actions"] for name in names)


def test_jobs_run_in_the_order_of_the_graph_and_know_their_run(glue: Glue) -> None:
    first, left, right, last = (glue.job() for _ in range(4))
    name = workflow(glue, DefaultRunProperties={"a": "1", "b": "1"})
    start = trigger(glue, "ON_DEMAND", first, WorkflowName=name)
    more = {"StartOnCreation": True, "WorkflowName": name}
    fork = trigger(glue, "CONDITIONAL", left, right, Predicate=after((first, "SUCCEEDED")), **more)
    both = after((left, "SUCCEEDED"), (right, "SUCCEEDED"))
    join = trigger(glue, "CONDITIONAL", last, Predicate=both, **more)
    run_id = glue.client.start_workflow_run(Name=name, RunProperties={"b": "2"})["RunId"]
    run = ended(glue, name, run_id)
    assert states(run) == {job: ["SUCCEEDED"] for job in (first, left, right, last)}
    assert run["WorkflowRunProperties"] == {"a": "1", "b": "2"}
    assert counted(run, "Total", "Succeeded", "Failed", "Running") == (4, 4, 0, 0)
    told = runs(glue, last)[0]
    assert told["Arguments"] == {"--WORKFLOW_NAME": name, "--WORKFLOW_RUN_ID": run_id}
    assert (told["TriggerName"], {one["JobName"] for one in told["PredecessorRuns"]}) == (join, {left, right})
    ids = {node["UniqueId"]: node["Name"] for node in run["Graph"]["Nodes"]}
    edges = {(ids[one["SourceId"]], ids[one["DestinationId"]]) for one in run["Graph"]["Edges"]}
    assert edges == {
        *((start, first), (first, fork), (fork, left), (fork, right)),
        *((left, join), (right, join), (join, last)),
    }
    begun = {job: runs(glue, job)[0]["StartedOn"] for job in (first, left, last)}
    assert begun[first] < begun[left] < begun[last]
    shown = glue.client.get_workflow(Name=name, IncludeGraph=True)["Workflow"]
    assert (shown["LastRun"]["WorkflowRunId"], len(shown["Graph"]["Nodes"])) == (run_id, 7)


def test_a_failed_job_ends_the_run_as_completed_with_what_did_not_run(glue: Glue) -> None:
    good, bad, never = glue.job(), glue.job(FAILS), glue.job()
    name = chain(glue, good, bad, never)
    run = ended(glue, name, glue.client.start_workflow_run(Name=name)["RunId"])
    assert states(run) == {good: ["SUCCEEDED"], bad: ["FAILED"], never: []}
    assert counted(run, "Total", "Succeeded", "Failed") == (3, 1, 1)


def test_a_run_resumes_from_a_node_and_takes_over_the_rest(glue: Glue) -> None:
    good, bad, last = glue.job(), glue.job(FAILS), glue.job()
    name = chain(glue, good, bad, last)
    run = ended(glue, name, glue.client.start_workflow_run(Name=name, RunProperties={"k": "v"})["RunId"])
    node = nodes(run)
    refused = code_of(
        lambda: glue.client.resume_workflow_run(Name=name, RunId=run["WorkflowRunId"], NodeIds=[node[last]["UniqueId"]])
    )
    assert refused[0] == "InvalidInputException"  # it never ran
    mended = {"Name": "pythonshell", "ScriptLocation": glue.script("print(1)"), "PythonVersion": "3.9"}
    glue.client.update_job(JobName=bad, JobUpdate={"Role": "r", "Command": mended})
    answer = glue.client.resume_workflow_run(Name=name, RunId=run["WorkflowRunId"], NodeIds=[node[bad]["UniqueId"]])
    assert answer["NodeIds"] == [node[bad]["UniqueId"]]
    again = ended(glue, name, answer["RunId"])
    assert states(again) == {good: ["SUCCEEDED"], bad: ["SUCCEEDED"], last: ["SUCCEEDED"]}
    assert (again["PreviousRunId"], again["WorkflowRunProperties"]) == (run["WorkflowRunId"], {"k": "v"})
    assert len(runs(glue, good)) == 1
    assert [one["WorkflowRunId"] for one in glue.client.get_workflow_runs(Name=name)["Runs"]] == [
        answer["RunId"],
        run["WorkflowRunId"],
    ]


def test_a_run_is_stopped_with_its_jobs(glue: Glue) -> None:
    slow, never = glue.job("import time; time.sleep(60)"), glue.job()
    name = chain(glue, slow, never, MaxConcurrentRuns=1)
    run_id = glue.client.start_workflow_run(Name=name)["RunId"]
    until(lambda: runs(glue, slow) and runs(glue, slow)[0]["JobRunState"] == "RUNNING")
    assert counted(run_of(glue, name, run_id), "Running") == (1,)
    code, text = code_of(lambda: glue.client.start_workflow_run(Name=name))
    assert (code, text) == (
        "ConcurrentRunsExceededException",
        f"Concurrent runs exceeded for workflow: {name}.",
    )
    glue.client.stop_workflow_run(Name=name, RunId=run_id)
    run = ended(glue, name, run_id, "STOPPED")
    assert (states(run), counted(run, "Stopped")) == ({slow: ["STOPPED"], never: []}, (1,))
    for call in (
        lambda: glue.client.stop_workflow_run(Name=name, RunId=run_id),
        lambda: glue.client.resume_workflow_run(Name=name, RunId=run_id, NodeIds=["n"]),
    ):
        assert code_of(call)[0] == "IllegalWorkflowStateException"


def test_run_properties_are_read_and_written_while_it_runs(glue: Glue) -> None:
    name = chain(glue, glue.job())
    run_id = glue.client.start_workflow_run(Name=name, RunProperties={"a": "1"})["RunId"]
    glue.client.put_workflow_run_properties(Name=name, RunId=run_id, RunProperties={"b": "2"})
    found = glue.client.get_workflow_run_properties(Name=name, RunId=run_id)["RunProperties"]
    assert found == {"a": "1", "b": "2"}
    ended(glue, name, run_id)


def test_a_crawl_of_a_run_is_shown_and_fires_what_waits_for_it(glue: Glue) -> None:
    crawler, job = f"c{uuid.uuid4().hex[:10]}", glue.job()
    glue.client.create_database(DatabaseInput={"Name": crawler})
    targets = {"S3Targets": [{"Path": f"s3://{glue.bucket}/none/"}]}
    glue.client.create_crawler(Name=crawler, Role="r", DatabaseName=crawler, Targets=targets)
    name = workflow(glue)
    trigger(glue, "ON_DEMAND", Actions=[{"CrawlerName": crawler}], WorkflowName=name)
    condition = {"LogicalOperator": "EQUALS", "CrawlerName": crawler, "CrawlState": "SUCCEEDED"}
    more = {"StartOnCreation": True, "WorkflowName": name}
    trigger(glue, "CONDITIONAL", job, Predicate={"Conditions": [condition]}, **more)
    run = ended(glue, name, glue.client.start_workflow_run(Name=name)["RunId"])
    assert nodes(run)[crawler]["CrawlerDetails"]["Crawls"][0]["State"] == "SUCCEEDED"
    assert states(run) == {job: ["SUCCEEDED"]}


def test_a_job_that_is_gone_is_an_errored_action(glue: Glue) -> None:
    gone = glue.job()
    name = chain(glue, gone)
    glue.client.delete_job(JobName=gone)
    run = ended(glue, name, glue.client.start_workflow_run(Name=name)["RunId"])
    assert counted(run, "Total", "Errored") == (1, 1)


def test_a_scheduled_workflow_runs_once_a_time(glue: Glue) -> None:
    name = chain(glue, glue.job(), kind="SCHEDULED", Schedule="cron(5 4 * * ? *)", StartOnCreation=True)
    clock.advance(24 * 3600.0)
    listed = until(lambda: glue.client.get_workflow_runs(Name=name)["Runs"])
    ended(glue, name, listed[0]["WorkflowRunId"])
    assert len(glue.client.get_workflow_runs(Name=name)["Runs"]) == 1
    glue.client.delete_trigger(Name=start_of(glue, name))


@pytest.mark.parametrize("by", ["size", "window"])
def test_events_start_a_run_when_there_are_enough_or_the_window_ends(glue: Glue, by: str) -> None:
    batch = {"BatchSize": 2 if by == "size" else 100, "BatchWindow": 600}
    name = chain(glue, glue.job(), kind="EVENT", EventBatchingCondition=batch)
    source, events = f"test.{uuid.uuid4().hex}", boto3.client("events")
    events.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))
    arn = f"arn:aws:glue:us-east-1:000000000000:workflow/{name}"
    events.put_targets(Rule=source, Targets=[{"Id": "1", "Arn": arn, "RoleArn": ROLE}])
    entry = {"Source": source, "DetailType": "t", "Detail": "{}"}
    sent = [events.put_events(Entries=[entry])["Entries"][0]["EventId"] for _ in range(2)]
    if by == "window":
        until(lambda: _waiting(glue, name, 2))
        assert glue.client.get_workflow_runs(Name=name)["Runs"] == []
        clock.advance(601)
    run_id = until(lambda: glue.client.get_workflow_runs(Name=name)["Runs"])[0]["WorkflowRunId"]
    run = ended(glue, name, run_id)
    assert run["WorkflowRunProperties"] == {"aws:eventIds": f"[{', '.join(sent)}]"}
    assert run["StartingEventBatchCondition"] == {"BatchSize": 2, "BatchWindow": 600}
    assert len(glue.client.get_workflow_runs(Name=name)["Runs"]) == 1


def _waiting(glue: Glue, name: str, events: int) -> bool:
    file = glue.runner.context.state.services / "glue-event-batches.json"
    batches = json.loads(file.read_text()) if file.exists() else {}
    return len(batches.get(start_of(glue, name), {}).get("events", [])) == events


def test_an_event_trigger_is_not_started_by_hand(glue: Glue) -> None:
    name = chain(glue, glue.job(), kind="EVENT")
    start = start_of(glue, name)
    assert code_of(lambda: glue.client.start_trigger(Name=start)) == (
        "InvalidInputException",
        "Trigger Type EVENT cannot be started",
    )


def test_a_run_that_was_cut_off_goes_on_where_it_was(glue: Glue) -> None:
    """As after a kill: a job has ended and its end was not followed, and a start is asked for a second time."""
    first, second = glue.job(), glue.job()
    name = chain(glue, first, second)
    before, glue.runner.ended = glue.runner.ended, lambda _: None
    try:
        run_id = glue.client.start_workflow_run(Name=name)["RunId"]
        until(lambda: runs(glue, first) and runs(glue, first)[0]["JobRunState"] == "SUCCEEDED")
    finally:
        glue.runner.ended = before
    assert run_of(glue, name, run_id)["Status"] == "RUNNING"
    following.resume([])
    run = ended(glue, name, run_id)
    assert states(run) == {first: ["SUCCEEDED"], second: ["SUCCEEDED"]}


def test_definitions_are_kept_changed_listed_and_forgotten(glue: Glue) -> None:
    name = workflow(glue, Description="d", MaxConcurrentRuns=2)
    assert code_of(lambda: glue.client.create_workflow(Name=name))[0] == "AlreadyExistsException"
    glue.client.update_workflow(Name=name, Description="e")
    found = glue.client.batch_get_workflows(Names=[name, "none-such"])
    assert found["MissingWorkflows"] == ["none-such"]
    assert (found["Workflows"][0]["Description"], found["Workflows"][0]["MaxConcurrentRuns"]) == ("e", 2)
    assert code_of(lambda: glue.client.start_workflow_run(Name=name))[0] == "InvalidInputException"
    job = glue.job()
    trigger(glue, "ON_DEMAND", job, WorkflowName=name)
    assert code_of(lambda: trigger(glue, "ON_DEMAND", job, WorkflowName=name)) == (
        "InvalidInputException",
        "Workflow already has a starting trigger",
    )
    glue.client.delete_workflow(Name=name)
    assert name not in glue.client.list_workflows()["Workflows"]
    for call in (
        lambda: glue.client.get_workflow(Name=name),
        lambda: glue.client.get_workflow_run(Name=name, RunId="r"),
        lambda: glue.client.update_workflow(Name=name),
        lambda: glue.client.create_trigger(Name="t", Type="ON_DEMAND", WorkflowName=name, Actions=[{"JobName": job}]),
    ):
        assert code_of(call)[0] == "EntityNotFoundException"
