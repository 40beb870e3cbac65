"""What a target is sent: the event, a part of it, a constant, or a template filled from it. Pure.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["PathError", "body", "value_at"]

_STEP: Final = re.compile(r"""\.([A-Za-z0-9_\-]+)|\[(\d+)\]|\['([^']+)'\]|\["([^"]+)"\]""")
_TOKEN: Final = re.compile(r'\\.|"|<([A-Za-z0-9._\-]+)>', re.DOTALL)
_MISSING: Final = object()


class PathError(ValueError):
    """The text is no path of the form ``$.a.b[0]``."""


def value_at(path: str, document: Any, default: Any = None) -> Any:
    """The value at a path such as ``$.detail.object.key``, or ``default``; raises PathError."""
    value = document
    for step in _steps(path):
        value = _child(value, step)
        if value is _MISSING:
            return default
    return value


def _steps(path: str) -> list[str | int]:
    if not path.startswith("$"):
        raise PathError(f"{path!r} does not start with $.")
    at, steps = 1, list[str | int]()
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise PathError(f"{path!r} is no path of names and indexes: see {path[at:]!r}.")
        name, index, *quoted = step.groups()
        steps.append(int(index) if index is not None else name or quoted[0] or quoted[1])
        at = step.end()
    return steps


def _child(value: Any, key: str | int) -> Any:
    if isinstance(key, int):
        return value[key] if isinstance(value, list) and key < len(value) else _MISSING
    return value.get(key, _MISSING) if isinstance(value, dict) else _MISSING


def body(target: Mapping[str, Any], event: dict[str, Any], rule_arn: str = "") -> str:
    """The text that the target gets for the event; raises PathError."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(value_at(target["InputPath"], event))
    if "InputTransformer" in target:
        transformer = target["InputTransformer"]
        paths = transformer.get("InputPathsMap") or {}
        values = {name: value_at(path, event, _MISSING) for name, path in paths.items()}
        return _fill(transformer["InputTemplate"], values | _reserved(event, rule_arn))
    return json.dumps(event)


def _reserved(event: dict[str, Any], rule_arn: str) -> dict[str, Any]:
    return {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        "aws.events.event.ingestion-time": event.get("ingestion-time", event.get("time")),
        "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
        "aws.events.event.json": event,
    }


def _fill(template: str, values: Mapping[str, Any]) -> str:
    """Inside a JSON string a value goes in as text, elsewhere as JSON; a name without a value is left out."""
    quoted = False

    def replace(token: re.Match[str]) -> str:
        nonlocal quoted
        if token.group() == '"':
            quoted = not quoted
        name = token.group(1)
        if name is None or name not in values:
            return token.group()
        return _inserted(values[name], quoted)

    return _TOKEN.sub(replace, template)


def _inserted(value: Any, quoted: bool) -> str:
    if value is _MISSING:
        return "" if quoted else "null"
    if not quoted:
        return json.dumps(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(text)[1:-1]
