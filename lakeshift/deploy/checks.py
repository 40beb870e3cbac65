"""What is wrong in a stage, beyond what a definition's own shape tells, before anything is sent; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lakeshift.definitions import Problem, Resource, Value
from lakeshift.deploy.crawler_checks import crawler_problems
from lakeshift.deploy.project import Project

__all__ = ["problems_of"]


def problems_of(project: Project) -> list[Problem]:
    """Problems of crawlers, triggers, and files that are named but not deployed; in no order."""
    problems = crawler_problems(project.stack)
    for one in project.stack:
        texts = list(_missing_files(one, project))
        if one.type == "AWS::Glue::Trigger":
            texts += _trigger(one.properties)
        problems += [Problem(one.file, one.line, f"{one.logical_id}: {text}") for text in texts]
    return problems


def _missing_files(resource: Resource, project: Project) -> Iterator[str]:
    """Scripts and wheels that a property names below the code's prefix and that are not there."""
    prefix = f"{project.code.prefix}/"
    there = {one.path for one in project.code.artefacts}
    for text in _texts(dict(resource.properties)):
        for place in text.split(","):
            path = place.strip().removeprefix(prefix)
            if place.strip().startswith(prefix) and path not in there:
                folder = path.rpartition("/")[0]
                known = sorted(one for one in there if one.rpartition("/")[0] == folder)
                yield f"there is no file {path}; {folder}/ has {', '.join(known) or 'none'}."


def _texts(value: Value | Mapping[str, Value]) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)


def _trigger(given: Mapping[str, Any]) -> Iterator[str]:
    """https://docs.aws.amazon.com/glue/latest/dg/about-triggers.html."""
    kind = given["Type"]
    needed = {"SCHEDULED": "Schedule", "CONDITIONAL": "Predicate"}.get(kind)
    if needed and needed not in given:
        yield f"a trigger of the type {kind} needs {needed}."
    if kind == "EVENT" and "WorkflowName" not in given:
        yield "a trigger of the type EVENT starts a workflow: it needs WorkflowName."
    for other, owner in (("Schedule", "SCHEDULED"), ("Predicate", "CONDITIONAL"), ("EventBatchingCondition", "EVENT")):
        if other in given and kind != owner:
            yield f"{other} belongs to triggers of the type {owner}, not {kind}."
    actions = _names(given.get("Actions"))
    both = sorted(actions & _names((given.get("Predicate") or {}).get("Conditions")))
    if both:
        yield f"{', '.join(both)} is both what it waits for and what it starts: it would start itself for ever."


def _names(listed: Any) -> set[str]:
    names = (one.get("JobName") or one.get("CrawlerName") for one in listed or [] if isinstance(one, dict))
    return {name for name in names if isinstance(name, str)}
