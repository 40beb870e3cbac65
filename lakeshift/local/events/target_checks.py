"""What PutTargets refuses. Pure.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.events.shape import PathError, value_at
from lakeshift.local.events.targets import check

__all__ = ["MOST_TARGETS", "objection"]

MOST_TARGETS: Final = 5  # of one rule
_INPUTS: Final = ("Input", "InputPath", "InputTransformer")
_ROLE: Final = ("states", "kinesis", "firehose", "glue", "redshift", "redshift-serverless")


def objection(target: Mapping[str, Any]) -> str | None:
    """Why the target cannot be put on a rule; None where it can."""
    return next(_objections(target), None)


def _objections(target: Mapping[str, Any]) -> Iterator[str]:
    arn, name = str(target.get("Arn", "")), target.get("Id")
    if arn.count(":") < 5 or not arn.startswith("arn:"):
        yield f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
        return
    try:
        check(arn)
    except NotSupportedLocallyError as refused:
        yield str(refused)
    if arn.split(":")[2] in _ROLE and not target.get("RoleArn"):
        yield f"RoleArn is required for target {arn}."
    if sum(one in target for one in _INPUTS) > 1:
        yield f"Only one of Input, InputPath, or InputTransformer must be provided for target {name}."
    yield from _input_objections(target)
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if queue and (":sqs:" not in queue or queue.endswith(".fifo")):
        yield f"Parameter DeadLetterConfig.Arn is not valid for target {name}. Reason: it must be a standard SQS queue."
    if ":redshift" in arn and not (target.get("RedshiftDataParameters") or {}).get("Database"):
        yield f"Parameter(s) RedshiftDataParameters must be specified for target: {name}."


def _input_objections(target: Mapping[str, Any]) -> Iterator[str]:
    name, transformer = target.get("Id"), target.get("InputTransformer") or {}
    if "Input" in target and not _is_json(target["Input"]):
        yield f"JSON syntax error in input for target {name}."
    for path in (target.get("InputPath"), *(transformer.get("InputPathsMap") or {}).values()):
        if path is not None and not _is_path(path):
            yield f"Parameter InputPath is not valid for target {name}: {path!r}."
    for key in transformer.get("InputPathsMap") or {}:
        if key.lower().startswith("aws"):
            yield f"Invalid InputTransformer for target {name} : {key} is reserved: a name must not start with AWS."
    if "InputTransformer" in target and not transformer.get("InputTemplate"):
        yield f"Invalid InputTransformer for target {name} : InputTemplate is required."


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _is_path(path: str) -> bool:
    try:
        value_at(path, {})
    except PathError:
        return False
    return True
