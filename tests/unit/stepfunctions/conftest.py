"""The interpreter without a server: services answer by a script, and waiting moves a clock of the test's own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeshift.local import clock
from lakeshift.local.stepfunctions import tasks
from lakeshift.local.stepfunctions.engine.execution import Outcome, execute
from lakeshift.local.stepfunctions.engine.history import Chain, History
from lakeshift.local.stepfunctions.engine.position import Position
from lakeshift.local.stepfunctions.engine.scope import Run

START = datetime(2026, 1, 1, tzinfo=UTC)
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:m:e"


class Time:
    """A clock that stands still until someone waits: then it is the moment that was waited for."""

    def __init__(self) -> None:
        self.moment = START
        self.waits: list[float] = []
        self.most_at_once = 0
        self._waiting = 0
        self._changing = threading.Lock()

    def now(self) -> datetime:
        return self.moment

    def wait_until(self, moment: datetime | None, stop: Callable[[], bool] = lambda: False) -> bool:
        if stop():
            return False
        assert moment is not None
        with self._changing:
            self._waiting += 1
            self.most_at_once = max(self.most_at_once, self._waiting)
            self.waits.append(round((moment - self.moment) / timedelta(seconds=1), 3))
        threading.Event().wait(0.001)  # let the others that wait beside come this far
        with self._changing:
            self._waiting -= 1
            self.moment = max(self.moment, moment)
        return True


class Service:
    """Answers each action with the next of its script: a value, or an error's code."""

    def __init__(self, script: dict[str, list[Any]]) -> None:
        self.script = {action: list(answers) for action, answers in script.items()}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, action: str) -> Callable[..., Any]:
        def call(**given: Any) -> Any:
            self.calls.append((action, given))
            answers = self.script[action]
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(answer, str):
                raise error(answer)
            return json.loads(json.dumps(answer))

        return call


def error(code: str) -> ClientError:
    facts = {"HTTPStatusCode": 400, "RequestId": "r"}
    kind = type(code, (ClientError,), {})
    return kind({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": facts}, "operation")


class Engine:
    """Runs definitions; ``position`` and ``history`` are those of the last run."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.position = Position()
        self.history: list[dict[str, Any]] = []

    def run(self, machine: dict[str, Any], given: Any = None) -> Outcome:
        self.position, self.history, self.given = Position(), [], {} if given is None else given
        return self._execute(machine)

    def redrive(self, machine: dict[str, Any]) -> Outcome:
        last = len(self.history)
        History(self.history).add(Chain(last, last), "ExecutionRedriven", {"redriveCount": 1})
        return self._execute(machine)

    def _execute(self, machine: dict[str, Any]) -> Outcome:
        execution = {"Id": EXECUTION, "Input": self.given, "Name": "e", "StartTime": "2026-01-01T00:00:00Z"}
        seconds = machine.get("TimeoutSeconds")
        run = Run(
            {"Execution": execution, "StateMachine": {"Id": MACHINE, "Name": "m"}},
            History(self.history),
            "us-east-1",
            machine.get("QueryLanguage", "JSONPath"),
            self.time.moment + timedelta(seconds=seconds) if seconds else None,
        )
        return execute(run, machine, self.position, {"input": json.dumps(self.given), "roleArn": "role"})

    def kinds(self) -> list[str]:
        return [event["type"] for event in self.history]


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """The clock of this test and of the threads it starts; a local AWS of the session keeps its own."""
    made = Time()
    others = set(threading.enumerate()) - {threading.current_thread()}
    for name in ("now", "wait_until"):
        monkeypatch.setattr(clock, name, _told_apart(getattr(clock, name), getattr(made, name), others))
    return made


def _told_apart(real: Callable[..., Any], own: Callable[..., Any], others: set[threading.Thread]) -> Callable[..., Any]:
    def called(*given: Any) -> Any:
        function = real if threading.current_thread() in others else own
        return function(*given)

    return called


@pytest.fixture
def engine(time: Time) -> Engine:
    return Engine(time)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Service]:
    def script(**answers: list[Any]) -> Service:
        made = Service(answers)
        monkeypatch.setattr(tasks, "client", lambda *_: made)
        return made

    return script


def one(kind: str, **fields: Any) -> dict[str, Any]:
    """A machine of one state, A."""
    ends = {} if kind in ("Choice", "Succeed", "Fail") or "Next" in fields else {"End": True}
    return {"StartAt": "A", "States": {"A": {"Type": kind, **ends, **fields}}}


def jsonata(machine: dict[str, Any]) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", **machine}


def with_states(machine: dict[str, Any], **states: dict[str, Any]) -> dict[str, Any]:
    return {**machine, "States": {**machine["States"], **states}}
