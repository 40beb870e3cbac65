from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.stepfunctions.models import stepfunctions_backends

from lakeshift.errors import LakeshiftError
from lakeshift.local.context import ACCOUNT, REGION
from lakeshift.local.stepfunctions.symbols import symbol
from tests.local.stepfunctions.conftest import ROLE, Machines
from tests.waiting import until

PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
WAIT = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 60, "End": True}}}


def one(kind: str, **fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"Type": kind, "End": True, **fields}}}


def branch(**state: Any) -> dict[str, Any]:
    return {"StartAt": "B", "States": {"B": state}}


def branch_of(name: str) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}}


DOUBLE = {"StartAt": "B", "States": {"B": {"Type": "Pass", "Parameters": {"x.$": "$"}, "End": True}}}
SHOUT = {"QueryLanguage": "JSONata", **one("Pass", Output={"said": "{% $states.input.word & '!' %}"})}
SUM = {"QueryLanguage": "JSONata", **one("Pass", Output="{% $sum($states.input.values) %}")}
OWN = {
    "QueryLanguage": "JSONata",
    **one(
        "Pass", Output={"u": "{% $length($uuid()) %}", "h": "{% $hash('a', 'SHA-256') %}", "p": "{% $parse('[1]') %}"}
    ),
}
HASH_OF_A = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
ITEM_FAILS = one("Map", ItemProcessor=branch(Type="Pass", InputPath="$.no", End=True))

OUTCOMES: dict[str, tuple[dict[str, Any], Any, str, Any]] = {
    "pass": (PASS, {"a": 1}, "SUCCEEDED", {"a": 1}),
    "map in order": (one("Map", ItemProcessor=DOUBLE), [1, 2], "SUCCEEDED", [{"x": 1}, {"x": 2}]),
    "parallel": (
        one("Parallel", Branches=[DOUBLE, branch_of("C")]),
        {"a": 1},
        "SUCCEEDED",
        [{"x": {"a": 1}}, {"a": 1}],
    ),
    "jsonata with quotes and newlines": (SHOUT, {"word": 'a"\n'}, "SUCCEEDED", {"said": 'a"\n!'}),
    "jsonata number": (SUM, {"values": [1, 2.5]}, "SUCCEEDED", 3.5),
    "jsonata functions of Step Functions": (OWN, {}, "SUCCEEDED", {"u": 36, "h": HASH_OF_A, "p": [1]}),
    "jsonata undefined": ({"QueryLanguage": "JSONata", **one("Pass", Output="{% $nope %}")}, {}, "FAILED", None),
    "a path to one value inside an array": (
        one("Pass", Parameters={"n.$": "$.rows[0][1].n", "all.$": "$.rows[0][*].n"}),
        {"rows": [[{"n": 1}, {"n": 2}]]},
        "SUCCEEDED",
        {"n": 2, "all": [1, 2]},
    ),
    "fail": ({"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "E"}}}, {}, "FAILED", None),
    "fail with an error of States": (
        {"StartAt": "A", "States": {"A": {"Type": "Fail", "ErrorPath": "$.e"}}},
        {"e": "States.TaskFailed"},
        "FAILED",
        None,
    ),
    "an error of States inside a map": (ITEM_FAILS, [1], "FAILED", None),
    "machine timeout": ({**WAIT, "TimeoutSeconds": 1}, {}, "TIMED_OUT", None),
}


@pytest.mark.parametrize(("definition", "given", "status", "output"), OUTCOMES.values(), ids=OUTCOMES)
def test_an_execution_ends_as_its_definition_says(
    machines: Machines, definition: dict[str, Any], given: Any, status: str, output: Any
) -> None:
    ended = machines.run(definition, given)
    assert ended["status"] == status
    assert (json.loads(ended["output"]) if "output" in ended else None) == output
    assert ended["stopDate"] >= ended["startDate"]


def test_executions_without_a_name_are_each_their_own(machines: Machines) -> None:
    arn = machines.create(PASS)
    first, second = (machines.client.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(2))
    machines.wait(first)
    machines.wait(second)
    listed = machines.client.list_executions(stateMachineArn=arn, statusFilter="SUCCEEDED")["executions"]
    assert {one["executionArn"] for one in listed} == {first, second}
    assert all("stopDate" in one for one in listed)


def test_the_history_is_paged_and_reversed(machines: Machines) -> None:
    execution = machines.start(PASS)
    machines.wait(execution)
    pages = machines.client.get_paginator("get_execution_history").paginate(
        executionArn=execution, reverseOrder=True, PaginationConfig={"PageSize": 3}
    )
    assert [event["type"] for page in pages for event in page["events"]] == [
        "ExecutionSucceeded",
        "PassStateExited",
        "PassStateEntered",
        "ExecutionStarted",
    ]


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]


def test_an_invalid_definition_is_refused_at_creation_and_update(machines: Machines) -> None:
    bad = json.dumps({"StartAt": "X", "States": {"A": {"Type": "Pass", "End": True}}})
    with pytest.raises(ClientError) as created:
        machines.client.create_state_machine(name="bad", definition=bad, roleArn=ROLE)
    arn = machines.create(PASS)
    with pytest.raises(ClientError) as updated:
        machines.client.update_state_machine(stateMachineArn=arn, definition=bad)
    assert (code(created), code(updated)) == ("InvalidDefinition", "InvalidDefinition")
    assert json.loads(machines.client.describe_state_machine(stateMachineArn=arn)["definition"]) == PASS


def test_validation_tells_every_problem(machines: Machines) -> None:
    answer = machines.client.validate_state_machine_definition(definition='{"StartAt": "X", "States": {}}')
    assert answer["result"] == "FAIL"
    assert answer["diagnostics"][0]["severity"] == "ERROR"


def test_a_second_machine_of_one_name_is_refused_unless_it_is_the_same(machines: Machines) -> None:
    make = machines.client.create_state_machine
    first = make(name="twice", definition=json.dumps(PASS), roleArn=ROLE)
    assert make(name="twice", definition=json.dumps(PASS), roleArn=ROLE)["stateMachineArn"] == first["stateMachineArn"]
    with pytest.raises(ClientError) as error:
        make(name="twice", definition=json.dumps(WAIT), roleArn=ROLE)
    assert code(error) == "StateMachineAlreadyExists"


def test_an_alias_runs_the_version_it_points_to(machines: Machines) -> None:
    arn = machines.create(one("Pass", Result="old"))
    version = machines.client.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
    alias = machines.client.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}]
    )["stateMachineAliasArn"]
    machines.client.update_state_machine(stateMachineArn=arn, definition=json.dumps(one("Pass", Result="new")))
    outputs = [
        machines.wait(machines.client.start_execution(stateMachineArn=one)["executionArn"])["output"]
        for one in (alias, arn)
    ]
    assert outputs == ['"old"', '"new"']


