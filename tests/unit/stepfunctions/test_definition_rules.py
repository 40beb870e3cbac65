"""What is refused at creation, with AWS's code and place: each rule by its name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshift.local.stepfunctions.definition import problems
from tests.unit.stepfunctions.conftest import jsonata, one, with_states

PASS = {"Type": "Pass", "End": True}
SYNC = "arn:aws:states:::glue:startJobRun.sync"
SCHEMA = "SCHEMA_VALIDATION_FAILED"
B = {"StartAt": "B", "States": {"B": PASS}}
DISTRIBUTED = {**B, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
READER = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}


def task(**fields: Any) -> dict[str, Any]:
    return one("Task", Resource=SYNC, Parameters={"JobName": "j"}, **fields)


def retry(**fields: Any) -> dict[str, Any]:
    return task(Retry=[{"ErrorEquals": ["States.ALL"], **fields}])


def choice(**rule: Any) -> dict[str, Any]:
    return with_states(one("Choice", Choices=[{"Next": "B", **rule}]), B=PASS)


def reader(**config: Any) -> dict[str, Any]:
    return one("Map", ItemProcessor=DISTRIBUTED, ItemReader={**READER, "ReaderConfig": config})


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a query language that is none": ({**one("Pass"), "QueryLanguage": "XPath"}, "/QueryLanguage"),
    "a JSONPath state in a JSONata machine": (
        jsonata(one("Pass", QueryLanguage="JSONPath")),
        "/States/A/QueryLanguage",
    ),
    "InputPath in JSONata": (jsonata(one("Pass", InputPath="$")), "/States/A/InputPath"),
    "Parameters in JSONata": (jsonata(one("Pass", Parameters={})), "/States/A/Parameters"),
    "ResultPath in JSONata": (jsonata(task(ResultPath="$")), "/States/A/ResultPath"),
    "SecondsPath in JSONata": (jsonata(one("Wait", SecondsPath="$.s")), "/States/A/SecondsPath"),
    "Arguments in JSONPath": (task(Arguments={}), "/States/A/Arguments"),
    "Output in JSONPath": (one("Pass", Output=1), "/States/A/Output"),
    "Items in JSONPath": (one("Map", ItemProcessor=B, Items=[1]), "/States/A/Items"),
    "an expression that does not end": (jsonata(one("Pass", Output="{% 1")), "/States/A/Output"),
    "an expression that is no JSONata": (jsonata(one("Pass", Output={"x": "{% 1 + %}"})), "/States/A/Output/x"),
    "a path that is none": (one("Pass", InputPath="a.b"), "/States/A/InputPath"),
    "a template's path that is no text": (one("Pass", Parameters={"x.$": 1}), "/States/A/Parameters/x.$"),
    "a template's call that is none": (one("Pass", Parameters={"x.$": "States.No()"}), "/States/A/Parameters/x.$"),
    "a template deep inside": (one("Pass", Parameters={"a": [{"x.$": "x"}]}), "/States/A/Parameters/a[0]/x.$"),
    "a ResultPath to several places": (one("Pass", ResultPath="$.a[*]"), "/States/A/ResultPath"),
    "a ResultPath into the context": (one("Pass", ResultPath="$$.a"), "/States/A/ResultPath"),
    "a catcher's ResultPath": (
        with_states(task(Catch=[{"ErrorEquals": ["E"], "Next": "B", "ResultPath": "a"}]), B=PASS),
        "/States/A/Catch[0]/ResultPath",
    ),
    "Seconds and Timestamp": (one("Wait", Seconds=1, Timestamp="2026-01-01T00:00:00Z"), "/States/A"),
    "negative Seconds": (one("Wait", Seconds=-1), "/States/A/Seconds"),
    "a time limit twice": (task(TimeoutSeconds=1, TimeoutSecondsPath="$.s"), "/States/A/TimeoutSecondsPath"),
    "IntervalSeconds of zero": (retry(IntervalSeconds=0), "/States/A/Retry[0]/IntervalSeconds"),
    "MaxAttempts below zero": (retry(MaxAttempts=-1), "/States/A/Retry[0]/MaxAttempts"),
    "BackoffRate below one": (retry(BackoffRate=0.5), "/States/A/Retry[0]/BackoffRate"),
    "MaxDelaySeconds not above the interval": (
        retry(IntervalSeconds=5, MaxDelaySeconds=5),
        "/States/A/Retry[0]/MaxDelaySeconds",
    ),
    "a jitter that is none": (retry(JitterStrategy="HALF"), "/States/A/Retry[0]/JitterStrategy"),
    "a retrier's unknown field": (retry(Interval=1), "/States/A/Retry[0]/Interval"),
    "States.ALL beside another": (
        task(Retry=[{"ErrorEquals": ["States.ALL", "E"]}]),
        "/States/A/Retry[0]/ErrorEquals",
    ),
    "Retry of a Pass state": (one("Pass", Retry=[]), "/States/A/Retry"),
    "a choice rule without a target": (
        with_states(one("Choice", Choices=[{"Variable": "$.a", "IsNull": True}], Default="B"), B=PASS),
        "/States/A/Choices[0]",
    ),
    "no comparison": (choice(Variable="$.a"), "/States/A/Choices[0]"),
    "two comparisons": (choice(Variable="$.a", IsNull=True, IsString=True), "/States/A/Choices[0]"),
    "an unknown comparison": (choice(Variable="$.a", StringLike="x"), "/States/A/Choices[0]/StringLike"),
    "no variable": (choice(IsNull=True), "/States/A/Choices[0]/Variable"),
    "a number for text": (choice(Variable="$.a", StringEquals=1), "/States/A/Choices[0]/StringEquals"),
    "text for a number": (choice(Variable="$.a", NumericEquals="1"), "/States/A/Choices[0]/NumericEquals"),
    "a timestamp without a zone": (
        choice(Variable="$.a", TimestampEquals="2026-01-01T00:00:00"),
        "/States/A/Choices[0]/TimestampEquals",
    ),
    "an empty And": (choice(And=[]), "/States/A/Choices[0]/And"),
    "inside Not": (choice(Not={"Variable": "x", "IsNull": True}), "/States/A/Choices[0]/Not/Variable"),
    "a condition that is no expression": (
        jsonata(with_states(one("Choice", Choices=[{"Condition": "x", "Next": "B"}]), B=PASS)),
        "/States/A/Choices[0]/Condition",
    ),
    "one name in two branches": (one("Parallel", Branches=[B, B]), "/States/A/Branches[1]/States/B"),
    "an unknown mode": (
        one("Map", ItemProcessor={**B, "ProcessorConfig": {"Mode": "FAST"}}),
        "/States/A/ItemProcessor/ProcessorConfig/Mode",
    ),
    "a distributed map without a type": (
        one("Map", ItemProcessor={**B, "ProcessorConfig": {"Mode": "DISTRIBUTED"}}),
        "/States/A/ItemProcessor/ProcessorConfig/ExecutionType",
    ),
    "a reader of an inline map": (one("Map", ItemProcessor=B, ItemReader=READER), "/States/A/ItemReader"),
    "a tolerance of an inline map": (
        one("Map", ItemProcessor=B, ToleratedFailureCount=1),
        "/States/A/ToleratedFailureCount",
    ),
    "a reader of another service": (
        one("Map", ItemProcessor=DISTRIBUTED, ItemReader={**READER, "Resource": "arn:aws:states:::sqs:receiveMessage"}),
        "/States/A/ItemReader/Resource",
    ),
    "a reader without a type": (reader(), "/States/A/ItemReader/ReaderConfig/InputType"),
    "a CSV reader without headers": (reader(InputType="CSV"), "/States/A/ItemReader/ReaderConfig/CSVHeaderLocation"),
    "given headers that are not given": (
        reader(InputType="CSV", CSVHeaderLocation="GIVEN"),
        "/States/A/ItemReader/ReaderConfig/CSVHeaders",
    ),
    "more than all may fail": (
        one("Map", ItemProcessor=DISTRIBUTED, ToleratedFailurePercentage=101),
        "/States/A/ToleratedFailurePercentage",
    ),
    "a batcher without a size": (one("Map", ItemProcessor=DISTRIBUTED, ItemBatcher={}), "/States/A/ItemBatcher"),
    "a writer without a place": (
        one("Map", ItemProcessor=DISTRIBUTED, ResultWriter={"Resource": "arn:aws:states:::s3:putObject"}),
        "/States/A/ResultWriter",
    ),
    "a parameter that the action lacks": (
        one("Task", Resource=SYNC, Parameters={"JobName": "j", "Colour": "red"}),
        "/States/A/Parameters",
    ),
    "a parameter that the action needs": (one("Task", Resource=SYNC, Parameters={}), "/States/A/Parameters"),
    "an argument that the action lacks": (
        jsonata(one("Task", Resource=SYNC, Arguments={"JobName": "j", "Colour": 1})),
        "/States/A/Arguments",
    ),
    "http:invoke": (one("Task", Resource="arn:aws:states:::http:invoke"), "/States/A/Resource"),
    "ecs:runTask": (one("Task", Resource="arn:aws:states:::ecs:runTask.sync"), "/States/A/Resource"),
    "a Lambda function's ARN": (
        one("Task", Resource="arn:aws:lambda:us-east-1:000000000000:function:f"),
        "/States/A/Resource",
    ),
}


@pytest.mark.parametrize(("machine", "location"), BAD.values(), ids=BAD)
def test_a_rule_that_is_broken_is_told_with_its_place(machine: dict[str, Any], location: str) -> None:
    found = problems(json.dumps(machine))
    assert location in {one.location for one in found}, found
    assert {one.code for one in found} <= {SCHEMA, "DUPLICATE_STATE_NAME", "MISSING_TRANSITION_TARGET"}


EXPRESS = {
    ".sync": one("Task", Resource=SYNC),
    ".waitForTaskToken": one("Task", Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken"),
    "an activity": one("Task", Resource="arn:aws:states:us-east-1:000000000000:activity:a"),
    "a distributed map": one("Map", ItemProcessor=DISTRIBUTED),
    ".sync inside a branch": one("Parallel", Branches=[{"StartAt": "C", "States": {"C": {**task()["States"]["A"]}}}]),
}


@pytest.mark.parametrize("machine", EXPRESS.values(), ids=EXPRESS)
def test_what_an_express_machine_cannot_do(machine: dict[str, Any]) -> None:
    assert problems(json.dumps(machine)) == []
    assert problems(json.dumps(machine), "EXPRESS") != []


def test_the_children_of_an_express_map_run_cannot_wait() -> None:
    processor = {"StartAt": "C", "States": {"C": task()["States"]["A"]}}
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}
    found = problems(json.dumps(one("Map", ItemProcessor={**processor, **config})))
    assert [one.location for one in found] == ["/States/A/ItemProcessor/States/C/Resource"]


@pytest.mark.parametrize(
    "said", ["http:invoke is not supported locally", "Call the service by arn:aws:states:::aws-sdk"]
)
def test_what_the_local_aws_lacks_is_refused_by_name_with_the_next_step(said: str) -> None:
    found = problems(json.dumps(one("Task", Resource="arn:aws:states:::http:invoke")))
    assert said in str(found[0])
