"""Pass, Wait, Choice, Succeed and Fail: each gives the state's output and the next state's name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lakeshift.local import clock
from lakeshift.local.stepfunctions.engine.state import Visit, compact
from lakeshift.local.stepfunctions.language.choice import holds, instant_of
from lakeshift.local.stepfunctions.language.expressions import fill_jsonata
from lakeshift.local.stepfunctions.language.failure import StateFailure

__all__ = ["choice", "fail", "pass_through", "succeed", "wait"]

Left = tuple[Any, str | None]


def pass_through(visit: Visit) -> Left:
    """https://docs.aws.amazon.com/step-functions/latest/dg/state-pass.html."""
    definition, following = visit.definition, visit.definition.get("Next")
    if visit.jsonata:
        visit.assign(definition, visit.input)
        return visit.output(definition, visit.input), following
    given = visit.chosen("InputPath", visit.input)
    result = visit.template("Parameters", given) if "Parameters" in definition else given
    result = definition.get("Result", result)
    visit.assign(definition, result)
    return visit.chosen("OutputPath", visit.placed(result, definition)), following


def succeed(visit: Visit) -> Left:
    """https://docs.aws.amazon.com/step-functions/latest/dg/state-succeed.html."""
    if visit.jsonata:
        return visit.output(visit.definition, visit.input), None
    return visit.chosen("OutputPath", visit.chosen("InputPath", visit.input)), None


def fail(visit: Visit) -> Left:
    """Raises StateFailure: https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html."""
    raise StateFailure(_text(visit, "Error"), _text(visit, "Cause"))


def _text(visit: Visit, name: str) -> str | None:
    value = visit.field(name)
    if value is not None and not isinstance(value, str):
        raise StateFailure("States.Runtime", f"{name} must be text, not {compact(value)}", field=name)
    return value


def wait(visit: Visit) -> Left:
    """https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html."""
    definition = visit.definition
    visit.scope.wait(_moment(visit))
    if visit.jsonata:
        visit.assign(definition, visit.input)
        return visit.output(definition, visit.input), definition.get("Next")
    given = visit.chosen("InputPath", visit.input)
    visit.assign(definition, given)
    return visit.chosen("OutputPath", given), definition.get("Next")


def _moment(visit: Visit) -> Any:
    if "Seconds" in visit.definition or "SecondsPath" in visit.definition:
        seconds = visit.field("Seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 <= seconds <= 99_999_999:
            cause = f"Seconds must be a whole number from 0 to 99999999, not {compact(seconds)}"
            raise StateFailure("States.Runtime", cause, field="Seconds")
        return clock.now() + timedelta(seconds=seconds)
    text = visit.field("Timestamp")
    moment = instant_of(text)
    if moment is None:
        cause = f"The Timestamp parameter does not reference a valid ISO-8601 extended offset date-time format string: {compact(text)}"  # noqa: E501
        raise StateFailure("States.Runtime", cause, field="Timestamp")
    return moment


def choice(visit: Visit) -> Left:
    """https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html."""
    definition = visit.definition
    given = visit.input if visit.jsonata else visit.chosen("InputPath", visit.input)
    rule = next((rule for rule in definition["Choices"] if _holds(visit, rule, given)), None)
    if rule is None and "Default" not in definition:
        cause = "Failed to transition out of the state. The state does not point to a next state."
        raise StateFailure("States.NoChoiceMatched", cause, field="Choices")
    used = rule if rule is not None else {**definition, "Next": definition["Default"]}
    visit.assign(used, given)
    if visit.jsonata:
        return visit.output(used, visit.input), used["Next"]
    return visit.chosen("OutputPath", given), used["Next"]


def _holds(visit: Visit, rule: dict[str, Any], given: Any) -> bool:
    if not visit.jsonata:
        return holds(rule, visit.data(given))
    value = fill_jsonata(rule["Condition"], visit.bindings(), "Condition")
    if not isinstance(value, bool):
        cause = f"The JSONata expression for the field 'Condition' must give true or false, not {compact(value)}"
        raise StateFailure("States.QueryEvaluationError", cause, field="Condition")
    return value
