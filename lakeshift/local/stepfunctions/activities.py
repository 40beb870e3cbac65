"""A Task state whose work a worker fetches: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lakeshift.local import clock
from lakeshift.local.stepfunctions.engine.state import Visit, compact
from lakeshift.local.stepfunctions.engine.work import given_to
from lakeshift.local.stepfunctions.language.failure import StateFailure
from lakeshift.local.stepfunctions.tasks import wait_for_answer
from lakeshift.local.stepfunctions.tokens import TOKENS

__all__ = ["perform_activity"]


def perform_activity(visit: Visit, arn: str) -> Any:
    """Offer the task, wait for a worker to take it and to answer."""
    scope = visit.scope
    given = given_to(visit)
    timeout, heartbeat = visit.seconds("TimeoutSeconds"), visit.seconds("HeartbeatSeconds")
    details: dict[str, Any] = {"resource": arn, "input": compact(given)}
    details |= {} if timeout is None else {"timeoutInSeconds": timeout}
    details |= {} if heartbeat is None else {"heartbeatInSeconds": heartbeat}
    scope.add("ActivityScheduled", details)
    ticket = TOKENS.issue()
    TOKENS.offer(arn, ticket, given)
    deadline = clock.now() + timedelta(seconds=timeout) if timeout else None
    try:
        scope.wait(deadline, lambda: ticket.taken)
        if not ticket.taken:
            raise StateFailure("States.Timeout")
        scope.add("ActivityStarted", {} if ticket.worker is None else {"workerName": ticket.worker})
        result = wait_for_answer(visit, ticket, deadline, heartbeat)
    except StateFailure as failure:
        scope.add("ActivityTimedOut" if failure.error == "States.Timeout" else "ActivityFailed", failure.details)
        raise
    finally:
        TOKENS.close(ticket)
    scope.add("ActivitySucceeded", {"output": compact(visit.limited(result, visit.name))})
    return result
