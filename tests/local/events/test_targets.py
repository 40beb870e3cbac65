"""Where a rule can send, what PutTargets and PutEvents refuse, and what ends a circle of rules."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.local import clock
from lakeshift.local.events import bus
from lakeshift.local.server import LocalAws
from tests.local.events.helpers import PASS, ROLE, Inbox, put, rule
from tests.waiting import until

ACCOUNT = "000000000000"


def test_a_fifo_queue_gets_its_message_group(local_aws: LocalAws, source: str) -> None:
    inbox = Inbox(".fifo", FifoQueue="true", ContentBasedDeduplication="true")
    rule({"source": [source]}, {"Arn": inbox.arn, "SqsParameters": {"MessageGroupId": "g"}})
    put(source)
    assert inbox.next()["Attributes"]["MessageGroupId"] == "g"


def test_a_stream_gets_the_record_by_its_partition_key(local_aws: LocalAws, source: str) -> None:
    streams, name = boto3.client("kinesis"), f"stream-{uuid.uuid4().hex}"
    streams.create_stream(StreamName=name, ShardCount=1)
    arn = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{name}"
    parameters = {"PartitionKeyPath": "$.detail.key"}
    rule({"source": [source]}, {"Arn": arn, "KinesisParameters": parameters, "InputPath": "$.detail"})
    put(source, {"key": "k7"})
    shard = streams.list_shards(StreamName=name)["Shards"][0]["ShardId"]

    def records() -> list[dict[str, Any]]:
        at = streams.get_shard_iterator(StreamName=name, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        return list(streams.get_records(ShardIterator=at["ShardIterator"])["Records"])

    found = until(records)[0]
    assert (found["PartitionKey"], json.loads(found["Data"])) == ("k7", {"key": "k7"})


def test_a_log_group_gets_the_event(local_aws: LocalAws, source: str) -> None:
    logs, group = boto3.client("logs"), f"/aws/events/{uuid.uuid4().hex}"
    logs.create_log_group(logGroupName=group)
    rule({"source": [source]}, {"Arn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group}"})
    clock.advance(24 * 3600)  # a moved clock is not that of the logs
    put(source, {"n": 3})
    lines = until(lambda: logs.filter_log_events(logGroupName=group)["events"])
    assert json.loads(lines[0]["message"])["detail"] == {"n": 3}


def test_another_bus_gets_the_event_itself(inbox: Inbox, source: str) -> None:
    buses, name = boto3.client("events"), f"bus-{uuid.uuid4().hex}"
    arn = buses.create_event_bus(Name=name)["EventBusArn"]
    rule({"source": [source]}, {"Arn": arn})
    buses.put_rule(Name="second", EventBusName=name, EventPattern=json.dumps({"source": [source]}))
    buses.put_targets(Rule="second", EventBusName=name, Targets=[{"Id": "1", "Arn": inbox.arn}])
    assert inbox.is_empty()
    sent = put(source)["Entries"][0]["EventId"]
    assert inbox.document()["id"] == sent


def test_a_circle_of_buses_ends_in_the_dead_letters(inbox: Inbox, source: str) -> None:
    here = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"
    rule({"source": [source]}, {"Arn": here, "DeadLetterConfig": {"Arn": inbox.arn}})
    put(source)
    attributes = inbox.next()["MessageAttributes"]
    assert attributes["ERROR_CODE"]["StringValue"] == "LOOP_SUSPECTED"
    assert "do rules send in a circle" in attributes["ERROR_MESSAGE"]["StringValue"]
    until(bus.idle)


def test_a_rule_that_fires_without_end_is_disabled_and_says_so(
    inbox: Inbox, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "_MOST", 3)
    name = rule({"source": [source]}, {"Arn": inbox.arn, "DeadLetterConfig": {"Arn": inbox.arn}})
    for number in range(4):
        put(source, {"n": number})
    assert boto3.client("events").describe_rule(Name=name)["State"] == "DISABLED"
    letters = [message for message in inbox.all() if "MessageAttributes" in message]
    assert "EnableRule" in letters[0]["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]


def test_an_execution_is_started_once_however_often_it_is_delivered(local_aws: LocalAws, source: str) -> None:
    machines = boto3.client("stepfunctions")
    arn = machines.create_state_machine(name=f"once-{source}", definition=PASS, roleArn=ROLE)["stateMachineArn"]
    event = bus.event_of(source, "Test", {})
    rule({"source": [source]}, {"Arn": arn})
    for _ in range(2):
        bus.dispatch("default", event)
    until(bus.idle)
    assert len(machines.list_executions(stateMachineArn=arn)["executions"]) == 1


QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
MACHINE = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:m"


@pytest.mark.parametrize(
    ("target", "text"),
    [
        pytest.param({"Arn": "queue"}, "Provided Arn is not in correct format", id="no-arn"),
        pytest.param({"Arn": MACHINE}, f"RoleArn is required for target {MACHINE}.", id="no-role"),
        pytest.param({"Arn": f"{QUEUE}.fifo"}, "SqsParameters must be specified", id="fifo-without-group"),
        pytest.param({"Arn": QUEUE, "Input": "{"}, "JSON syntax error in input for target t.", id="input-no-json"),
        pytest.param(
            {"Arn": QUEUE, "Input": "1", "InputPath": "$.a"}, "Only one of Input, InputPath, or", id="two-inputs"
        ),
        pytest.param({"Arn": QUEUE, "InputPath": "a.b"}, "InputPath is not valid", id="no-path"),
        pytest.param(
            {"Arn": QUEUE, "InputTransformer": {"InputPathsMap": {"aws.x": "$.a"}, "InputTemplate": "<aws.x>"}},
            "reserved",
            id="reserved-name",
        ),
        pytest.param({"Arn": QUEUE, "DeadLetterConfig": {"Arn": f"{QUEUE}.fifo"}}, "standard SQS queue", id="fifo-dlq"),
    ],
)
def test_a_target_that_cannot_be_is_refused(local_aws: LocalAws, target: dict[str, Any], text: str) -> None:
    client = boto3.client("events")
    client.put_rule(Name="refusing", EventPattern='{"source": ["x"]}')
    with pytest.raises(ClientError, match=text) as refused:
        client.put_targets(Rule="refusing", Targets=[{"Id": "t", **target}])
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_a_rule_has_at_most_five_targets(local_aws: LocalAws) -> None:
    client = boto3.client("events")
    client.put_rule(Name="crowded", EventPattern='{"source": ["x"]}')
    with pytest.raises(ClientError, match="exceeds the maximum number allowed"):
        client.put_targets(Rule="crowded", Targets=[{"Id": str(number), "Arn": QUEUE} for number in range(6)])


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"DetailType": "t", "Detail": "{}"}, "InvalidArgument"),
        ({"Source": "aws.glue", "DetailType": "t", "Detail": "{}"}, "NotAuthorizedForSourceException"),
        ({"Source": "x", "DetailType": "t", "Detail": "{"}, "MalformedDetail"),
        ({"Source": "x", "DetailType": "t", "Detail": "[1]"}, "MalformedDetail"),
    ],
    ids=["no-source", "aws-source", "no-json", "no-object"],
)
def test_an_entry_that_is_no_event_fails_alone(local_aws: LocalAws, entry: dict[str, str], code: str) -> None:
    right = {"Source": "x", "DetailType": "t", "Detail": "{}"}
    answer = boto3.client("events").put_events(Entries=[entry, right])
    assert (answer["FailedEntryCount"], answer["Entries"][0]["ErrorCode"]) == (1, code)
    assert "EventId" in answer["Entries"][1]


def test_a_pattern_is_tested_and_a_wrong_one_refused(local_aws: LocalAws) -> None:
    client = boto3.client("events")
    event = json.dumps(bus.event_of("a", "b", {"n": 1}))
    assert client.test_event_pattern(EventPattern='{"detail": {"n": [1]}}', Event=event)["Result"] is True
    assert client.test_event_pattern(EventPattern='{"detail": {"n": [2]}}', Event=event)["Result"] is False
    with pytest.raises(ClientError, match="Parameter Event is not valid"):
        client.test_event_pattern(EventPattern='{"a": [1]}', Event="{}")
    for call in (
        lambda: client.test_event_pattern(EventPattern='{"a": [{"like": "x"}]}', Event=event),
        lambda: client.put_rule(Name="wrong", EventPattern='{"a": [{"like": "x"}]}'),
    ):
        with pytest.raises(ClientError, match="Reason: Unrecognized match type like") as no:
            call()
        assert no.value.response["Error"]["Code"] == "InvalidEventPatternException"


@pytest.mark.parametrize("operation", ["create_archive", "start_replay"])
def test_what_would_not_act_is_refused_by_name(local_aws: LocalAws, operation: str) -> None:
    bus_arn, now = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default", 1_700_000_000
    given: dict[str, Any] = {"ArchiveName": "a", "EventSourceArn": bus_arn}
    if operation == "start_replay":
        given = {"ReplayName": "r", "EventSourceArn": bus_arn, "Destination": {"Arn": bus_arn}}
        given |= {"EventStartTime": now, "EventEndTime": now + 1}
    with pytest.raises(ClientError, match="not supported locally"):
        getattr(boto3.client("events"), operation)(**given)


def test_a_statement_is_sent_to_the_warehouse(local_aws: LocalAws, source: str) -> None:
    name = f"events-{uuid.uuid4().hex[:12]}"
    boto3.client("redshift").create_cluster(
        ClusterIdentifier=name, NodeType="ra3.large", MasterUsername="u", MasterUserPassword="Passw0rd!", DBName="db"
    )
    arn = f"arn:aws:redshift:us-east-1:{ACCOUNT}:cluster:{name}"
    parameters = {"Database": "db", "DbUser": "u", "Sql": "create table t (n int)", "StatementName": "by-event"}
    rule({"source": [source]}, {"Arn": arn, "RedshiftDataParameters": parameters})
    put(source)
    data = boto3.client("redshift-data")
    statements = until(lambda: data.list_statements(StatementName="by-event", Status="FINISHED")["Statements"])
    assert statements[0]["QueryString"] == "create table t (n int)"
