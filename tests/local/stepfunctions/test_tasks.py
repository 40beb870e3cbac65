from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.local.stepfunctions.conftest import FakeGlue, Machines
from tests.waiting import until

SDK = "arn:aws:states:::aws-sdk:"
SYNC = "arn:aws:states:::glue:startJobRun.sync"
JOB = {"JobName": "clean", "Arguments": {"--run.$": "$$.Execution.Name"}}


def one(kind: str, **fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"Type": kind, "End": True, **fields}}}


def task(resource: str, parameters: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return one("Task", Resource=resource, Parameters=parameters, **fields)


def test_a_sync_job_run_is_waited_for(machines: Machines, glue: FakeGlue) -> None:
    execution = machines.start(task(SYNC, JOB))
    until(lambda: glue.asked >= 2)
    assert machines.status(execution) == "RUNNING"
    glue.state = "SUCCEEDED"
    ended = machines.wait(execution)
    run = json.loads(ended["output"])
    assert (ended["status"], run["JobRunState"], run["JobName"]) == ("SUCCEEDED", "SUCCEEDED", "clean")
    assert run["StartedOn"] == 1767225600000  # milliseconds, as the optimized integration gives them
    assert glue.started == [{"JobName": "clean", "Arguments": {"--run": ended["name"]}}]
    assert [kind for kind in machines.events(execution) if kind.startswith("Task")] == [
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
    ]


@pytest.mark.parametrize("state", ["FAILED", "TIMEOUT", "ERROR", "EXPIRED", "STOPPED"])
def test_a_job_run_that_did_not_succeed_fails_the_task(machines: Machines, glue: FakeGlue, state: str) -> None:
    glue.state = state
    ended = machines.run(task(SYNC, JOB))
    cause = json.loads(ended["cause"])
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    assert (cause["JobName"], cause["JobRunState"], cause["ErrorMessage"]) == ("clean", state, "it broke")


def test_a_failed_job_run_is_caught(machines: Machines, glue: FakeGlue) -> None:
    glue.state = "FAILED"
    definition = task(SYNC, JOB, Catch=[{"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.error", "Next": "B"}])
    definition["States"]["B"] = {"Type": "Pass", "InputPath": "$.error.Error", "End": True}
    assert json.loads(machines.run(definition)["output"]) == "States.TaskFailed"


def test_a_timed_out_sync_task_stops_the_run(machines: Machines, glue: FakeGlue) -> None:
    ended = machines.run(task(SYNC, JOB, TimeoutSeconds=1))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")
    assert until(lambda: glue.stopped) == [{"JobName": "clean", "JobRunIds": ["jr_1"]}]


def test_stopping_an_execution_stops_its_job_run(machines: Machines, glue: FakeGlue) -> None:
    execution = machines.start(task(SYNC, JOB))
    until(lambda: glue.asked)
    machines.client.stop_execution(executionArn=execution, error="Mine", cause="enough")
    ended = machines.client.describe_execution(executionArn=execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "Mine", "enough")
    assert until(lambda: glue.stopped)
    until(lambda: "ExecutionAborted" in machines.events(execution))
    assert machines.status(execution) == "ABORTED"


FAILURES: dict[str, tuple[str, dict[str, Any], str]] = {
    "aws-sdk glue": ("glue:getCrawler", {"Name": "none"}, "Glue.EntityNotFoundException"),
    "aws-sdk s3": ("s3:getObject", {"Bucket": "none", "Key": "k"}, "S3.NoSuchBucketException"),
    "aws-sdk sfn": (
        "sfn:describeExecution",
        {"ExecutionArn": "arn:aws:states:us-east-1:000000000000:execution:a:b"},
        "Sfn.ExecutionDoesNotExistException",
    ),
}


@pytest.mark.parametrize(("action", "parameters", "error"), FAILURES.values(), ids=FAILURES)
def test_an_error_is_named_by_service_and_exception(
    machines: Machines, action: str, parameters: dict[str, Any], error: str
) -> None:
    ended = machines.run(task(SDK + action, parameters))
    assert (ended["status"], ended["error"]) == ("FAILED", error)


def test_retry_matches_a_service_error_and_backs_off(machines: Machines) -> None:
    rule = {"ErrorEquals": ["Glue.EntityNotFoundException"], "IntervalSeconds": 1, "MaxAttempts": 1, "BackoffRate": 1}
    execution = machines.start(task(f"{SDK}glue:getCrawler", {"Name": "none"}, Retry=[rule]))
    machines.wait(execution)
    assert machines.events(execution).count("TaskScheduled") == 2


def test_an_object_is_read_as_text_and_parsed(machines: Machines) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="machines")
    s3.put_object(Bucket="machines", Key="a.json", Body=b'{"new_objects": 3}')
    selector = {"document.$": "States.StringToJson($.Body)", "time.$": "$.LastModified"}
    ended = machines.run(task(f"{SDK}s3:getObject", {"Bucket": "machines", "Key": "a.json"}, ResultSelector=selector))
    output = json.loads(ended["output"])
    assert output["document"] == {"new_objects": 3}
    assert output["time"].endswith("Z")


