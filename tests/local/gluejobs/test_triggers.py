"""Triggers fire on demand, on a schedule, and on the end of runs that triggers started."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.local import clock
from lakeshift.local.glue.triggers import firing
from tests.local.gluejobs.conftest import Glue
from tests.waiting import until

DAY = 24 * 3600.0
FAILS = "raise RuntimeError('no')"


def name() -> str:
    return f"t-{uuid.uuid4().hex[:12]}"


def trigger(glue: Glue, kind: str, *jobs: str, **more: Any) -> str:
    made = name()
    actions = more.pop("Actions", [{"JobName": job} for job in jobs])
    glue.client.create_trigger(Name=made, Type=kind, Actions=actions, **more)
    return made


def after(*conditions: tuple[str, str], logical: str = "AND") -> dict[str, Any]:
    listed = [{"LogicalOperator": "EQUALS", "JobName": job, "State": state} for job, state in conditions]
    return {"Logical": logical, "Conditions": listed}


def runs(glue: Glue, job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = glue.client.get_job_runs(JobName=job)["JobRuns"]
    return found


def ended(glue: Glue, job: str, state: str = "SUCCEEDED") -> dict[str, Any]:
    def check() -> dict[str, Any] | None:
        found = runs(glue, job)
        return found[0] if found and found[0]["JobRunState"] == state else None

    run: dict[str, Any] = until(check)
    return run


def code_of(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call()
    return refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]


def test_an_on_demand_trigger_starts_its_jobs_with_its_arguments(glue: Glue) -> None:
    job = glue.job(DefaultArguments={"--a": "1", "--b": "1"})
    made = trigger(glue, "ON_DEMAND", Actions=[{"JobName": job, "Arguments": {"--b": "2"}, "Timeout": 7}])
    glue.client.start_trigger(Name=made)
    run = ended(glue, job)
    assert (run["TriggerName"], run["Arguments"], run["Timeout"]) == (made, {"--a": "1", "--b": "2"}, 7)
    assert glue.client.get_trigger(Name=made)["Trigger"]["State"] == "CREATED"


def test_a_conditional_trigger_waits_for_all_it_watches(glue: Glue) -> None:
    first, second, last = glue.job(), glue.job(FAILS), glue.job()
    predicate = after((first, "SUCCEEDED"), (second, "FAILED"))
    made = trigger(glue, "CONDITIONAL", last, Predicate=predicate, StartOnCreation=True)
    glue.client.start_trigger(Name=trigger(glue, "ON_DEMAND", first))
    ended(glue, first)
    assert runs(glue, last) == []
    glue.client.start_trigger(Name=trigger(glue, "ON_DEMAND", second))
    run = ended(glue, last)
    assert run["TriggerName"] == made
    assert [one["JobName"] for one in run["PredecessorRuns"]] == [second]


def test_any_of_several_is_enough_and_a_run_by_hand_fires_nothing(glue: Glue) -> None:
    first, second, last = glue.job(), glue.job(), glue.job()
    predicate = after((first, "SUCCEEDED"), (second, "SUCCEEDED"), logical="ANY")
    trigger(glue, "CONDITIONAL", last, Predicate=predicate, StartOnCreation=True)
    glue.reaches(first, glue.start(first))
    glue.client.start_trigger(Name=trigger(glue, "ON_DEMAND", second))
    ended(glue, last)
    assert len(runs(glue, last)) == 1


def test_a_conditional_trigger_that_is_not_active_does_not_fire(glue: Glue) -> None:
    first, other, last = glue.job(), glue.job(), glue.job()
    made = trigger(glue, "CONDITIONAL", last, Predicate=after((first, "SUCCEEDED")))
    trigger(glue, "CONDITIONAL", other, Predicate=after((first, "SUCCEEDED")), StartOnCreation=True)
    start = trigger(glue, "ON_DEMAND", first)
    glue.client.start_trigger(Name=start)
    ended(glue, other)
    assert runs(glue, last) == []
    glue.client.start_trigger(Name=made)
    glue.client.start_trigger(Name=start)
    ended(glue, last)


def test_a_failed_run_that_is_tried_again_counts_by_its_last_attempt(glue: Glue) -> None:
    first, failed, last = glue.job(FAILS, MaxRetries=1), glue.job(), glue.job()
    trigger(glue, "CONDITIONAL", failed, Predicate=after((first, "FAILED")), StartOnCreation=True)
    trigger(glue, "CONDITIONAL", last, Predicate=after((failed, "SUCCEEDED")), StartOnCreation=True)
    glue.client.start_trigger(Name=trigger(glue, "ON_DEMAND", first))
    ended(glue, last)
    assert [run["Attempt"] for run in runs(glue, first)] == [1, 0]
    assert len(runs(glue, failed)) == 1


def test_a_crawl_fires_what_waits_for_it(glue: Glue) -> None:
    crawler, job = name(), glue.job()
    glue.client.create_database(DatabaseInput={"Name": crawler})
    targets = {"S3Targets": [{"Path": f"s3://{glue.bucket}/none/"}]}
    glue.client.create_crawler(Name=crawler, Role="r", DatabaseName=crawler, Targets=targets)
    condition = {"LogicalOperator": "EQUALS", "CrawlerName": crawler, "CrawlState": "SUCCEEDED"}
    trigger(glue, "CONDITIONAL", job, Predicate={"Conditions": [condition]}, StartOnCreation=True)
    glue.client.start_trigger(Name=trigger(glue, "ON_DEMAND", Actions=[{"CrawlerName": crawler}]))
    ended(glue, job)


def test_a_scheduled_trigger_fires_by_the_clock_once_a_time_until_it_is_stopped(glue: Glue) -> None:
    job = glue.job(ExecutionProperty={"MaxConcurrentRuns": 5})
    made = trigger(glue, "SCHEDULED", job, Schedule="cron(15 3 * * ? *)", StartOnCreation=True)
    assert glue.client.get_trigger(Name=made)["Trigger"]["State"] == "ACTIVATED"
    clock.advance(2 * DAY)
    until(lambda: len(runs(glue, job)) == 2)
    glue.client.stop_trigger(Name=made)
    assert glue.client.get_trigger(Name=made)["Trigger"]["State"] == "DEACTIVATED"
    clock.advance(2 * DAY)
    glue.client.start_trigger(Name=made)
    clock.advance(DAY)
    until(lambda: len(runs(glue, job)) == 3)
    glue.client.delete_trigger(Name=made)


def test_what_cannot_start_is_on_record_as_an_error(glue: Glue) -> None:
    job = glue.job("import time; time.sleep(30)")
    running = glue.start(job)
    glue.client.start_trigger(Name=trigger(glue, "ON_DEMAND", job))
    run = ended(glue, job, "ERROR")
    assert run["ErrorMessage"] == f"Concurrent runs exceeded for {job}"
    glue.client.batch_stop_job_run(JobName=job, JobRunIds=[running])


def test_triggers_are_found_by_job_and_tag_and_name(glue: Glue) -> None:
    job, other, tag = glue.job(), glue.job(), uuid.uuid4().hex
    made = trigger(glue, "ON_DEMAND", job, Tags={"team": tag})
    alone = trigger(glue, "ON_DEMAND", other)
    assert glue.client.list_triggers(DependentJobName=job)["TriggerNames"] == [made]
    assert glue.client.list_triggers(Tags={"team": tag})["TriggerNames"] == [made]
    assert [one["Name"] for one in glue.client.get_triggers(DependentJobName=other)["Triggers"]] == [alone]
    answer = glue.client.batch_get_triggers(TriggerNames=[made, "none-such"])
    assert ([one["Name"] for one in answer["Triggers"]], answer["TriggersNotFound"]) == ([made], ["none-such"])
    glue.client.update_trigger(Name=made, TriggerUpdate={"Description": "d", "Actions": [{"JobName": other}]})
    assert glue.client.list_triggers(DependentJobName=job)["TriggerNames"] == []
    glue.client.delete_trigger(Name=made)
    assert code_of(lambda: glue.client.get_trigger(Name=made))[0] == "EntityNotFoundException"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        pytest.param({"Type": "ON_DEMAND", "StartOnCreation": True}, "Start on creation is not supported", id="start"),
        pytest.param({"Type": "ON_DEMAND", "Actions": []}, "Actions cannot be null or empty", id="no-action"),
        pytest.param({"Type": "ON_DEMAND", "Actions": [{}]}, "Either JobName or CrawlerName", id="empty-action"),
        pytest.param(
            {"Type": "ON_DEMAND", "Actions": [{"JobName": "J", "CrawlerName": "c"}]}, "Both JobName and", id="both"
        ),
        pytest.param({"Type": "SCHEDULED"}, "Schedule cannot be null or empty", id="no-schedule"),
        pytest.param({"Type": "SCHEDULED", "Schedule": "rate(1 hour)"}, "Invalid schedule cron", id="rate"),
        pytest.param({"Type": "CONDITIONAL"}, "Predicate cannot be null or empty", id="no-predicate"),
        pytest.param(
            {"Type": "CONDITIONAL", "Predicate": {"Conditions": [{"JobName": "J", "State": "FAILED"}]}},
            "Logical operator cannot be null or empty",
            id="no-operator",
        ),
        pytest.param(
            {"Type": "CONDITIONAL", "Predicate": {"Conditions": [{"JobName": "J", "LogicalOperator": "EQUALS"}]}},
            "State cannot be null or empty",
            id="no-state",
        ),
        pytest.param(
            {"Type": "CONDITIONAL", "Predicate": after(("J", "RUNNING"))},
            "cannot watch for State RUNNING",
            id="running",
        ),
        pytest.param(
            {"Type": "CONDITIONAL", "Predicate": after(("J", "SUCCEEDED"))}, "both watched and started", id="itself"
        ),
        pytest.param({"Type": "EVENT"}, "must belong to a workflow", id="event-alone"),
        pytest.param(
            {"Type": "ON_DEMAND", "EventBatchingCondition": {"BatchSize": 2}}, "Event batching condition", id="batch"
        ),
    ],
)
def test_a_trigger_that_cannot_be_is_refused(glue: Glue, given: dict[str, Any], text: str) -> None:
    whole = {"Actions": [{"JobName": "J"}], **given}
    code, message = code_of(lambda: glue.client.create_trigger(Name=name(), **whole))
    assert (code, text in message) == ("InvalidInputException", True), message


def test_states_and_names_that_do_not_fit_are_refused(glue: Glue) -> None:
    job = glue.job()
    made = trigger(glue, "ON_DEMAND", job)
    assert code_of(lambda: glue.client.stop_trigger(Name=made)) == (
        "InvalidInputException",
        "The operation is not allowed when trigger is in state: CREATED",
    )
    again = {"Name": made, "Type": "ON_DEMAND"}
    assert glue.client.create_trigger(Actions=[{"JobName": job}], **again)["Name"] == made
    other = [{"JobName": job, "Timeout": 1}]
    code, _ = code_of(lambda: glue.client.create_trigger(Actions=other, **again))
    assert code == "IdempotentParameterMismatchException"
    code, text = code_of(lambda: trigger(glue, "ON_DEMAND", "none-such"))
    assert (code, text) == ("EntityNotFoundException", "Job with name: none-such not found.")


def test_a_scheduler_schedule_starts_a_job_run(glue: Glue) -> None:
    job, made = glue.job(), name()
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:glue:startJobRun", "Input": f'{{"JobName": "{job}"}}'}
    boto3.client("scheduler").create_schedule(
        Name=made,
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={**target, "RoleArn": "arn:aws:iam::000000000000:role/r"},
    )
    clock.advance(1.01 * DAY)
    ended(glue, job)
    boto3.client("scheduler").delete_schedule(Name=made)


def test_a_circle_of_triggers_ends(
    glue: Glue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(firing, "_DEEPEST", 3)
    first, second = glue.job(), glue.job()
    trigger(glue, "CONDITIONAL", second, Predicate=after((first, "SUCCEEDED")), StartOnCreation=True)
    trigger(glue, "CONDITIONAL", first, Predicate=after((second, "SUCCEEDED")), StartOnCreation=True)
    glue.client.start_trigger(Name=trigger(glue, "ON_DEMAND", first))
    until(lambda: "a loop?" in caplog.text)
    assert (len(runs(glue, first)), len(runs(glue, second))) == (2, 2)
