"""The API around executions: versions, aliases, express, TestState, redrive, lists, logs, activities."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.stepfunctions.models import stepfunctions_backends

from lakeshift.local import clock
from lakeshift.local.context import ACCOUNT, REGION
from lakeshift.local.pickling import dumps, find_homes, loads
from tests.local.stepfunctions.conftest import ROLE, FakeGlue, Machines, code
from tests.waiting import until

SYNC = "arn:aws:states:::glue:startJobRun.sync"
GET = "arn:aws:states:::aws-sdk:glue:getCrawler"
NONE = {"Name": "none-at-all"}


def one(kind: str, **fields: Any) -> dict[str, Any]:
    ends = {} if kind in ("Fail", "Succeed") or "Next" in fields else {"End": True}
    return {"StartAt": "A", "States": {"A": {"Type": kind, **ends, **fields}}}


@pytest.fixture
def api(machines: Machines) -> Any:
    return boto3.client("stepfunctions", config=Config(inject_host_prefix=False))


def published(machines: Machines, results: list[str]) -> tuple[str, list[str]]:
    arn = machines.create(one("Pass", Result=results[0]))
    versions = [machines.client.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]]
    for result in results[1:]:
        text = json.dumps(one("Pass", Result=result))
        told = machines.client.update_state_machine(stateMachineArn=arn, definition=text, publish=True)
        versions.append(told["stateMachineVersionArn"])
    return arn, versions


def route(version: str, weight: int) -> dict[str, Any]:
    return {"stateMachineVersionArn": version, "weight": weight}


def test_a_version_is_published_once_for_a_revision(machines: Machines) -> None:
    arn, (first, second) = published(machines, ["a", "b"])
    again = machines.client.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
    listed = machines.client.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
    assert (again, [version["stateMachineVersionArn"] for version in listed]) == (second, [second, first])
    assert (
        code(machines.client.publish_state_machine_version, stateMachineArn=arn, revisionId="x") == "ConflictException"
    )


def test_an_alias_routes_by_weight_and_is_told_by_its_executions(machines: Machines) -> None:
    _, (first, second) = published(machines, ["a", "b"])
    routes = [route(first, 50), route(second, 50)]
    alias = machines.client.create_state_machine_alias(name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    started = [machines.client.start_execution(stateMachineArn=alias)["executionArn"] for _ in range(12)]
    ended = [machines.wait(execution) for execution in started]
    assert {(run["stateMachineAliasArn"], run["stateMachineVersionArn"], run["output"]) for run in ended} == {
        (alias, first, '"a"'),
        (alias, second, '"b"'),
    }
    listed = machines.client.list_executions(stateMachineArn=alias)["executions"]
    assert {run["executionArn"] for run in listed} == set(started)
    assert code(machines.client.delete_state_machine_version, stateMachineVersionArn=first) == "ConflictException"
    machines.client.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=[route(second, 100)])
    machines.client.delete_state_machine_version(stateMachineVersionArn=first)
    assert machines.wait(machines.client.start_execution(stateMachineArn=alias)["executionArn"])["output"] == '"b"'


@pytest.mark.parametrize("weights", [[50], [50, 60], [100, 0, 0]], ids=["not all", "too much", "three"])
def test_routes_must_add_up(machines: Machines, weights: list[int]) -> None:
    _, (version,) = published(machines, ["a"])
    routes = [route(version, weight) for weight in weights]
    assert (
        code(machines.client.create_state_machine_alias, name="live", routingConfiguration=routes)
        == "ValidationException"
    )


def express(api: Any, definition: dict[str, Any]) -> str:
    name = f"express-{threading.get_ident()}-{abs(hash(json.dumps(definition)))}"
    made = api.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE, type="EXPRESS")
    return str(made["stateMachineArn"])


SYNC_ENDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "succeeded": (one("Pass"), {"status": "SUCCEEDED", "output": '{"a":1}'}),
    "failed": (one("Fail", Error="E", Cause="c"), {"status": "FAILED", "error": "E", "cause": "c"}),
    "timed out": ({**one("Wait", Seconds=60), "TimeoutSeconds": 1}, {"status": "TIMED_OUT"}),
}


@pytest.mark.parametrize(("definition", "told"), SYNC_ENDS.values(), ids=SYNC_ENDS)
def test_an_express_machine_answers_at_once(api: Any, definition: dict[str, Any], told: dict[str, Any]) -> None:
    answer = api.start_sync_execution(stateMachineArn=express(api, definition), input='{"a":1}')
    assert {name: answer.get(name) for name in told} == told
    assert ":express:" in answer["executionArn"]
    assert answer["billingDetails"]["billedDurationInMilliseconds"] % 100 == 0


def test_what_express_and_standard_machines_do_not_do(api: Any, machines: Machines) -> None:
    arn, standard = express(api, one("Pass")), machines.create(one("Pass"))
    execution = api.start_execution(stateMachineArn=arn)["executionArn"]
    assert code(api.describe_execution, executionArn=execution) == "InvalidArn"
    assert code(api.list_executions, stateMachineArn=arn) == "StateMachineTypeNotSupported"
    assert code(api.start_sync_execution, stateMachineArn=standard) == "StateMachineTypeNotSupported"


CAUGHT = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B", "ResultPath": "$.e"}], "Next": "C"}
STATES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "succeeded": (
        {"Type": "Pass", "Result": 7, "Next": "B"},
        {},
        {"status": "SUCCEEDED", "output": "7", "nextState": "B"},
    ),
    "failed": ({"Type": "Fail", "Error": "E", "Cause": "c"}, {}, {"status": "FAILED", "error": "E", "cause": "c"}),
    "retriable": (
        {"Type": "Task", "Resource": GET, "Parameters": NONE, "Retry": [{"ErrorEquals": ["States.ALL"]}], "End": True},
        {},
        {"status": "RETRIABLE", "error": "Glue.EntityNotFoundException"},
    ),
    "caught": (
        {"Type": "Task", "Resource": GET, "Parameters": NONE, **CAUGHT},
        {},
        {"status": "CAUGHT_ERROR", "error": "Glue.EntityNotFoundException", "nextState": "B"},
    ),
    "mocked": (
        {"Type": "Task", "Resource": SYNC, "Parameters": {"JobName": "j"}, "ResultPath": "$.run", "End": True},
        {"mock": {"result": '{"Id":"jr_1"}'}},
        {"status": "SUCCEEDED", "output": '{"a":1,"run":{"Id":"jr_1"}}'},
    ),
    "a mocked error": (
        {"Type": "Task", "Resource": SYNC, "Parameters": {"JobName": "j"}, "End": True},
        {"mock": {"errorOutput": {"error": "Mine", "cause": "why"}}},
        {"status": "FAILED", "error": "Mine", "cause": "why"},
    ),
    "with variables": (
        {"Type": "Pass", "Parameters": {"x.$": "$v"}, "End": True},
        {"variables": '{"v":5}'},
        {"status": "SUCCEEDED", "output": '{"x":5}'},
    ),
}


@pytest.mark.parametrize(("state", "more", "told"), STATES.values(), ids=STATES)
def test_a_state_is_tested_by_itself(
    api: Any, state: dict[str, Any], more: dict[str, Any], told: dict[str, Any]
) -> None:
    answer = api.test_state(definition=json.dumps(state), roleArn=ROLE, input='{"a":1}', **more)
    assert {name: answer.get(name) for name in told} == told


def test_a_tested_state_shows_its_steps(api: Any) -> None:
    state = {"Type": "Task", "Resource": GET, "InputPath": "$.b", "Parameters": {"Name.$": "$.c"}, "End": True}
    told = api.test_state(
        definition=json.dumps(state), roleArn=ROLE, input='{"b":{"c":"d"}}', inspectionLevel="DEBUG",
        mock={"result": '{"Crawler":{"Name":"d"}}'},
    )  # fmt: skip
    seen = told["inspectionData"]
    assert (seen["afterInputPath"], seen["afterParameters"]) == ('{"c":"d"}', '{"Name":"d"}')
    assert seen["result"] == '{"Crawler":{"Name":"d"}}'


UNTESTABLE = {
    "a map": ({"Type": "Map", "ItemProcessor": one("Pass"), "End": True}, "ValidationException"),
    "a job run without a mock": (
        {"Type": "Task", "Resource": SYNC, "Parameters": {"JobName": "j"}, "End": True},
        "ValidationException",
    ),
    "no state": ({"Type": "Sleep"}, "InvalidDefinition"),
}


@pytest.mark.parametrize(("state", "error"), UNTESTABLE.values(), ids=UNTESTABLE)
def test_a_state_that_cannot_be_tested_is_refused(api: Any, state: dict[str, Any], error: str) -> None:
    assert code(api.test_state, definition=json.dumps(state), roleArn=ROLE) == error


def task(**fields: Any) -> dict[str, Any]:
    return one("Task", Resource=SYNC, Parameters={"JobName": "j"}, **fields)


def test_a_redrive_goes_on_and_is_told(machines: Machines, glue: FakeGlue) -> None:
    glue.state = "FAILED"
    execution = machines.start(task())
    failed = machines.wait(execution)
    assert (failed["redriveCount"], failed["redriveStatus"]) == (0, "REDRIVABLE")
    glue.state = "SUCCEEDED"
    first = machines.client.redrive_execution(executionArn=execution, clientToken="token-1")
    again = machines.client.redrive_execution(executionArn=execution, clientToken="token-1")
    assert again["redriveDate"] == first["redriveDate"]
    ended = machines.wait(execution)
    assert (ended["status"], ended["redriveCount"], ended["redriveDate"]) == ("SUCCEEDED", 1, first["redriveDate"])
    assert "error" not in ended
    assert ended["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    redriven = machines.client.list_executions(stateMachineArn=ended["stateMachineArn"], redriveFilter="REDRIVEN")
    assert [run["executionArn"] for run in redriven["executions"]] == [execution]
    others = machines.client.list_executions(stateMachineArn=ended["stateMachineArn"], redriveFilter="NOT_REDRIVEN")
    assert others["executions"] == []


def test_what_cannot_be_redriven_says_why(machines: Machines) -> None:
    redrive = machines.client.redrive_execution
    running, done = machines.start(one("Wait", Seconds=600)), machines.start(one("Pass"))
    machines.wait(done)
    for execution in (running, done):
        assert code(redrive, executionArn=execution) == "ExecutionNotRedrivable"
    machines.client.stop_execution(executionArn=running)
    record = stepfunctions_backends[ACCOUNT][REGION].describe_execution(running)
    record.stop_date = clock.now() - timedelta(days=14, seconds=1)
    with pytest.raises(ClientError, match="Execution redrivable period exceeded"):
        redrive(executionArn=running)
    absent = running.rpartition(":")[0] + ":none"
    assert code(redrive, executionArn=absent) == "ExecutionDoesNotExist"


def test_a_stopped_execution_goes_on_where_it_stood(machines: Machines, glue: FakeGlue) -> None:
    first = {"Type": "Pass", "Result": {"n": 1}, "Next": "A"}
    machine = task()
    execution = machines.start({"StartAt": "Z", "States": {"Z": first, **machine["States"]}})
    until(lambda: glue.asked)
    machines.client.stop_execution(executionArn=execution)
    glue.state = "SUCCEEDED"
    machines.client.redrive_execution(executionArn=execution)
    assert machines.wait(execution)["status"] == "SUCCEEDED"
    assert machines.events(execution).count("PassStateEntered") == 1
    assert len(glue.started) == 2


def test_an_execution_that_a_killed_server_left_is_redriven(machines: Machines, glue: FakeGlue) -> None:
    done = {"StartAt": "B", "States": {"B": {"Type": "Pass", "Result": "kept", "End": True}}}
    waits = {"StartAt": "C", "States": {"C": task()["States"]["A"]}}
    execution = machines.start(one("Parallel", Branches=[done, waits]))
    until(lambda: glue.asked and "PassStateExited" in machines.events(execution))
    document = dumps(find_homes()["stepfunctions"])
    machines.client.stop_execution(executionArn=execution)
    loads(document)
    left = machines.client.describe_execution(executionArn=execution)
    assert (left["status"], left["error"], left["redriveStatus"]) == (
        "ABORTED",
        "Lakeshift.ServerStopped",
        "REDRIVABLE",
    )
    glue.state = "SUCCEEDED"
    machines.client.redrive_execution(executionArn=execution)
    ended = machines.wait(execution)
    assert (ended["status"], json.loads(ended["output"])[0]) == ("SUCCEEDED", "kept")
    assert machines.events(execution).count("PassStateEntered") == 1


def test_the_same_start_again_is_the_same_execution(machines: Machines) -> None:
    arn, start = machines.create(one("Wait", Seconds=600)), machines.client.start_execution
    given = {"stateMachineArn": arn, "name": "run", "input": "{}"}
    first, second = start(**given), start(**given)
    assert first == {**second, "ResponseMetadata": first["ResponseMetadata"]}
    assert code(start, **{**given, "input": '{"a":1}'}) == "ExecutionAlreadyExists"
    machines.client.stop_execution(executionArn=first["executionArn"])
    assert code(start, **given) == "ExecutionAlreadyExists"


INPUTS = {"no JSON": "{", "too large": json.dumps("x" * 262_144)}


@pytest.mark.parametrize("given", INPUTS.values(), ids=INPUTS)
def test_an_input_that_is_refused(machines: Machines, given: str) -> None:
    arn = machines.create(one("Pass"))
    error = code(machines.client.start_execution, stateMachineArn=arn, input=given)
    assert error in ("InvalidExecutionInput", "ValidationException")


def test_moving_the_clock_ends_a_wait(machines: Machines) -> None:
    execution = machines.start(one("Wait", Seconds=3600))
    until(lambda: "WaitStateEntered" in machines.events(execution))
    clock.advance(3600)
    ended = machines.wait(execution)
    assert ended["stopDate"] - ended["startDate"] >= timedelta(hours=1)


def test_moving_the_clock_ends_a_time_limit(machines: Machines, glue: FakeGlue) -> None:
    execution = machines.start(task(TimeoutSeconds=7200))
    until(lambda: glue.asked)
    clock.advance(7200)
    assert machines.wait(execution)["error"] == "States.Timeout"


def test_history_without_its_data(machines: Machines) -> None:
    execution = machines.start(one("Pass", Result={"secret": 1}))
    machines.wait(execution)
    events = machines.client.get_execution_history(executionArn=execution, includeExecutionData=False)["events"]
    assert [event["type"] for event in events] == machines.events(execution)
    assert "secret" not in json.dumps(events, default=str)


LEVELS = {
    "ALL": ["ExecutionStarted", "PassStateEntered", "PassStateExited", "FailStateEntered", "ExecutionFailed"],
    "ERROR": ["FailStateEntered", "ExecutionFailed"],
    "FATAL": ["ExecutionFailed"],
}


@pytest.mark.parametrize("with_data", [True, False], ids=["with data", "without data"])
@pytest.mark.parametrize("level", LEVELS)
def test_an_execution_is_logged_at_its_level(machines: Machines, level: str, with_data: bool) -> None:
    logs, group = boto3.client("logs"), f"/aws/vendedlogs/states/{level}-{with_data}"
    logs.create_log_group(logGroupName=group)
    place = {"cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:*"}}
    definition = one("Pass", Result={"secret": 1}, Next="B")
    definition["States"]["B"] = {"Type": "Fail", "Error": "E"}
    arn = machines.client.create_state_machine(
        name=f"logged-{level}-{with_data}",
        definition=json.dumps(definition),
        roleArn=ROLE,
        loggingConfiguration={"level": level, "includeExecutionData": with_data, "destinations": [place]},
    )["stateMachineArn"]
    machines.wait(machines.client.start_execution(stateMachineArn=arn)["executionArn"])
    lines = [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName=group)["events"]]
    assert [line["type"] for line in lines] == LEVELS[level]
    assert ("secret" in json.dumps(lines)) is (with_data and level != "FATAL")


def test_an_activity_is_done_by_its_worker(machines: Machines) -> None:
    activity = machines.client.create_activity(name="approve")["activityArn"]
    execution = machines.start(one("Task", Resource=activity), {"order": 1})
    taken = machines.client.get_activity_task(activityArn=activity, workerName="me")
    assert json.loads(taken["input"]) == {"order": 1}
    machines.client.send_task_heartbeat(taskToken=taken["taskToken"])
    machines.client.send_task_success(taskToken=taken["taskToken"], output='{"ok":true}')
    assert json.loads(machines.wait(execution)["output"]) == {"ok": True}
    assert [kind for kind in machines.events(execution) if kind.startswith("Activity")] == [
        "ActivityScheduled",
        "ActivityStarted",
        "ActivitySucceeded",
    ]
    assert code(machines.client.send_task_success, taskToken=taken["taskToken"], output="{}") == "TaskTimedOut"
    assert code(machines.client.send_task_success, taskToken=taken["taskToken"], output="{") == "InvalidOutput"


def test_stopping_a_machine_stops_the_execution_that_it_waits_for(machines: Machines) -> None:
    inner = machines.create(one("Wait", Seconds=600))
    resource = "arn:aws:states:::states:startExecution.sync:2"
    outer = machines.start(one("Task", Resource=resource, Parameters={"StateMachineArn": inner, "Name": "child"}))
    until(lambda: machines.client.list_executions(stateMachineArn=inner)["executions"])
    until(lambda: "TaskSubmitted" in machines.events(outer))
    machines.client.stop_execution(executionArn=outer)
    child = machines.client.list_executions(stateMachineArn=inner)["executions"][0]["executionArn"]
    assert machines.wait(child)["status"] == "ABORTED"


def test_every_status_is_told_on_the_bus(machines: Machines) -> None:
    rules, queues = boto3.client("events"), boto3.client("sqs")
    queue = queues.create_queue(QueueName="states-events")["QueueUrl"]
    arn = machines.create(one("Fail", Error="E", Cause="c"))
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [arn]}}
    rules.put_rule(Name="states-events", EventPattern=json.dumps(pattern))
    target = {"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:states-events"}
    rules.put_targets(Rule="states-events", Targets=[target])
    machines.wait(machines.client.start_execution(stateMachineArn=arn, input='{"a":1}')["executionArn"])
    told: list[dict[str, Any]] = []

    def received() -> bool:
        found = queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        told.extend(json.loads(message["Body"])["detail"] for message in found)
        return len(told) == 2

    until(received)
    ends = {detail["status"]: detail for detail in told}
    assert set(ends) == {"RUNNING", "FAILED"}
    failed = ends["FAILED"]
    assert (failed["error"], failed["cause"], failed["input"], failed["output"]) == ("E", "c", '{"a":1}', None)
    assert (failed["redriveCount"], failed["redriveStatus"]) == (0, "REDRIVABLE")


def test_a_machine_that_is_deleted_ends_its_executions(machines: Machines, glue: FakeGlue) -> None:
    execution = machines.start(task())
    until(lambda: glue.asked)
    arn = machines.client.describe_execution(executionArn=execution)["stateMachineArn"]
    machines.client.delete_state_machine(stateMachineArn=arn)
    assert until(lambda: glue.stopped)
    assert code(machines.client.describe_state_machine, stateMachineArn=arn) == "StateMachineDoesNotExist"


def test_an_operation_that_is_not_there_is_refused(machines: Machines) -> None:
    arn = "arn:aws:states:us-east-1:000000000000:mapRun:m/each:x"
    with pytest.raises(ClientError, match="UpdateMapRun is not supported locally"):
        machines.client.update_map_run(mapRunArn=arn, maxConcurrency=1)


def test_machines_are_tagged(machines: Machines) -> None:
    arn, api = machines.create(one("Pass")), machines.client
    api.tag_resource(resourceArn=arn, tags=[{"key": "team", "value": "lake"}, {"key": "x", "value": "y"}])
    api.untag_resource(resourceArn=arn, tagKeys=["x"])
    assert api.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "team", "value": "lake"}]
