"""Whether a definition may follow on the versions before it.

https://docs.aws.amazon.com/glue/latest/dg/schema-registry.html#schema-registry-compatibility
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.glue.jobs.errors import NotSupportedError
from lakeshift.local.glue.registry.avro import can_read, fault

__all__ = ["definition_fault", "may_follow"]

_PAGE: Final = "https://docs.aws.amazon.com/glue/latest/dg/schema-registry.html"


def definition_fault(data_format: str, definition: str) -> str | None:
    """Why ``definition`` is no schema of the format; None where it is one.

    Raises NotSupportedError for Protocol Buffers, which nothing here can read.
    """
    if data_format == "PROTOBUF":
        raise NotSupportedError(
            NotSupportedLocallyError("Checking a PROTOBUF schema", "Check it with protoc, or use AVRO or JSON.", _PAGE)
        )
    try:
        schema = json.loads(definition)
    except ValueError as error:
        return f"{data_format} schema is not valid JSON: {error}"
    if data_format == "AVRO":
        return fault(schema)
    return None if isinstance(schema, (dict, bool)) else "A JSON schema is an object."


def may_follow(data_format: str, compatibility: str, definition: str, before: Sequence[str]) -> bool:
    """Whether ``definition`` keeps ``compatibility`` with the versions ``before`` it, oldest first.

    Raises NotSupportedError for a format whose compatibility nothing here can judge.
    """
    if compatibility in ("NONE", "DISABLED") or not before:
        return True
    if data_format != "AVRO":
        instead = "Use compatibility NONE, or AVRO."
        raise NotSupportedError(
            NotSupportedLocallyError(f"Compatibility {compatibility} of {data_format} schemas", instead, _PAGE)
        )
    rule, _, every = compatibility.partition("_")
    new = json.loads(definition)
    for old in map(json.loads, before if every else before[-1:]):
        if rule in ("BACKWARD", "FULL") and not can_read(new, old):
            return False
        if rule in ("FORWARD", "FULL") and not can_read(old, new):
            return False
    return True
