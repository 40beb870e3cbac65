"""The resource of a Task state, and the parameters that its action takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lakeshift.local.stepfunctions import models
from lakeshift.local.stepfunctions.resources import Resource, resource_problem
from lakeshift.local.stepfunctions.rules.problem import Problem, schema

__all__ = ["task_fields"]


def task_fields(definition: dict[str, Any], query: str, at: str, *, express: bool) -> Iterator[Problem]:
    """The resource can be called here, by this type of machine, with these parameters."""
    arn = definition.get("Resource")
    if not isinstance(arn, str):
        return
    if said := resource_problem(arn):
        yield schema(said, f"{at}/Resource")
        return
    if ":activity:" in arn:
        if express:
            yield schema("Express state machine does not support Activity ARN", f"{at}/Resource")
        return
    resource = Resource.of(arn)
    if express and resource.pattern:
        yield schema(
            f"Express state machine does not support '.{resource.pattern}' service integration", f"{at}/Resource"
        )
    field = "Arguments" if query == "JSONata" else "Parameters"
    given = definition.get(field)
    if isinstance(given, dict):
        for message in _parameters(resource, given):
            yield schema(message, f"{at}/{field}")


def _parameters(resource: Resource, given: dict[str, Any]) -> list[str]:
    """What the action does not take, and what it needs besides."""
    found: list[str] = []
    shape = models.operation(resource.service, resource.action).input_shape
    plain = {key.removesuffix(".$"): None for key in given}
    if resource.service == "states" and resource.optimized:
        plain.setdefault("Input", None)
    models.request(plain, shape, found)
    return found
