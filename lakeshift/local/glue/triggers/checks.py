"""What CreateTrigger and UpdateTrigger refuse with InvalidInputException. Pure.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-trigger.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lakeshift.schedule import parse_cron

__all__ = ["objection"]

_JOB_STATES: Final = ("SUCCEEDED", "STOPPED", "FAILED", "TIMEOUT")
_CRAWL_STATES: Final = ("SUCCEEDED", "FAILED", "CANCELLED")
_MOST_CRAWLERS: Final = 2  # started by one trigger


def objection(given: Mapping[str, Any]) -> str | None:
    """Why the trigger is refused; None where it is not."""
    return next(_objections(given), None)


def _objections(given: Mapping[str, Any]) -> Iterator[str]:
    kind = given["Type"]
    if given.get("StartOnCreation") and kind in ("ON_DEMAND", "EVENT"):
        yield f"Start on creation is not supported for triggers of type {kind}"
    yield from _action_objections(given.get("Actions") or [])
    if kind == "SCHEDULED":
        yield from _schedule_objections(given.get("Schedule"))
    elif given.get("Schedule"):
        yield f"Schedule is not supported for triggers of type {kind}"
    if kind == "CONDITIONAL":
        yield from _predicate_objections(given.get("Predicate") or {}, given.get("Actions") or [])
    elif given.get("Predicate"):
        yield f"Predicate is not supported for triggers of type {kind}"
    if kind == "EVENT" and not given.get("WorkflowName"):
        yield "Triggers of type EVENT must belong to a workflow"
    if kind != "EVENT" and given.get("EventBatchingCondition"):
        yield f"Event batching condition is not supported for triggers of type {kind}"


def _action_objections(actions: list[Mapping[str, Any]]) -> Iterator[str]:
    if not actions:
        yield "Actions cannot be null or empty"
    for action in actions:
        if action.get("JobName") and action.get("CrawlerName"):
            yield "Both JobName and CrawlerName cannot be set together in an action"
        elif not action.get("JobName") and not action.get("CrawlerName"):
            yield "Either JobName or CrawlerName must be set in an action"
    if sum(1 for action in actions if action.get("CrawlerName")) > _MOST_CRAWLERS:
        yield f"A trigger can start at most {_MOST_CRAWLERS} crawlers"


def _schedule_objections(expression: str | None) -> Iterator[str]:
    if not expression:
        yield "Schedule cannot be null or empty for triggers of type SCHEDULED"
        return
    try:
        parse_cron(expression)
    except ValueError as error:
        yield f"Invalid schedule cron expression {expression}: {error}"


def _predicate_objections(predicate: Mapping[str, Any], actions: list[Mapping[str, Any]]) -> Iterator[str]:
    conditions = predicate.get("Conditions") or []
    if not conditions:
        yield "Predicate cannot be null or empty"
    if len(conditions) > 1 and not predicate.get("Logical"):
        yield "Logical cannot be null or empty if there is more than one condition"
    for condition in conditions:
        yield from _condition_objections(condition)
    for name in ("JobName", "CrawlerName"):
        watched = {condition.get(name) for condition in conditions} - {None}
        for action in actions:
            if action.get(name) in watched:
                yield f"{action[name]} cannot be both watched and started by a trigger"


def _condition_objections(condition: Mapping[str, Any]) -> Iterator[str]:
    if not condition.get("LogicalOperator"):
        yield "Logical operator cannot be null or empty"
    if bool(condition.get("JobName")) == bool(condition.get("CrawlerName")):
        yield "Either JobName or CrawlerName must be set in a condition"
    elif condition.get("JobName"):
        yield from _state_objections("State", condition, _JOB_STATES, "CrawlState")
    else:
        yield from _state_objections("CrawlState", condition, _CRAWL_STATES, "State")


def _state_objections(name: str, condition: Mapping[str, Any], known: tuple[str, ...], other: str) -> Iterator[str]:
    if not condition.get(name):
        yield f"{name} cannot be null or empty"
    elif condition[name] not in known:
        yield f"A trigger cannot watch for {name} {condition[name]}: it is one of {', '.join(known)}"
    if condition.get(other):
        yield f"{other} cannot be set in this condition"
