from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshift.local.stepfunctions.definition import problems
from lakeshift.paths import REPOSITORY

PASS = {"Type": "Pass", "End": True}
SYNC = "arn:aws:states:::glue:startJobRun.sync"
SCHEMA, TARGET = "SCHEMA_VALIDATION_FAILED", "MISSING_TRANSITION_TARGET"


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def task(resource: str, **more: Any) -> dict[str, Any]:
    return machine(A={"Type": "Task", "Resource": resource, "End": True, **more})


GOOD: dict[str, dict[str, Any]] = {
    "one pass state": machine(A=PASS),
    "a chain": machine(A={"Type": "Pass", "Next": "B"}, B=PASS),
    "a choice with a default": machine(
        A={"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "B"}], "Default": "C"},
        B=PASS,
        C={"Type": "Fail"},
    ),
    "a poll loop": machine(
        A={"Type": "Wait", "Seconds": 1, "Next": "B"},
        B={"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": True, "Next": "C"}], "Default": "A"},
        C={"Type": "Succeed"},
    ),
    "a state reached by Catch alone": machine(
        A={"Type": "Task", "Resource": SYNC, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}], "End": True},
        B={"Type": "Fail"},
    ),
    "glue sync": task(SYNC),
    "aws-sdk with a name of its own": task("arn:aws:states:::aws-sdk:redshiftdata:executeStatement"),
    "task token": task("arn:aws:states:::sqs:sendMessage.waitForTaskToken"),
    "a nested execution": task("arn:aws:states:::states:startExecution.sync:2"),
    "an activity": task("arn:aws:states:us-east-1:000000000000:activity:approve"),
    "a map": machine(A={"Type": "Map", "ItemProcessor": {"ProcessorConfig": {}, **machine(B=PASS)}, "End": True}),
    "a parallel": machine(A={"Type": "Parallel", "Branches": [machine(B=PASS), machine(C=PASS)], "End": True}),
}

BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no StartAt": ({"States": {"A": PASS}}, TARGET, "/StartAt"),
    "StartAt of no state": ({"StartAt": "X", "States": {"A": PASS}}, TARGET, "/StartAt"),
    "no states": ({"StartAt": "A", "States": {}}, SCHEMA, "/States"),
    "Next to no state": (machine(A={"Type": "Pass", "Next": "X"}), TARGET, "/States/A/Next"),
    "Catch to no state": (
        task(SYNC, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "X"}]),
        TARGET,
        "/States/A/Catch[0]/Next",
    ),
    "a state never reached": (machine(A=PASS, B=PASS), TARGET, "/States/B"),
    "a loop without an end": (
        machine(A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "A"}),
        SCHEMA,
        "/States",
    ),
    "an unknown type": (machine(A={"Type": "Sleep"}), SCHEMA, "/States/A/Type"),
    "Next and End": (machine(A={**PASS, "Next": "A"}), SCHEMA, "/States/A"),
    "neither Next nor End": (machine(A={"Type": "Pass"}), SCHEMA, "/States/A"),
    "a field of another type": (machine(A={**PASS, "Seconds": 1}), SCHEMA, "/States/A/Seconds"),
    "a wait without a time": (machine(A={"Type": "Wait", "End": True}), SCHEMA, "/States/A"),
    "States.ALL not last": (
        task(SYNC, Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["X"]}]),
        SCHEMA,
        "/States/A/Retry[0]/ErrorEquals",
    ),
    "an error that Step Functions does not have": (
        task(SYNC, Retry=[{"ErrorEquals": ["States.Broken"]}]),
        SCHEMA,
        "/States/A/Retry[0]/ErrorEquals",
    ),
    "no ErrorEquals": (task(SYNC, Retry=[{}]), SCHEMA, "/States/A/Retry[0]/ErrorEquals"),
    "a heartbeat as long as the timeout": (
        task(SYNC, TimeoutSeconds=5, HeartbeatSeconds=5),
        SCHEMA,
        "/States/A/HeartbeatSeconds",
    ),
    "a timeout of zero": (task(SYNC, TimeoutSeconds=0), SCHEMA, "/States/A/TimeoutSeconds"),
    "an unknown service": (task("arn:aws:states:::aws-sdk:nosuch:doIt"), SCHEMA, "/States/A/Resource"),
    "an unknown action": (task("arn:aws:states:::aws-sdk:glue:doIt"), SCHEMA, "/States/A/Resource"),
    "an action in PascalCase": (task("arn:aws:states:::aws-sdk:glue:GetCrawler"), SCHEMA, "/States/A/Resource"),
    "sync by aws-sdk": (task("arn:aws:states:::aws-sdk:glue:startJobRun.sync"), SCHEMA, "/States/A/Resource"),
    "a Lambda function": (task("arn:aws:states:::lambda:invoke"), SCHEMA, "/States/A/Resource"),
    "an integration that would not act": (
        task("arn:aws:states:::elasticmapreduce:addStep.sync"),
        SCHEMA,
        "/States/A/Resource",
    ),
    "inside a branch": (
        machine(A={"Type": "Parallel", "Branches": [machine(B={"Type": "Pass"})], "End": True}),
        SCHEMA,
        "/States/A/Branches[0]/States/B",
    ),
    "inside a map": (
        machine(A={"Type": "Map", "ItemProcessor": machine(B={"Type": "Pass"}), "End": True}),
        SCHEMA,
        "/States/A/ItemProcessor/States/B",
    ),
}


@pytest.mark.parametrize("definition", GOOD.values(), ids=GOOD)
def test_a_valid_definition_has_no_problem(definition: dict[str, Any]) -> None:
    assert problems(json.dumps(definition)) == []


@pytest.mark.parametrize(("definition", "code", "location"), BAD.values(), ids=BAD)
def test_an_invalid_definition_is_told_by_code_and_place(definition: dict[str, Any], code: str, location: str) -> None:
    assert (code, location) in {(one.code, one.location) for one in problems(json.dumps(definition))}


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_what_is_no_json_object_is_one_problem(text: str) -> None:
    assert len(problems(text)) == 1


@pytest.mark.parametrize("path", sorted((REPOSITORY / "pipelines").glob("*.asl.json")), ids=lambda path: path.name)
def test_our_own_machines_are_valid(path: Any) -> None:
    assert problems(path.read_text()) == []
