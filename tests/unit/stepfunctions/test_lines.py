"""Parallel and Map, time limits, ``.sync``, and going on after a failure."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from lakeshift.local import clock
from lakeshift.local.stepfunctions import tasks
from lakeshift.local.stepfunctions.tokens import TOKENS, Answer
from tests.unit.stepfunctions.conftest import START, Engine, Service, Time, error, one, with_states

GET = "arn:aws:states:::aws-sdk:glue:getCrawler"
SYNC = "arn:aws:states:::glue:startJobRun.sync"
GONE, FOUND = "EntityNotFoundException", {"Crawler": {"Name": "a"}}


def task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": GET, "Parameters": {"Name": "a"}, "End": True, **fields}


def line(name: str, **state: Any) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: {"End": True, **state}}}


def mapped(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return one("Map", ItemProcessor=processor, **fields)


PLUS = line("B", Type="Pass", Parameters={"x.$": "States.MathAdd($, 1)"})
INDEX = {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"}

MAPS: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "in the items' order": (mapped(PLUS), [1, 2, 3], [{"x": 2}, {"x": 3}, {"x": 4}]),
    "one at a time": (mapped(PLUS, MaxConcurrency=1), [1, 2], [{"x": 2}, {"x": 3}]),
    "no item": (mapped(PLUS), [], []),
    "ItemsPath": (mapped(PLUS, ItemsPath="$.a.b"), {"a": {"b": [4]}}, [{"x": 5}]),
    "ItemSelector": (
        mapped(line("B", Type="Pass"), ItemsPath="$.a", ItemSelector={**INDEX, "all.$": "$.k"}),
        {"a": ["p", "q"], "k": 9},
        [{"i": 0, "v": "p", "all": 9}, {"i": 1, "v": "q", "all": 9}],
    ),
    "Parameters, its older name": (
        one("Map", Iterator=line("B", Type="Pass"), Parameters=INDEX),
        ["p"],
        [{"i": 0, "v": "p"}],
    ),
    "the item in the context": (mapped(line("B", Type="Pass", Parameters=INDEX)), ["p"], [{"i": 0, "v": "p"}]),
    "ResultSelector and ResultPath": (
        mapped(PLUS, ItemsPath="$.a", ResultSelector={"first.$": "$[0].x"}, ResultPath="$.r"),
        {"a": [1]},
        {"a": [1], "r": {"first": 2}},
    ),
    "a map in a map": (
        mapped(line("M", Type="Map", ItemProcessor=PLUS)),
        [[1], [2, 3]],
        [[{"x": 2}], [{"x": 3}, {"x": 4}]],
    ),
    "an object in JSONata": (
        {
            "QueryLanguage": "JSONata",
            **mapped(
                line("B", Type="Pass"),
                Items="{% $states.input %}",
                ItemSelector={"k": "{% $states.context.Map.Item.Key %}", "v": "{% $states.context.Map.Item.Value %}"},
            ),
        },
        {"a": 1, "b": 2},
        [{"k": "a", "v": 1}, {"k": "b", "v": 2}],
    ),
}


@pytest.mark.parametrize(("machine", "given", "output"), MAPS.values(), ids=MAPS)
def test_a_map_s_output(engine: Engine, machine: dict[str, Any], given: Any, output: Any) -> None:
    outcome = engine.run(machine, given)
    assert (outcome.status, outcome.output) == ("SUCCEEDED", output), outcome.cause


@pytest.mark.parametrize("given", [{"a": 1}, "text", 5, None], ids=["object", "text", "number", "null"])
def test_a_map_over_no_array_fails(engine: Engine, given: Any) -> None:
    outcome = engine.run(mapped(PLUS, ItemsPath="$.x"), {"x": given})
    assert (outcome.error, "Map state input must be an array but was" in outcome.cause) == ("States.Runtime", True)


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_no_more_iterations_than_allowed_run_at_once(engine: Engine, time: Time, limit: int) -> None:
    machine = mapped(line("B", Type="Wait", Seconds=1), MaxConcurrency=limit)
    assert engine.run(machine, list(range(12))).status == "SUCCEEDED"
    assert time.most_at_once <= limit


def test_the_first_iteration_that_fails_fails_the_map(engine: Engine) -> None:
    machine = mapped(line("B", Type="Pass", InputPath="$.ok"), MaxConcurrency=1)
    outcome = engine.run(machine, [{"ok": 1}, {}, {"ok": 1}])
    assert outcome.error == "States.Runtime"
    kinds = engine.kinds()
    found = [kinds.count(f"MapIteration{end}") for end in ("Started", "Succeeded", "Failed")]
    assert (found, kinds[-2:]) == ([2, 1, 1], ["MapStateFailed", "ExecutionFailed"])


def test_the_branches_outputs_are_in_order(engine: Engine) -> None:
    waits = line("B", Type="Wait", Seconds=5)
    assert engine.run(one("Parallel", Branches=[waits, line("C", Type="Pass", Result=2)]), 1).output == [1, 2]


def test_a_branch_that_fails_stops_the_others(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "wait_until", _until_stopped)
    endless = line("B", Type="Wait", Seconds=9)
    outcome = engine.run(one("Parallel", Branches=[endless, line("C", Type="Fail", Error="E", Cause="c")]))
    assert (outcome.error, outcome.cause) == ("E", "c")
    kinds = engine.kinds()
    assert {"FailStateEntered", "WaitStateAborted"} < set(kinds)
    assert kinds[-2:] == ["ParallelStateFailed", "ExecutionFailed"]


def _until_stopped(moment: datetime, stop: Callable[[], bool]) -> bool:
    while not stop():
        threading.Event().wait(0.001)
    return False


RUN = {"JobRunId": "jr_1"}


def run_in(state: str) -> dict[str, Any]:
    return {"JobRun": {"Id": "jr_1", "JobRunState": state, "ErrorMessage": "it broke"}}


def job(**fields: Any) -> dict[str, Any]:
    return one("Task", Resource=SYNC, Parameters={"JobName": "j"}, **fields)


ENDS: dict[str, tuple[str, str | None]] = {
    "SUCCEEDED": ("SUCCEEDED", None),
    **dict.fromkeys(("FAILED", "TIMEOUT", "ERROR", "EXPIRED", "STOPPED"), ("FAILED", "States.TaskFailed")),
}


@pytest.mark.parametrize("state", ENDS)
def test_a_job_run_is_waited_for(engine: Engine, service: Callable[..., Service], state: str) -> None:
    service(start_job_run=[RUN], get_job_run=[run_in("STARTING"), run_in("RUNNING"), run_in(state)])
    outcome = engine.run(job())
    assert (outcome.status, outcome.error) == ENDS[state]
    told = outcome.output if outcome.cause is None else json.loads(outcome.cause)
    assert (told["JobRunState"], told["JobName"], told["Id"]) == (state, "j", "jr_1")
    assert engine.time.waits == [0.2, 0.2]


@pytest.mark.parametrize(("misses", "status"), [(25, "SUCCEEDED"), (26, "FAILED")])
def test_a_service_that_falters_is_no_failed_job(
    engine: Engine, service: Callable[..., Service], misses: int, status: str
) -> None:
    answers = ["InternalServiceException"] * misses + [run_in("SUCCEEDED")]
    asked = service(start_job_run=[RUN], get_job_run=answers, batch_stop_job_run=[{}])
    assert engine.run(job()).status == status
    assert ("batch_stop_job_run" in [action for action, _ in asked.calls]) is (status == "FAILED")


QUERY = one("Task", Resource="arn:aws:states:::athena:startQueryExecution.sync", Parameters={"QueryString": "select 1"})


def query_in(state: str) -> dict[str, Any]:
    return {"QueryExecution": {"QueryExecutionId": "q", "Status": {"State": state, "StateChangeReason": "why"}}}


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "CANCELLED"])
def test_an_athena_query_is_waited_for(engine: Engine, service: Callable[..., Service], state: str) -> None:
    started = [{"QueryExecutionId": "q"}]
    service(
        start_query_execution=started, get_query_execution=[query_in("QUEUED"), query_in("RUNNING"), query_in(state)]
    )
    outcome = engine.run(QUERY)
    if state == "SUCCEEDED":
        assert outcome.output == query_in(state)
    else:
        assert outcome.error == "States.TaskFailed"
        assert json.loads(outcome.cause)["Status"]["StateChangeReason"] == "why"


def test_a_stopped_athena_query_is_cancelled(engine: Engine, service: Callable[..., Service]) -> None:
    started, running = [{"QueryExecutionId": "q"}], [query_in("RUNNING")]
    asked = service(start_query_execution=started, get_query_execution=running, stop_query_execution=[{}])
    assert engine.run({**QUERY, "TimeoutSeconds": 1}).status == "TIMED_OUT"
    assert asked.calls[-1] == ("stop_query_execution", {"QueryExecutionId": "q"})


def test_a_job_run_that_cannot_start_is_named(engine: Engine, service: Callable[..., Service]) -> None:
    service(start_job_run=["ConcurrentRunsExceededException"])
    outcome = engine.run(job())
    assert outcome.error == "Glue.ConcurrentRunsExceededException"
    assert "TaskSubmitted" not in engine.kinds()


LIMITS: dict[str, tuple[dict[str, Any], Any]] = {
    "TimeoutSeconds": ({"TimeoutSeconds": 1}, {}),
    "TimeoutSecondsPath": ({"TimeoutSecondsPath": "$.s"}, {"s": 1}),
    "in JSONata": (
        {"QueryLanguage": "JSONata", "TimeoutSeconds": "{% $states.input.s %}", "Arguments": {"JobName": "j"}},
        {"s": 1},
    ),
}


@pytest.mark.parametrize(("fields", "given"), LIMITS.values(), ids=LIMITS)
def test_a_task_that_takes_too_long_is_stopped(
    engine: Engine, service: Callable[..., Service], fields: dict[str, Any], given: Any
) -> None:
    asked = service(start_job_run=[RUN], get_job_run=[run_in("RUNNING")], batch_stop_job_run=[{}])
    machine = job(**fields)
    if "Arguments" in fields:
        machine["States"]["A"].pop("Parameters")
    outcome = engine.run(machine, given)
    assert (outcome.status, outcome.error) == ("FAILED", "States.Timeout")
    assert asked.calls[-1] == ("batch_stop_job_run", {"JobName": "j", "JobRunIds": ["jr_1"]})
    assert "TaskTimedOut" in engine.kinds()
    assert sum(engine.time.waits) == pytest.approx(1)


@pytest.mark.parametrize("seconds", [0, -1, 1.5, "1", True])
def test_a_time_limit_that_is_none_fails(engine: Engine, service: Callable[..., Service], seconds: Any) -> None:
    service(start_job_run=[RUN])
    assert engine.run(job(TimeoutSecondsPath="$.s"), {"s": seconds}).error == "States.Runtime"


def test_a_timeout_is_caught(engine: Engine, service: Callable[..., Service]) -> None:
    service(start_job_run=[RUN], get_job_run=[run_in("RUNNING")], batch_stop_job_run=[{}])
    catcher = {"ErrorEquals": ["States.Timeout"], "Next": "B"}
    machine = with_states(job(TimeoutSeconds=2, Catch=[catcher]), B={"Type": "Pass", "End": True})
    assert engine.run(machine).output == {"Error": "States.Timeout", "Cause": ""}


def test_the_machine_s_own_limit_ends_it_timed_out(engine: Engine, service: Callable[..., Service]) -> None:
    asked = service(start_job_run=[RUN], get_job_run=[run_in("RUNNING")], batch_stop_job_run=[{}])
    outcome = engine.run({**job(), "TimeoutSeconds": 60})
    assert (outcome.status, outcome.error, engine.kinds()[-1]) == ("TIMED_OUT", None, "ExecutionTimedOut")
    assert asked.calls[-1][0] == "batch_stop_job_run"


WAITS: dict[str, tuple[dict[str, Any], Any, float]] = {
    "Seconds": ({"Seconds": 90}, {}, 90),
    "no second": ({"Seconds": 0}, {}, 0),
    "SecondsPath": ({"SecondsPath": "$.s"}, {"s": 7}, 7),
    "Timestamp": ({"Timestamp": "2026-01-01T01:00:00Z"}, {}, 3600),
    "a Timestamp of another zone": ({"Timestamp": "2026-01-01T01:00:00+01:00"}, {}, 0),
    "a Timestamp that has passed": ({"Timestamp": "2020-01-01T00:00:00Z"}, {}, 0),
    "TimestampPath": ({"TimestampPath": "$.t"}, {"t": "2026-01-02T00:00:00Z"}, 86_400),
    "in JSONata": ({"QueryLanguage": "JSONata", "Seconds": "{% $states.input.s * 2 %}"}, {"s": 4}, 8),
}


@pytest.mark.parametrize(("fields", "given", "seconds"), WAITS.values(), ids=WAITS)
def test_a_wait_lasts(engine: Engine, fields: dict[str, Any], given: Any, seconds: float) -> None:
    outcome = engine.run(one("Wait", **fields), given)
    assert (outcome.status, outcome.output) == ("SUCCEEDED", given)
    assert (engine.time.moment - START).total_seconds() == seconds


WRONG_WAITS = {
    "no number": {"SecondsPath": "$.text"},
    "a fraction": {"SecondsPath": "$.half"},
    "a negative number": {"SecondsPath": "$.less"},
    "no timestamp": {"TimestampPath": "$.text"},
    "a timestamp without a zone": {"TimestampPath": "$.local"},
}


@pytest.mark.parametrize("fields", WRONG_WAITS.values(), ids=WRONG_WAITS)
def test_a_wait_for_nothing_fails(engine: Engine, fields: dict[str, Any]) -> None:
    given = {"text": "x", "half": 1.5, "less": -1, "local": "2026-01-01T00:00:00"}
    assert engine.run(one("Wait", **fields), given).error == "States.Runtime"


SEND = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
BODY = {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}}


class Worker(Service):
    """Gets the token, and answers it as it is told."""

    def __init__(self, answer: Answer | None) -> None:
        super().__init__({"send_message": [{"MessageId": "m"}]})
        self.reply, self.token = answer, ""

    def __getattr__(self, action: str) -> Callable[..., Any]:
        ask = super().__getattr__(action)

        def call(**given: Any) -> Any:
            self.token = json.loads(given["MessageBody"])["token"]
            if self.reply is not None:
                TOKENS.answer(self.token, self.reply)
            return ask(**given)

        return call


TOKEN_ENDS: dict[str, tuple[Answer | None, dict[str, Any], str, str | None]] = {
    "success": (Answer(True, {"x": 1}), {}, "SUCCEEDED", None),
    "failure": (Answer(False, error="Mine", cause="why"), {}, "FAILED", "Mine"),
    "failure without a name": (Answer(False), {}, "FAILED", None),
    "no answer in time": (None, {"TimeoutSeconds": 30}, "FAILED", "States.Timeout"),
    "no heartbeat in time": (None, {"HeartbeatSeconds": 10}, "FAILED", "States.Timeout"),
}


@pytest.mark.parametrize(("answer", "fields", "status", "error"), TOKEN_ENDS.values(), ids=TOKEN_ENDS)
def test_a_token_is_waited_for(
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer | None,
    fields: dict[str, Any],
    status: str,
    error: str | None,
) -> None:
    worker = Worker(answer)
    monkeypatch.setattr(tasks, "client", lambda *_: worker)
    outcome = engine.run(one("Task", Resource=SEND, Parameters=BODY, **fields))
    assert (outcome.status, outcome.error) == (status, error)
    assert TOKENS.answer(worker.token, Answer(True)) == "timed out"


def test_a_missed_heartbeat_is_caught_by_its_name(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "client", lambda *_: Worker(None))
    catcher = {"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "B"}
    machine = one("Task", Resource=SEND, Parameters=BODY, HeartbeatSeconds=10, Catch=[catcher])
    assert engine.run(with_states(machine, B={"Type": "Pass", "Result": "late", "End": True})).output == "late"


BEFORE = {"Type": "Pass", "Result": {"n": 1}, "Assign": {"v": "kept"}, "Next": "B"}
SELECT = {"ResultSelector": {"v.$": "$v"}, "ResultPath": "$.r"}


def crawl(name: str, following: str | None = None) -> dict[str, Any]:
    moves = {"End": True} if following is None else {"Next": following}
    return {"Type": "Task", "Resource": GET, "Parameters": {"Name": name}, **moves}


# the machine; its input; the crawlers that are asked for in both attempts; the output of the second
REDRIVES: dict[str, tuple[dict[str, Any], Any, list[str], Any]] = {
    "from the task that failed, with its input and variables": (
        {"StartAt": "A", "States": {"A": BEFORE, "B": {**crawl("c"), **SELECT}}},
        {},
        ["c", "c"],
        {"n": 1, "r": {"v": "kept"}},
    ),
    "the branch that failed alone": (
        one("Parallel", Branches=[line("B", **crawl("b")), line("D", **crawl("c"))]),
        {},
        ["b", "c", "c"],
        [FOUND, FOUND],
    ),
    "the second state of a branch": (
        one("Parallel", Branches=[{"StartAt": "B", "States": {"B": crawl("b", "D"), "D": crawl("c")}}]),
        {},
        ["b", "c", "c"],
        [FOUND],
    ),
    "the iteration that failed, and those after it": (
        mapped(line("B", **task(Parameters={"Name.$": "$"})), MaxConcurrency=1),
        ["x", "c", "y"],
        ["x", "c", "c", "y"],
        [FOUND, FOUND, FOUND],
    ),
}


class Failing(Service):
    """Fails for crawler c until it is mended."""

    def __init__(self) -> None:
        super().__init__({})
        self.names: list[str] = []
        self.mended = False

    def __getattr__(self, action: str) -> Callable[..., Any]:
        def call(Name: str) -> Any:
            self.names.append(Name)
            if Name == "c" and not self.mended:
                raise error(GONE)
            return json.loads(json.dumps(FOUND))

        return call


@pytest.mark.parametrize(("machine", "given", "asked", "output"), REDRIVES.values(), ids=REDRIVES)
def test_a_redrive_goes_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, machine: dict[str, Any], given: Any, asked: list[str], output: Any
) -> None:
    service = Failing()
    monkeypatch.setattr(tasks, "client", lambda *_: service)
    first = engine.run(machine, given)
    assert (first.status, first.error) == ("FAILED", "Glue.EntityNotFoundException")
    service.mended = True
    second = engine.redrive(machine)
    assert (second.status, second.output) == ("SUCCEEDED", output), second.cause
    assert sorted(service.names) == sorted(asked)
    assert engine.kinds().count("ExecutionRedriven") == 1


def test_a_redrive_begins_the_retries_anew(engine: Engine, service: Callable[..., Service]) -> None:
    asked = service(get_crawler=[GONE, GONE, GONE, FOUND])
    machine = one(
        "Task", Resource=GET, Parameters={"Name": "a"}, Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
    )
    assert engine.run(machine).status == "FAILED"
    assert engine.redrive(machine).status == "SUCCEEDED"
    assert (len(asked.calls), engine.time.waits) == (4, [1, 1])


def test_a_redrive_enters_a_fail_state_again_and_fails_again(engine: Engine) -> None:
    machine = with_states(one("Pass", Next="B"), B={"Type": "Fail", "Error": "E"})
    assert (engine.run(machine).error, engine.redrive(machine).error) == ("E", "E")
    assert engine.kinds().count("FailStateEntered") == 2
