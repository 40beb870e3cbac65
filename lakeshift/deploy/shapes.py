"""Texts to the numbers and truth values that a call's parameters are, as CloudFormation does it.

A parameter of a stage is always a text, and ``!Ref`` of it stays one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

__all__ = ["shaped"]

_TRUTH: Final = {"true": True, "false": False}
_NUMBERS: Final[dict[str, Callable[[str], int | float]]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
}


def shaped(value: Any, shape: Any) -> Any:
    """``value`` as botocore's ``shape`` has it; what does not fit stays as it is, for botocore to refuse by name."""
    if shape.type_name == "structure" and isinstance(value, dict):
        members = shape.members
        return {key: shaped(one, members[key]) if key in members else one for key, one in value.items()}
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: shaped(one, shape.value) for key, one in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [shaped(one, shape.member) for one in value]
    return _scalar(value, shape.type_name)


def _scalar(value: Any, kind: str) -> Any:
    if isinstance(value, str) and kind == "boolean":
        return _TRUTH.get(value.lower(), value)
    if isinstance(value, str) and kind in _NUMBERS:
        try:
            return _NUMBERS[kind](value)
        except ValueError:
            return value
    if kind == "string" and isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value
