"""Retry and Catch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lakeshift.local.stepfunctions.rules.problem import Problem, schema, whole

__all__ = ["handlers"]

# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
_RESERVED: Final = frozenset(
    {
        "States.ALL",
        "States.BranchFailed",
        "States.DataLimitExceeded",
        "States.ExceedToleratedFailureThreshold",
        "States.HeartbeatTimeout",
        "States.Http.Socket",
        "States.IntrinsicFailure",
        "States.ItemReaderFailed",
        "States.NoChoiceMatched",
        "States.ParameterPathFailure",
        "States.Permissions",
        "States.QueryEvaluationError",
        "States.ResultPathMatchFailure",
        "States.ResultWriterFailed",
        "States.Runtime",
        "States.TaskFailed",
        "States.Timeout",
    }
)
_RETRIER: Final = frozenset(
    {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"}
)
_CATCHER: Final[dict[str, frozenset[str]]] = {
    "JSONPath": frozenset({"ErrorEquals", "Next", "ResultPath", "Assign", "Comment"}),
    "JSONata": frozenset({"ErrorEquals", "Next", "Output", "Assign", "Comment"}),
}
_LONGEST: Final = 31_622_400  # seconds of MaxDelaySeconds


def handlers(definition: dict[str, Any], kind: str, query: str, at: str) -> Iterator[Problem]:
    """Retry and Catch: ErrorEquals is there, its names are known where reserved, States.ALL alone and last."""
    if kind not in ("Task", "Parallel", "Map"):
        return
    for field in ("Retry", "Catch"):
        rules = definition.get(field, [])
        if not isinstance(rules, list):
            yield schema(f"{field} must be an array", f"{at}/{field}")
            continue
        for index, rule in enumerate(rules):
            place = f"{at}/{field}[{index}]"
            if not isinstance(rule, dict):
                yield schema(f"A rule of {field} is an object", place)
                continue
            yield from _errors(rule, place, last=index == len(rules) - 1)
            known = _RETRIER if field == "Retry" else _CATCHER[query]
            for name in rule.keys() - known:
                yield schema(f"Field '{name}' is not supported", f"{place}/{name}")
            if field == "Retry":
                yield from _retrier(rule, place)


def _errors(rule: dict[str, Any], place: str, *, last: bool) -> Iterator[Problem]:
    errors = rule.get("ErrorEquals")
    if not isinstance(errors, list) or not errors:
        yield schema("ErrorEquals must be an array with at least one name", f"{place}/ErrorEquals")
    elif "States.ALL" in errors and (len(errors) > 1 or not last):
        yield schema("States.ALL must stand alone and last", f"{place}/ErrorEquals")
    elif unknown := [one for one in errors if str(one).startswith("States.") and one not in _RESERVED]:
        yield schema(f"{unknown[0]} is no error of Step Functions", f"{place}/ErrorEquals")


def _retrier(rule: dict[str, Any], place: str) -> Iterator[Problem]:
    interval, most, rate = rule.get("IntervalSeconds", 1), rule.get("MaxAttempts", 3), rule.get("BackoffRate", 2.0)
    if not whole(interval, 1):
        yield schema("IntervalSeconds must be a positive integer", f"{place}/IntervalSeconds")
    if not whole(most, 0) or most > 99_999_999:
        yield schema("MaxAttempts must be a whole number up to 99999999", f"{place}/MaxAttempts")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or rate < 1:
        yield schema("BackoffRate must be a number of at least 1", f"{place}/BackoffRate")
    longest = rule.get("MaxDelaySeconds", _LONGEST - 1)
    if not whole(longest, 1) or not (longest < _LONGEST and whole(interval, 1) and longest > interval):
        yield schema(f"MaxDelaySeconds must be above IntervalSeconds and below {_LONGEST}", f"{place}/MaxDelaySeconds")
    if rule.get("JitterStrategy", "NONE") not in ("FULL", "NONE"):
        yield schema("JitterStrategy must be FULL or NONE", f"{place}/JitterStrategy")
