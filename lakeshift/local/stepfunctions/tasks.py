"""A Task state's work: call a service, wait for what it started (``.sync``), or wait for a token or an activity."""

from __future__ import annotations

import copy
import functools
import json
from datetime import datetime, timedelta
from typing import Any, Final

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from lakeshift.local import clock
from lakeshift.local.stepfunctions import integrations, models
from lakeshift.local.stepfunctions.clients import client
from lakeshift.local.stepfunctions.engine.state import Visit, compact
from lakeshift.local.stepfunctions.engine.work import given_to
from lakeshift.local.stepfunctions.language.failure import StateFailure
from lakeshift.local.stepfunctions.resources import Resource
from lakeshift.local.stepfunctions.tokens import TOKENS, Ticket

__all__ = ["POLL_SECONDS", "client", "perform", "wait_for_answer"]

POLL_SECONDS: Final = 0.2  # between two looks at what a ``.sync`` task started
_MISSES: Final = 25  # looks in a row that may fail: a service that falters is no failed job
_NEVER: Final = timedelta(days=366)


def perform(visit: Visit) -> Any:
    """The task's result; raises StateFailure, and Stopped (after what it started is stopped too)."""
    from lakeshift.local.stepfunctions.activities import perform_activity

    arn = visit.definition["Resource"]
    if ":activity:" in arn:
        return perform_activity(visit, arn)
    resource = Resource.of(arn)
    ticket = TOKENS.issue() if resource.pattern == "waitForTaskToken" else None
    if ticket is not None:
        visit.context["Task"] = {"Token": ticket.token}
    try:
        return _Task(visit, resource, ticket).run()
    finally:
        visit.context.pop("Task", None)
        if ticket is not None:
            TOKENS.close(ticket)


class _Task:
    """One attempt."""

    def __init__(self, visit: Visit, resource: Resource, ticket: Ticket | None) -> None:
        self.visit, self.resource, self.ticket = visit, resource, ticket
        self.scope = visit.scope
        self._missed = 0

    def run(self) -> Any:
        """Schedule, start, submit, wait, succeed: each an event."""
        given = given_to(self.visit)
        timeout, heartbeat = self.visit.seconds("TimeoutSeconds"), self.visit.seconds("HeartbeatSeconds")
        parameters = self._parameters(given)
        self._schedule(given, timeout, heartbeat)
        deadline = clock.now() + timedelta(seconds=timeout) if timeout else None
        try:
            result = self._call(parameters)
            if self.resource.pattern:
                self._add("TaskSubmitted", output=compact(self.visit.limited(result, self.resource.kind)))
                result = self._wait(result, deadline, heartbeat)
            self.visit.limited(result, self.resource.kind)
        except StateFailure as failure:
            self._add("TaskTimedOut" if failure.error == "States.Timeout" else "TaskFailed", **failure.details)
            raise
        self._add("TaskSucceeded", output=compact(result))
        return result

    def _parameters(self, given: Any) -> dict[str, Any]:
        problems: list[str] = []
        model = models.operation(self.resource.service, self.resource.action)
        prepared = integrations.prepared(self.resource, copy.deepcopy(given), self.visit.context)
        made = models.request(prepared if isinstance(prepared, dict) else {}, model.input_shape, problems)
        if problems:
            said = f"The Parameters '{compact(given)}' could not be used to start the Task: [{', '.join(problems)}]"
            raise StateFailure("States.Runtime", said, field="Parameters")
        return made

    def _schedule(self, given: Any, timeout: int | None, heartbeat: int | None) -> None:
        details: dict[str, Any] = {"region": self.scope.run.region, "parameters": compact(given)}
        if timeout is not None:
            details["timeoutInSeconds"] = timeout
        if heartbeat is not None:
            details["heartbeatInSeconds"] = heartbeat
        role = self.visit.definition.get("Credentials", {}).get("RoleArn")
        if role is not None:
            details["taskCredentials"] = {"roleArn": role}
        self._add("TaskScheduled", **details)
        self._add("TaskStarted")

    def _add(self, kind: str, **details: Any) -> None:
        self.scope.add(kind, {**self.resource.facts, **details})

    def _call(self, parameters: dict[str, Any]) -> Any:
        mock = self.scope.run.mock
        if mock is not None:
            return _mocked(mock)
        return self._ask(self.resource.action, parameters)

    def _ask(self, action: str, parameters: dict[str, Any]) -> Any:
        resource = self.resource
        asked = client(resource.service, self.scope.run.region, "milliseconds" if resource.optimized else "instant")
        try:
            answer = getattr(asked, xform_name(action))(**parameters) or {}
        except ClientError as error:
            raise integrations.failure(resource, error) from error
        except (BotoCoreError, UnicodeDecodeError) as error:
            raise StateFailure("States.Runtime", f"{type(error).__name__}: {error}", field="Parameters") from error
        answer.pop("ResponseMetadata", None)
        shape = models.operation(resource.service, action).output_shape
        own_casing = resource.optimized and resource.service != "states"
        cased = answer if own_casing else models.response(answer, shape)
        return integrations.answered(resource, action, parameters, cased)

    def _wait(self, started: Any, deadline: datetime | None, heartbeat: int | None) -> Any:
        if self.ticket is not None:
            return wait_for_answer(self.visit, self.ticket, deadline, heartbeat)
        if self.scope.run.mock is not None:
            return started
        job = integrations.JOBS[self.resource.kind](started)
        try:
            while True:
                moves = clock.CLOCK.moves
                if (found := self._look(job)) is not None:
                    break
                now = clock.now()
                if deadline is not None and now >= deadline:
                    raise StateFailure("States.Timeout")
                moment = min(now + timedelta(seconds=POLL_SECONDS), deadline or now + _NEVER)
                self.scope.wait(moment, functools.partial(_moved_since, moves))
        except BaseException:
            if job.running:
                job.cancel(self._ask)  # stopped or timed out: Step Functions stops what it waits for
            raise
        return job.result(found, self.resource.pattern)

    def _look(self, job: integrations.Job) -> Any:
        try:
            found = job.look(self._ask)
        except StateFailure:
            self._missed += 1
            if not job.running or self._missed > _MISSES:
                raise
            return None
        self._missed = 0
        return found


def _moved_since(moves: int) -> bool:
    """Whether the clock's waiters were woken since: a job run or an execution may have ended."""
    return clock.CLOCK.moves != moves


def _mocked(mock: dict[str, Any]) -> Any:
    if "errorOutput" in mock:
        raise StateFailure(mock["errorOutput"].get("error"), mock["errorOutput"].get("cause"))
    return json.loads(mock["result"])


def wait_for_answer(visit: Visit, ticket: Ticket, deadline: datetime | None, heartbeat: int | None) -> Any:
    """What the token is answered with; raises StateFailure where it fails, or no one answers or beats in time."""
    ticket.beat = clock.now()
    while ticket.answer is None:
        beat = ticket.beat + timedelta(seconds=heartbeat) if heartbeat else None
        if deadline is not None and clock.now() >= deadline:
            raise StateFailure("States.Timeout")
        if beat is not None and clock.now() >= beat:
            raise StateFailure("States.Timeout", heartbeat=True)
        moments = [one for one in (deadline, beat) if one is not None]
        visit.scope.wait(min(moments, default=None), lambda: ticket.answer is not None)
    answer = ticket.answer
    if not answer.succeeded:
        raise StateFailure(answer.error, answer.cause)
    return answer.output