def test_a_wrong_task_token_is_told(machines: Machines) -> None:
    with pytest.raises(ClientError) as error:
        machines.client.send_task_success(taskToken="none", output="{}")
    assert code(error) == "InvalidToken"


def snapshot(execution: str) -> Any:
    backend = stepfunctions_backends[ACCOUNT][REGION]
    return pickle.loads(pickle.dumps(backend.describe_execution(execution)))  # noqa: S301 - our own bytes


def test_a_finished_execution_survives_a_snapshot(machines: Machines) -> None:
    execution = machines.start(PASS, {"a": 1})
    machines.wait(execution)
    restored = snapshot(execution)
    assert (restored.status, restored.output, restored.execution_input) == ("SUCCEEDED", {"a": 1}, '{"a": 1}')
    assert [event["type"] for event in restored.history()] == machines.events(execution)


def test_a_running_execution_is_aborted_by_a_restart(machines: Machines) -> None:
    execution = machines.start(WAIT)
    until(lambda: "WaitStateEntered" in machines.events(execution))
    restored = snapshot(execution)
    assert (restored.status, restored.error) == ("ABORTED", "Lakeshift.ServerStopped")
    assert restored.history()[-1]["type"] == "ExecutionAborted"
    assert restored.stop_date is not None
    machines.client.stop_execution(executionArn=execution)


@pytest.mark.parametrize("path", ["moto.stepfunctions.parser.api:Gone", "moto.gone:thing"])
def test_a_symbol_that_moto_lost_is_named(path: str) -> None:
    with pytest.raises(LakeshiftError, match=path.replace(".", r"\.")):
        symbol(path)
