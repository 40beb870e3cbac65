"""Rules and what they deliver."""

from __future__ import annotations

import json
import uuid

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.local import events
from lakeshift.local.server import LocalAws
from tests.local.events.helpers import PASS, ROLE, Inbox, put, rule
from tests.waiting import until


def test_an_event_reaches_a_queue_as_aws_writes_it(inbox: Inbox, source: str) -> None:
    rule({"source": [source]}, {"Arn": inbox.arn})
    answer = put(source, {"n": 7})
    event = inbox.document()
    assert (event["id"], event["detail"], event["detail-type"]) == (answer["Entries"][0]["EventId"], {"n": 7}, "Test")
    assert event["time"].endswith("Z")


def test_an_event_starts_a_state_machine_with_the_input_it_is_given(local_aws: LocalAws, source: str) -> None:
    machines = boto3.client("stepfunctions")
    arn = machines.create_state_machine(name=f"by-{source}", definition=PASS, roleArn=ROLE)["stateMachineArn"]
    transformer = {"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": '{"number": <n>}'}
    rule({"source": [source]}, {"Arn": arn, "InputTransformer": transformer, "RoleArn": ROLE})
    put(source, {"n": 7})
    started = until(lambda: machines.list_executions(stateMachineArn=arn, statusFilter="SUCCEEDED")["executions"])[0]
    assert machines.describe_execution(executionArn=started["executionArn"])["output"] == '{"number":7}'


def test_an_event_is_published_and_reaches_the_topics_queue(inbox: Inbox, source: str) -> None:
    notifications = boto3.client("sns")
    topic = notifications.create_topic(Name=f"topic-{uuid.uuid4().hex}")["TopicArn"]
    notifications.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=inbox.arn)
    rule({"source": [source]}, {"Arn": topic, "InputPath": "$.detail"})
    put(source, {"n": 7})
    assert json.loads(inbox.document()["Message"]) == {"n": 7}


def test_only_a_matching_enabled_rule_delivers(inbox: Inbox, source: str) -> None:
    rule({"source": [source], "detail": {"n": [{"numeric": [">", 5]}]}}, {"Arn": inbox.arn, "Input": '"more"'})
    rule({"source": [source]}, {"Arn": inbox.arn, "Input": '"off"'}, State="DISABLED")
    put(source, {"n": 1})
    assert inbox.is_empty()
    put(source, {"n": 6})
    assert inbox.next()["Body"] == '"more"'


def test_a_target_that_fails_sends_its_event_to_the_dead_letters(inbox: Inbox, source: str) -> None:
    gone = "arn:aws:states:us-east-1:000000000000:stateMachine:gone"
    dead = {"Arn": gone, "RetryPolicy": {"MaximumRetryAttempts": 0}, "DeadLetterConfig": {"Arn": inbox.arn}}
    rule({"source": [source]}, dead)
    assert put(source)["FailedEntryCount"] == 0
    letter = inbox.next()
    told = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert (told["ERROR_CODE"], told["TARGET_ARN"]) == ("NO_RESOURCE", gone)
    assert json.loads(letter["Body"])["source"] == source


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:lambda:us-east-1:000000000000:function:f",
        "arn:aws:ecs:us-east-1:000000000000:cluster/c",
        "arn:aws:glue:us-east-1:000000000000:job/j",
        "arn:aws:states:us-east-1:000000000000:activity:a",
        "arn:aws:events:us-east-1:000000000000:api-destination/d/1",
    ],
    ids=["lambda", "ecs", "glue job", "activity", "api destination"],
)
def test_a_target_that_would_not_be_reached_is_refused(local_aws: LocalAws, arn: str) -> None:
    with pytest.raises(ClientError, match="not supported locally"):
        rule({"source": ["x"]}, {"Arn": arn})


@pytest.mark.parametrize("bridged", [True, False], ids=["with EventBridge on", "without"])
def test_an_object_put_is_an_event_only_of_a_bucket_with_eventbridge_on(inbox: Inbox, bridged: bool) -> None:
    objects, bucket = boto3.client("s3"), f"bucket-{uuid.uuid4().hex}"
    objects.create_bucket(Bucket=bucket)
    if bridged:
        objects.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": [bucket]}}}
    rule(pattern, {"Arn": inbox.arn})
    objects.put_object(Bucket=bucket, Key="flights/a b.json", Body=b"{}")
    if not bridged:
        assert inbox.is_empty()
        return
    event = inbox.document()
    created = event["detail"]["object"]
    assert (created["key"], created["size"], event["detail"]["reason"]) == ("flights/a b.json", 2, "PutObject")
    assert event["resources"] == [f"arn:aws:s3:::{bucket}"]


def test_an_execution_tells_its_status_changes(inbox: Inbox) -> None:
    machines = boto3.client("stepfunctions")
    arn = machines.create_state_machine(name=uuid.uuid4().hex, definition=PASS, roleArn=ROLE)["stateMachineArn"]
    rule({"source": ["aws.states"], "detail": {"stateMachineArn": [arn]}}, {"Arn": inbox.arn})
    machines.start_execution(stateMachineArn=arn, name="one")
    documents = [inbox.document(), inbox.document()]
    told = {document["detail"]["status"]: document["detail"]["name"] for document in documents}
    assert told == {"RUNNING": "one", "SUCCEEDED": "one"}


def test_our_own_events_reach_rules(inbox: Inbox, source: str) -> None:
    pattern = {"source": [source], "detail-type": ["Glue Job State Change"]}
    rule(pattern, {"Arn": inbox.arn, "InputPath": "$.detail.state"})
    events.emit(source, "Glue Job State Change", {"jobName": "j", "state": "FAILED"})
    assert inbox.document() == "FAILED"
