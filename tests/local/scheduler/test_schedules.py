"""EventBridge Scheduler: schedules fire at their time, and call what they say."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.local import clock
from lakeshift.local.server import LocalAws
from tests.local.events.helpers import PASS, ROLE, Inbox, rule
from tests.waiting import until

HOUR = 3600.0
OFF = {"Mode": "OFF"}


@pytest.fixture
def inbox(local_aws: LocalAws) -> Inbox:
    return Inbox()


def schedule(expression: str, target: dict[str, Any], **more: Any) -> str:
    name = f"schedule-{uuid.uuid4().hex[:20]}"
    given = {"FlexibleTimeWindow": OFF, "Target": {"RoleArn": ROLE, **target}, **more}
    boto3.client("scheduler").create_schedule(Name=name, ScheduleExpression=expression, **given)
    return name


def at(hours: float) -> str:
    return f"at({clock.now() + timedelta(hours=hours):%Y-%m-%dT%H:%M:%S})"


def exists(name: str) -> bool:
    try:
        boto3.client("scheduler").get_schedule(Name=name)
    except ClientError:
        return False
    return True


def test_a_one_time_schedule_fires_once_and_is_deleted_after(inbox: Inbox) -> None:
    text = '{"time": "<aws.scheduler.scheduled-time>", "attempt": "<aws.scheduler.attempt-number>"}'
    moment = at(5)
    name = schedule(moment, {"Arn": inbox.arn, "Input": text}, ActionAfterCompletion="DELETE")
    kept = schedule(moment, {"Arn": inbox.arn})
    clock.advance(4 * HOUR)
    assert inbox.is_empty()
    clock.advance(2 * HOUR)
    told = [json.loads(message["Body"]) for message in inbox.all(2)]
    filled = next(one for one in told if "attempt" in one)
    default = next(one for one in told if "attempt" not in one)
    assert filled == {"time": default["time"], "attempt": "1"}
    assert (default["source"], default["detail-type"], default["detail"]) == ("aws.scheduler", "Scheduled Event", "{}")
    until(lambda: not exists(name))
    assert boto3.client("scheduler").get_schedule(Name=kept)["ActionAfterCompletion"] == "NONE"


def test_a_recurring_schedule_fires_from_its_start_to_its_end(inbox: Inbox) -> None:
    begin = clock.now() + timedelta(hours=10)
    name = schedule(
        "rate(1 hour)",
        {"Arn": inbox.arn},
        StartDate=begin,
        EndDate=begin + timedelta(hours=2, minutes=30),
        ActionAfterCompletion="DELETE",
    )
    clock.advance(24 * HOUR)
    assert len(inbox.all(3)) == 3
    until(lambda: not exists(name))


def test_a_flexible_window_fires_within_it(inbox: Inbox) -> None:
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60}
    schedule(at(1), {"Arn": inbox.arn}, FlexibleTimeWindow=window, ActionAfterCompletion="DELETE")
    clock.advance(1.001 * HOUR)
    clock.advance(HOUR)
    assert len(inbox.all(1)) == 1


def test_a_disabled_schedule_does_not_fire_until_it_is_updated(inbox: Inbox) -> None:
    name = schedule("rate(1 day)", {"Arn": inbox.arn}, State="DISABLED")
    clock.advance(48 * HOUR)
    assert inbox.is_empty()
    given = {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": OFF}
    boto3.client("scheduler").update_schedule(Name=name, Target={"Arn": inbox.arn, "RoleArn": ROLE}, **given)
    clock.advance(25 * HOUR)
    assert len(inbox.all(1)) == 1
    boto3.client("scheduler").delete_schedule(Name=name)
    clock.advance(48 * HOUR)
    assert inbox.is_empty()


def test_it_starts_a_state_machine_and_puts_events(inbox: Inbox) -> None:
    machines = boto3.client("stepfunctions")
    arn = machines.create_state_machine(name=uuid.uuid4().hex, definition=PASS, roleArn=ROLE)["stateMachineArn"]
    source = f"test.{uuid.uuid4().hex}"
    rule({"source": [source]}, {"Arn": inbox.arn, "InputPath": "$.detail"})
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    parameters = {"DetailType": "t", "Source": source}
    schedule(at(1), {"Arn": arn, "Input": '{"n": 1}'})
    schedule(at(1), {"Arn": bus, "EventBridgeParameters": parameters, "Input": '{"n": 2}'})
    clock.advance(1.1 * HOUR)
    assert inbox.document() == {"n": 2}
    done = until(lambda: machines.list_executions(stateMachineArn=arn, statusFilter="SUCCEEDED")["executions"])
    assert machines.describe_execution(executionArn=done[0]["executionArn"])["output"] == '{"n":1}'


def test_a_universal_target_calls_the_api(local_aws: LocalAws) -> None:
    name = f"db_{uuid.uuid4().hex}"
    target = "arn:aws:scheduler:::aws-sdk:glue:createDatabase"
    schedule(at(1), {"Arn": target, "Input": json.dumps({"DatabaseInput": {"Name": name}})})
    clock.advance(1.1 * HOUR)
    glue = boto3.client("glue")
    pages = glue.get_paginator("get_databases")
    until(lambda: name in [one["Name"] for page in pages.paginate() for one in page["DatabaseList"]])


def test_a_call_that_fails_is_told_to_the_dead_letters(inbox: Inbox) -> None:
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:glue:startJobRun",
        "Input": '{"JobName": "none-such"}',
        "DeadLetterConfig": {"Arn": inbox.arn},
    }
    name = schedule(at(1), target)
    clock.advance(1.1 * HOUR)
    letter = inbox.next()
    told = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
    assert (told["ERROR_CODE"], told["TARGET_ARN"]) == ("NO_RESOURCE", target["Arn"])
    assert told["SCHEDULE_ARN"].endswith(f"schedule/default/{name}")
    assert json.loads(letter["Body"]) == {"JobName": "none-such"}


def test_groups_hold_schedules_and_go_with_them(inbox: Inbox) -> None:
    client, group = boto3.client("scheduler"), f"group-{uuid.uuid4().hex[:12]}"
    client.create_schedule_group(Name=group)
    with pytest.raises(ClientError, match="already exists"):
        client.create_schedule_group(Name=group)
    schedule("rate(1 hour)", {"Arn": inbox.arn}, GroupName=group)
    assert [one["GroupName"] for one in client.list_schedules(GroupName=group)["Schedules"]] == [group]
    client.delete_schedule_group(Name=group)
    clock.advance(3 * HOUR)
    assert inbox.is_empty()
    with pytest.raises(ClientError, match="default schedule group cannot be deleted"):
        client.delete_schedule_group(Name="default")


QUEUE = {"Arn": "arn:aws:sqs:us-east-1:000000000000:q"}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        pytest.param({"ScheduleExpression": "rate(1 days)"}, "Invalid Schedule Expression rate", id="expression"),
        pytest.param({"ScheduleExpressionTimezone": "Mars/Base"}, "Timezone Mars/Base", id="time-zone"),
        pytest.param({"StartDate": 1_600_000_000}, "cannot be earlier than 5 minutes ago", id="start"),
        pytest.param({"EndDate": 1_600_000_000}, "cannot be earlier than the current time", id="end"),
        pytest.param({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "Invalid FlexibleTimeWindow", id="window"),
        pytest.param({"GroupName": "none-such"}, "Schedule group none-such does not exist", id="group"),
        pytest.param({"Target": {**QUEUE, "Arn": "q"}}, "not in correct format", id="arn"),
        pytest.param(
            {"Target": {"Arn": "arn:aws:lambda:us-east-1:000000000000:function:f"}},
            "not supported locally",
            id="lambda",
        ),
        pytest.param(
            {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:ec2:startInstances"}}, "not supported locally", id="ec2"
        ),
        pytest.param(
            {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:glue:getJob"}}, "an operation that only reads", id="read"
        ),
        pytest.param(
            {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:glue:startJob"}}, "has no operation startJob", id="call"
        ),
        pytest.param(
            {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:glue:startJobRun", "Input": "{"}}, "no JSON", id="input"
        ),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(local_aws: LocalAws, given: dict[str, Any], text: str) -> None:
    whole = {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": OFF, "Target": QUEUE, **given}
    whole["Target"] = {"RoleArn": ROLE, **whole["Target"]}
    with pytest.raises(ClientError, match=text):
        boto3.client("scheduler").create_schedule(Name="wrong", **whole)
