"""An execution from its first event to its last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lakeshift.local.stepfunctions.engine.history import Chain
from lakeshift.local.stepfunctions.engine.machine import run_states
from lakeshift.local.stepfunctions.engine.position import Position
from lakeshift.local.stepfunctions.engine.scope import Run, Scope, Stopped
from lakeshift.local.stepfunctions.engine.state import compact
from lakeshift.local.stepfunctions.language.failure import StateFailure

__all__ = ["Outcome", "execute"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an execution ended."""

    status: str
    output: Any = None
    error: str | None = None
    cause: str | None = None


def execute(run: Run, machine: dict[str, Any], position: Position, started: dict[str, Any]) -> Outcome:
    """Run the machine from its position to an end; ``started`` are the details of ExecutionStarted.

    A run that was stopped is ABORTED, which the one who stopped it records.
    """
    events = run.history.events
    scope = Scope(run, position, Chain(len(events), len(events)))
    if not events:
        scope.add("ExecutionStarted", started, follow=False)
    try:
        output = run_states(scope, machine, run.facts["Execution"]["Input"])
    except StateFailure as failure:
        return _failed(scope, failure)
    except Stopped:
        if run.timed_out and not run.stop_requested:
            scope.add("ExecutionTimedOut")
            return Outcome("TIMED_OUT")
        return Outcome("ABORTED")
    except Exception as error:
        return _failed(scope, StateFailure("States.Runtime", f"{type(error).__name__}({error})"))
    scope.add("ExecutionSucceeded", {"output": compact(output)})
    return Outcome("SUCCEEDED", output)


def _failed(scope: Scope, failure: StateFailure) -> Outcome:
    scope.add("ExecutionFailed", failure.details)
    return Outcome("FAILED", None, failure.error, failure.cause)
