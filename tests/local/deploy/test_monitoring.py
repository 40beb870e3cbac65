"""The sample's monitoring, deployed: a job that fails is told with what to do, its alarm rises and is lowered again."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import boto3
import pytest

from lakeshift.deploy import AwsSession, apply
from lakeshift.local import clock, events
from lakeshift.local.events import bus
from lakeshift.paths import REPOSITORY
from tests.local.deploy.stage import PARAMETERS, Project
from tests.waiting import until

OTHERS = """\
Resources:
  Ops: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${Lake}-ops'}}
  RawBucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${Lake}-raw'}}
  MachineRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub "${Lake}-machine"
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: sts:AssumeRole}
  NightlyStateMachine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: !Sub "${Lake}-nightly"
      RoleArn: !GetAtt MachineRole.Arn
      DefinitionString: '{"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "E", "Cause": "why"}}}'
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, session: AwsSession) -> Project:
    folder = tmp_path_factory.mktemp("monitored")
    project = Project(folder, session)
    name = f"t{hashlib.sha256(str(folder).encode()).hexdigest()[:10]}"
    project.write("environments/local.yaml", PARAMETERS.replace("tiny", name))
    project.write("infra/others.yaml", OTHERS)
    for file in ("monitoring", "notifications"):
        project.write(f"infra/{file}.yaml", (REPOSITORY / f"infra/{file}.yaml").read_text())
    project.write("common/__init__.py", "")
    apply(project.plan(), session)
    return project


def minutes(count: float) -> list[str]:
    clock.advance(60 * count)
    return clock.moved()


def heard(lake: str) -> list[dict[str, Any]]:
    until(bus.idle)
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{lake}-alerts-inbox")["QueueUrl"]
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for one in messages:
            found.append(json.loads(one["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    return found


def state(name: str) -> str:
    kinds = ["MetricAlarm", "CompositeAlarm"]
    found = boto3.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=kinds)
    return str([*found["MetricAlarms"], *found["CompositeAlarms"]][0]["StateValue"])


def put(name: str, stage: str, value: float) -> None:
    datum = {"MetricName": name, "Value": value, "Dimensions": [{"Name": "Stage", "Value": stage}]}
    boto3.client("cloudwatch").put_metric_data(Namespace="Lakeshift", MetricData=[datum])


def test_a_second_apply_changes_nothing(stage: Project) -> None:
    assert {step.action for step in stage.plan().steps} == {"none"}


def test_a_failed_job_is_told_with_what_to_do_and_health_comes_back(stage: Project) -> None:
    lake = stage.plan().project.name
    put("LoadsCompleted", "load_redshift", 1)
    minutes(1)
    assert state(f"{lake}-health") == "OK"
    heard(lake)
    why = "JobName:flights_clean and JobRunId:jr_1 failed to execute with exception KeyError: 'flight'"
    detail = {"jobName": "flights_clean", "severity": "ERROR", "state": "FAILED", "jobRunId": "jr_1", "message": why}
    events.emit("aws.glue", "Glue Job State Change", detail)
    (told,) = heard(lake)
    assert told["what"] == "The Glue job flights_clean ended FAILED"
    assert told["where"].startswith("job run jr_1, account 000000000000, region us-east-1")
    assert told["why"] == why
    assert "bookmark stands where it stood" in told["left"]
    assert "jr_1" in told["look"]
    assert "redrive-execution" in told["rerun"]
    assert "start-job-run --job-name flights_clean" in told["rerun"]
    changes = minutes(1)
    assert f"alarm {lake}-job-failed: OK -> ALARM" in changes
    assert f"alarm {lake}-health: OK -> ALARM" in changes
    (alarm,) = heard(lake)
    assert (alarm["NewStateValue"], alarm["AlarmName"]) == ("ALARM", f"{lake}-health")
    assert f"{lake}-job-failed" in json.dumps(alarm["TriggeringChildren"])
    minutes(30)
    assert state(f"{lake}-health") == "OK"
    assert [one["NewStateValue"] for one in heard(lake)] == ["OK"]


@pytest.mark.parametrize(
    ("alarm", "points"),
    [
        (
            "rejected-rows",
            [("RowsIn", "flights_clean", 90), ("RowsIn", "weather_clean", 10), ("RowsRejected", "weather_clean", 6)],
        ),
        ("quality-failed", [("RulesFailed", "quality_gate", 1)]),
    ],
    ids=["rejected-rows", "quality-failed"],
)
def test_what_the_stages_tell_raises_its_alarm(
    stage: Project, alarm: str, points: list[tuple[str, str, float]]
) -> None:
    lake = stage.plan().project.name
    for name, of, value in points:
        put(name, of, value)
    minutes(1)
    assert state(f"{lake}-{alarm}") == "ALARM"
    minutes(60 * 5)
    assert state(f"{lake}-{alarm}") == "OK"


def test_a_failed_execution_and_a_day_without_a_load_raise_theirs(stage: Project) -> None:
    lake = stage.plan().project.name
    pages = boto3.client("stepfunctions").get_paginator("list_state_machines").paginate()
    machines = [one for page in pages for one in page["stateMachines"]]
    (arn,) = [one["stateMachineArn"] for one in machines if one["name"] == f"{lake}-nightly"]
    execution = boto3.client("stepfunctions").start_execution(stateMachineArn=arn)["executionArn"]
    found: list[Any] = []
    while not found:
        until(bus.idle)
        named = {"Namespace": "AWS/States", "MetricName": "ExecutionsFailed"}
        dimension = [{"Name": "StateMachineArn", "Value": arn}]
        found = boto3.client("cloudwatch").list_metrics(**named, Dimensions=dimension)["Metrics"]
    assert boto3.client("stepfunctions").describe_execution(executionArn=execution)["status"] == "FAILED"
    minutes(1)
    assert state(f"{lake}-pipeline-failed") == "ALARM"
    minutes(60 * 30)
    assert (state(f"{lake}-pipeline-failed"), state(f"{lake}-freshness")) == ("OK", "ALARM")