def test_publish_sends_text_to_the_subscribed_queue(machines: Machines) -> None:
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    topic = sns.create_topic(Name="done")["TopicArn"]
    queue = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    ended = machines.run(
        task("arn:aws:states:::sns:publish", {"TopicArn": topic, "Subject": "ok", "Message.$": "$"}), {"rows": 1}
    )
    assert "MessageId" in json.loads(ended["output"])
    body = json.loads(until(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))[0]["Body"])
    assert (body["Subject"], json.loads(body["Message"])) == ("ok", {"rows": 1})


def test_a_nested_execution_gives_its_output_as_json(machines: Machines) -> None:
    inner = machines.create(one("Pass", Result={"rows": 7}))
    nested = task("arn:aws:states:::states:startExecution.sync:2", {"StateMachineArn": inner, "Input": {"a": 1}})
    output = json.loads(machines.run(nested)["output"])
    assert (output["Status"], output["Output"], output["Input"]) == ("SUCCEEDED", {"rows": 7}, {"a": 1})


def test_a_failed_nested_execution_fails_the_task(machines: Machines) -> None:
    inner = machines.create({"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "Bad", "Cause": "c"}}})
    ended = machines.run(task("arn:aws:states:::states:startExecution.sync:2", {"StateMachineArn": inner}))
    assert (ended["error"], json.loads(ended["cause"])["Error"]) == ("States.TaskFailed", "Bad")


def test_a_task_token_is_answered(machines: Machines) -> None:
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="tokens")["QueueUrl"]
    body = {"QueueUrl": queue, "MessageBody": {"token.$": "$$.Task.Token"}}
    execution = machines.start(task("arn:aws:states:::sqs:sendMessage.waitForTaskToken", body))
    message = until(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))[0]
    machines.client.send_task_failure(taskToken=json.loads(message["Body"])["token"], error="No", cause="because")
    ended = machines.wait(execution)
    assert (ended["error"], ended["cause"]) == ("No", "because")


def test_a_missing_heartbeat_fails_the_task(machines: Machines) -> None:
    queue = boto3.client("sqs").create_queue(QueueName="heartbeats")["QueueUrl"]
    body = {"QueueUrl": queue, "MessageBody": {"token.$": "$$.Task.Token"}}
    resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    ended = machines.run(task(resource, body, TimeoutSeconds=30, HeartbeatSeconds=1))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")


def test_an_unknown_parameter_is_not_dropped_silently(machines: Machines) -> None:
    with pytest.raises(ClientError, match='The field "Colour" is not supported by Step Functions'):
        machines.create(task(f"{SDK}glue:getCrawler", {"Name": "a", "Colour": "red"}))
    ended = machines.run({**task(f"{SDK}glue:getCrawler", {}), **_whole()}, {"Name": "a", "Colour": "red"})
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert "Colour" in ended["cause"]


def _whole() -> dict[str, Any]:
    return {"States": {"A": {"Type": "Task", "Resource": f"{SDK}glue:getCrawler", "End": True}}}
