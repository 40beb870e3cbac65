"""Which failures are tried again, when, and which are caught: the rules of Retry and Catch, each by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lakeshift.local.stepfunctions.language.failure import StateFailure, matches
from lakeshift.local.stepfunctions.language.retry import Retries
from tests.unit.stepfunctions.conftest import Engine, Service, one, with_states

GET = "arn:aws:states:::aws-sdk:glue:getCrawler"
GONE, BUSY = "EntityNotFoundException", "ThrottlingException"
FOUND = {"Crawler": {"Name": "a"}}


def rule(*errors: str, **fields: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors), **fields}


MATCHES: dict[str, tuple[list[str], str, bool]] = {
    "its own name": (["Glue.Gone"], "Glue.Gone", True),
    "another name": (["Glue.Other"], "Glue.Gone", False),
    "one of several": (["A", "Glue.Gone"], "Glue.Gone", True),
    "the names are case sensitive": (["glue.gone"], "Glue.Gone", False),
    "no part of a name": (["Glue"], "Glue.Gone", False),
    "ALL is a service's error": (["States.ALL"], "Glue.Gone", True),
    "ALL is a timeout": (["States.ALL"], "States.Timeout", True),
    "ALL is a custom error": (["States.ALL"], "Mine", True),
    "ALL is an error without a name": (["States.ALL"], "", True),
    "ALL is not DataLimitExceeded": (["States.ALL"], "States.DataLimitExceeded", False),
    "ALL is not Runtime": (["States.ALL"], "States.Runtime", False),
    "DataLimitExceeded by its name": (["States.DataLimitExceeded"], "States.DataLimitExceeded", True),
    "Runtime not even by its name": (["States.Runtime"], "States.Runtime", False),
    "TaskFailed is itself": (["States.TaskFailed"], "States.TaskFailed", True),
    "TaskFailed is a service's error": (["States.TaskFailed"], "Glue.Gone", True),
    "TaskFailed is a custom error": (["States.TaskFailed"], "Mine", True),
    "TaskFailed is not a timeout": (["States.TaskFailed"], "States.Timeout", False),
    "TaskFailed is not Runtime": (["States.TaskFailed"], "States.Runtime", False),
    "TaskFailed is not DataLimitExceeded": (["States.TaskFailed"], "States.DataLimitExceeded", False),
    "Timeout is itself": (["States.Timeout"], "States.Timeout", True),
    "Timeout is no failure": (["States.Timeout"], "States.TaskFailed", False),
    "HeartbeatTimeout is no plain timeout": (["States.HeartbeatTimeout"], "States.Timeout", False),
}


@pytest.mark.parametrize(("names", "error", "expected"), MATCHES.values(), ids=MATCHES)
def test_a_name_in_error_equals_matches(names: list[str], error: str, expected: bool) -> None:
    assert matches(names, StateFailure(error)) is expected


@pytest.mark.parametrize("name", ["States.HeartbeatTimeout", "States.Timeout", "States.ALL"])
def test_a_missed_heartbeat_is_both_kinds_of_timeout(name: str) -> None:
    assert matches([name], StateFailure("States.Timeout", heartbeat=True))


DELAYS: dict[str, tuple[dict[str, Any], list[float | None]]] = {
    "the defaults": ({}, [1, 2, 4, None]),
    "no attempt": ({"MaxAttempts": 0}, [None]),
    "interval": ({"IntervalSeconds": 5, "MaxAttempts": 2}, [5, 10, None]),
    "a rate of one": ({"BackoffRate": 1, "MaxAttempts": 3}, [1, 1, 1, None]),
    "a broken rate": ({"BackoffRate": 1.5, "IntervalSeconds": 2}, [2, 3, 4.5, None]),
    "at most so long": ({"IntervalSeconds": 3, "MaxDelaySeconds": 5}, [3, 5, 5, None]),
    "no jitter": ({"JitterStrategy": "NONE"}, [1, 2, 4, None]),
    "full jitter draws below the delay": ({"JitterStrategy": "FULL"}, [0.5, 1, 2, None]),
    "jitter of the longest delay": (
        {"JitterStrategy": "FULL", "IntervalSeconds": 10, "MaxDelaySeconds": 12},
        [5, 6, 6, None],
    ),
}


@pytest.mark.parametrize(("fields", "expected"), DELAYS.values(), ids=DELAYS)
def test_a_retrier_s_delays(fields: dict[str, Any], expected: list[float | None]) -> None:
    retries = Retries([rule("States.ALL", **fields)], draw=lambda: 0.5)
    assert [retries.delay(StateFailure("E")) for _ in expected] == expected


def test_each_retrier_counts_its_own() -> None:
    retries = Retries([rule("A", MaxAttempts=1), rule("B", MaxAttempts=2, IntervalSeconds=7)])
    given = [retries.delay(StateFailure(name)) for name in ("A", "B", "A", "B", "B")]
    assert given == [1, 7, None, 14, None]


def test_the_first_retrier_that_names_an_error_decides_alone() -> None:
    retries = Retries([rule("A", MaxAttempts=0), rule("States.ALL")])
    assert retries.delay(StateFailure("A")) is None


def task(**fields: Any) -> dict[str, Any]:
    return one("Task", Resource=GET, Parameters={"Name": "a"}, **fields)


Answers = list[Any]
# retriers; what the service answers in turn; the waits in seconds; how it ends
RUNS: dict[str, tuple[list[dict[str, Any]], Answers, list[float], str | None]] = {
    "no retrier": ([], [GONE], [], "Glue.EntityNotFoundException"),
    "another error": ([rule("Glue.ThrottlingException")], [GONE], [], "Glue.EntityNotFoundException"),
    "good at the second attempt": ([rule("Glue.EntityNotFoundException")], [GONE, FOUND], [1], None),
    "good at the last attempt": ([rule("States.ALL", MaxAttempts=2)], [GONE, GONE, FOUND], [1, 2], None),
    "not good in time": ([rule("States.ALL", MaxAttempts=2)], [GONE], [1, 2], "Glue.EntityNotFoundException"),
    "two errors, two retriers": (
        [rule("Glue.ThrottlingException", IntervalSeconds=9), rule("States.TaskFailed")],
        [BUSY, GONE, BUSY, FOUND],
        [9, 1, 18],
        None,
    ),
    "an unmodelled error is the service's": ([rule("Glue.GlueException")], ["X", FOUND], [], "Glue.XException"),
    "a large delay is the clock's": ([rule("States.ALL", IntervalSeconds=86_400)], [GONE, FOUND], [86_400], None),
}


@pytest.mark.parametrize(("rules", "answers", "waits", "ends"), RUNS.values(), ids=RUNS)
def test_a_task_is_tried_again_as_declared(
    engine: Engine,
    service: Callable[..., Service],
    rules: list[dict[str, Any]],
    answers: Answers,
    waits: list[float],
    ends: str | None,
) -> None:
    asked = service(get_crawler=answers)
    outcome = engine.run(task(Retry=rules))
    assert (outcome.error, engine.time.waits) == (ends, waits)
    assert len(asked.calls) == len(waits) + 1
    assert engine.kinds().count("TaskScheduled") == len(waits) + 1
    assert engine.kinds().count("TaskFailed") == len(waits) + (ends is not None)


def test_the_context_counts_the_retries(engine: Engine, service: Callable[..., Service]) -> None:
    asked = service(get_crawler=[GONE, GONE, FOUND])
    machine = one(
        "Task",
        Resource=GET,
        Parameters={"Name.$": "States.Format('{}', $$.State.RetryCount)"},
        Retry=[rule("States.ALL")],
    )
    assert engine.run(machine).status == "SUCCEEDED"
    assert [given["Name"] for _, given in asked.calls] == ["0", "1", "2"]


FAILED = {"Error": "Glue.EntityNotFoundException", "Cause": "no (Service: Glue, Status Code: 400, Request ID: r)"}
# the catcher's fields; input; the output of the execution
CAUGHT: dict[str, tuple[dict[str, Any], Any]] = {
    "the error is the output": ({}, FAILED),
    "beside the input": ({"ResultPath": "$.failure"}, {"a": 1, "failure": FAILED}),
    "deep inside the input": ({"ResultPath": "$.x.y"}, {"a": 1, "x": {"y": FAILED}}),
    "the error is dropped": ({"ResultPath": None}, {"a": 1}),
}


@pytest.mark.parametrize(("fields", "output"), CAUGHT.values(), ids=CAUGHT)
def test_a_catcher_gives_the_error_to_its_state(
    engine: Engine, service: Callable[..., Service], fields: dict[str, Any], output: Any
) -> None:
    service(get_crawler=[GONE])
    catcher = rule("Glue.EntityNotFoundException", Next="B", **fields)
    machine = with_states(task(Catch=[catcher]), B={"Type": "Pass", "End": True})
    outcome = engine.run(machine, {"a": 1})
    assert (outcome.status, outcome.output) == ("SUCCEEDED", output)


# catchers' names and targets; the error; the state that it leads to
CATCHERS: dict[str, tuple[list[tuple[str, str]], str, str | None]] = {
    "the first that matches": ([("Glue.EntityNotFoundException", "B"), ("States.ALL", "C")], GONE, "B"),
    "the next where the first does not": ([("Glue.ThrottlingException", "B"), ("States.ALL", "C")], GONE, "C"),
    "TaskFailed before ALL": ([("States.TaskFailed", "B"), ("States.ALL", "C")], GONE, "B"),
    "none": ([("Glue.ThrottlingException", "B")], GONE, None),
}


@pytest.mark.parametrize(("catchers", "code", "state"), CATCHERS.values(), ids=CATCHERS)
def test_the_catcher_that_is_taken(
    engine: Engine, service: Callable[..., Service], catchers: list[tuple[str, str]], code: str, state: str | None
) -> None:
    service(get_crawler=[code])
    rules = [rule(name, Next=target) for name, target in catchers]
    ends = {name: {"Type": "Pass", "Result": name, "End": True} for name in ("B", "C")}
    assert engine.run(with_states(task(Catch=rules), **ends)).output == state


def test_retries_come_before_catchers(engine: Engine, service: Callable[..., Service]) -> None:
    service(get_crawler=[GONE])
    machine = task(Retry=[rule("States.ALL", MaxAttempts=1)], Catch=[rule("States.ALL", Next="B")])
    engine.run(with_states(machine, B={"Type": "Pass", "End": True}))
    assert engine.kinds() == [
        "ExecutionStarted",
        "TaskStateEntered",
        *["TaskScheduled", "TaskStarted", "TaskFailed"] * 2,
        "TaskStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]


@pytest.mark.parametrize("name", ["States.ALL", "States.TaskFailed", "States.Runtime"])
def test_a_path_that_is_not_there_is_never_handled(engine: Engine, name: str) -> None:
    machine = one("Task", Resource=GET, Parameters={"Name.$": "$.no"}, Catch=[rule(name, Next="B")], Retry=[rule(name)])
    outcome = engine.run(with_states(machine, B={"Type": "Pass", "End": True}))
    assert outcome.error == "States.Runtime"
    assert "The JSONPath '$.no' specified for the field 'Name.$' could not be found in the input '{}'" in outcome.cause
    assert outcome.cause.startswith("An error occurred while executing the state 'A' (entered at the event id #2). ")
    assert engine.time.waits == []


LARGE = {"Crawler": {"Name": "x" * 262_144}}


@pytest.mark.parametrize(
    ("name", "ends"), [("States.ALL", "FAILED"), ("States.DataLimitExceeded", "SUCCEEDED")], ids=["ALL", "by its name"]
)
def test_a_result_that_is_too_large(engine: Engine, service: Callable[..., Service], name: str, ends: str) -> None:
    service(get_crawler=[LARGE])
    machine = with_states(task(Catch=[rule(name, Next="B")]), B={"Type": "Pass", "End": True})
    assert engine.run(machine).status == ends
    assert "TaskFailed" in engine.kinds()


def test_a_parallel_state_is_tried_again_whole(engine: Engine, service: Callable[..., Service]) -> None:
    asked = service(get_crawler=[GONE, FOUND])
    branch = {"StartAt": "B", "States": {"B": {**task()["States"]["A"]}}}
    machine = one("Parallel", Branches=[branch], Retry=[rule("States.ALL")])
    assert engine.run(machine).output == [FOUND]
    assert len(asked.calls) == 2
    assert (engine.kinds().count("ParallelStateStarted"), engine.kinds().count("ParallelStateFailed")) == (2, 0)
