"""JSON documents inside properties, brought to one form so that equal ones compare as equal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

from lakeshift.definitions import Deferred

__all__ = ["as_text", "moment", "parsed", "policy"]

_LISTS: Final = ("Action", "NotAction", "Resource", "NotResource")


def parsed(document: Any) -> Any:
    """A JSON text as what it says; everything else, and a text that is not JSON, as it is."""
    if isinstance(document, Deferred):
        return document
    if isinstance(document, str):
        try:
            return json.loads(document)
        except ValueError:
            return document
    return document


def as_text(document: Any) -> str:
    """A document as JSON text."""
    return document if isinstance(document, str) else json.dumps(document)  # true is the text true


def policy(document: Any) -> Any:
    """A policy with its lists in order and single values as lists, as IAM reads both the same.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    read = parsed(document)
    if not isinstance(read, dict):
        return read
    statements = read.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return {**read, "Statement": [_statement(one) for one in listed]}


def _statement(statement: Any) -> Any:
    if not isinstance(statement, dict):
        return statement
    found = {key: _listed(value) if key in _LISTS else value for key, value in statement.items()}
    principal = found.get("Principal")
    if isinstance(principal, dict):
        found["Principal"] = {key: _listed(value) for key, value in principal.items()}
    return found


def _listed(value: Any) -> list[Any]:
    return sorted(value if isinstance(value, list) else [value], key=str)


def moment(value: Any) -> Any:
    """A time as ISO-8601 in UTC, whether a text or what the SDK makes of one."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return value
    if not isinstance(value, datetime):
        return value
    zoned = value if value.tzinfo else value.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).isoformat()
