"""What Task, Parallel and Map share: input and result, retry and catch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from lakeshift.local import clock
from lakeshift.local.stepfunctions.engine.state import Visit
from lakeshift.local.stepfunctions.language.failure import StateFailure, matches
from lakeshift.local.stepfunctions.language.retry import Retries

__all__ = ["Retriable", "given_to", "work"]

Left = tuple[Any, str | None]


class Retriable(Exception):  # noqa: N818 - a verdict of TestState
    """In a test of a state: the failure would be retried."""

    def __init__(self, failure: StateFailure, attempt: int, seconds: float) -> None:
        super().__init__(str(failure))
        self.failure, self.attempt, self.seconds = failure, attempt, seconds


def given_to(visit: Visit) -> Any:
    """What the state's work is given: Parameters or Arguments over the input."""
    name = "Arguments" if visit.jsonata else "Parameters"
    chosen = visit.input if visit.jsonata else visit.chosen("InputPath", visit.input)
    trace = visit.scope.run.trace
    trace["afterInputPath"] = chosen
    given = visit.template(name, chosen) if name in visit.definition else chosen
    trace["afterArguments" if visit.jsonata else "afterParameters"] = given
    return given


def work(visit: Visit, attempt: Callable[[], Any]) -> Left:
    """Try until it succeeds, is caught, or no retrier is left; raises StateFailure."""
    retries = Retries(visit.definition.get("Retry", []))
    visit.context["State"]["RetryCount"] = 0
    while True:
        try:
            return _result(visit, attempt()), visit.definition.get("Next")
        except StateFailure as error:
            failure = visit.told(error)
            seconds = retries.delay(failure)
            if seconds is None:
                return _caught(visit, failure)
            if visit.scope.run.testing:
                raise Retriable(failure, retries.count, seconds) from error
            visit.context["State"]["RetryCount"] = retries.count
            visit.scope.wait(clock.now() + timedelta(seconds=seconds))
            visit.scope.position.forget()


def _result(visit: Visit, result: Any) -> Any:
    definition, trace = visit.definition, visit.scope.run.trace
    trace["result"] = result
    if visit.jsonata:
        visit.assign(definition, result, result=result)
        return visit.output(definition, result, result=result)
    visit.assign(definition, result)
    if "ResultSelector" in definition:
        result = visit.template("ResultSelector", result)
        trace["afterResultSelector"] = result
    placed = visit.placed(result, definition)
    trace["afterResultPath"] = placed
    return visit.chosen("OutputPath", placed)


def _caught(visit: Visit, failure: StateFailure) -> Left:
    if visit.kind in ("Parallel", "Map"):
        visit.scope.add(f"{visit.kind}StateFailed")
    catchers = visit.definition.get("Catch", [])
    index = next((at for at, rule in enumerate(catchers) if matches(rule["ErrorEquals"], failure)), None)
    if index is None:
        raise failure
    rule, output = catchers[index], failure.output
    visit.scope.run.trace["errorDetails"] = {"catchIndex": index}
    visit.scope.run.trace["caught"] = failure
    visit.assign(rule, output, errorOutput=output)
    if visit.jsonata:
        return visit.output(rule, output, errorOutput=output), rule["Next"]
    return visit.placed(output, rule), rule["Next"]
