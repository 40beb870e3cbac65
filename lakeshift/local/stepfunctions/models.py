"""The API models of services: which parameters an action has, and how Step Functions writes their names.

Parameters and results are PascalCase in a definition, whatever the API's own casing is.
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import functools
import json
import re
from typing import Any, Final

import botocore.session
from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StringShape, StructureShape

from lakeshift.local.stepfunctions.names import boto_service

__all__ = ["actions", "operation", "pascal", "request", "response"]

_WORDS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+|\d+")


@functools.cache
def actions(service: str) -> dict[str, str]:
    """boto3's method name to the API's operation name."""
    model = botocore.session.get_session().get_service_model(boto_service(service))
    return {xform_name(name): name for name in model.operation_names}


@functools.cache
def operation(service: str, action: str) -> OperationModel:
    """The model of ``startJobRun`` of ``glue``."""
    model = botocore.session.get_session().get_service_model(boto_service(service))
    return model.operation_model(actions(service)[xform_name(action)])


@functools.lru_cache(maxsize=4096)
def pascal(name: str) -> str:
    """``executionArn`` is ``ExecutionArn``, ``DBName`` is ``DbName``."""
    return "".join(word[0].upper() + word[1:].lower() for word in _WORDS.findall(name))


def request(parameters: dict[str, Any], shape: Shape | None, problems: list[str]) -> dict[str, Any]:
    """Parameters for boto3; what the action does not have or lacks is added to ``problems`` in AWS's words."""
    members = shape.members if isinstance(shape, StructureShape) else {}
    names = {pascal(name): name for name in members} | {name: name for name in members if name[0].isupper()}
    made: dict[str, Any] = {}
    for key, value in parameters.items():
        name = names.get(key)
        if name is None:
            problems.append(f'The field "{key}" is not supported by Step Functions')
        else:
            made[name] = _given(value, members[name], problems)
    required = shape.required_members if isinstance(shape, StructureShape) else []
    problems += [f'The field "{pascal(name)}" is required but was missing' for name in required if name not in made]
    return made


def _given(value: Any, shape: Shape, problems: list[str]) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, dict) and not shape.metadata.get("document"):
        return request(value, shape, problems)
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_given(item, shape.member, problems) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: _given(item, shape.value, problems) for key, item in value.items()}
    if isinstance(shape, StringShape) and not isinstance(value, str) and value is not None:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if shape.type_name == "blob" and not isinstance(value, bytes):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return value


def response(value: Any, shape: Shape | None) -> Any:
    """A result with the members of its structures in PascalCase, at every depth."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = shape.members
        return {
            (pascal(key) if key in members else key): response(inner, members.get(key)) for key, inner in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [response(inner, shape.member) for inner in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: response(inner, shape.value) for key, inner in value.items()}
    return value
