"""One reason to refuse a definition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Problem", "objects", "schema", "whole"]


@dataclass(frozen=True, slots=True)
class Problem:
    """AWS's diagnostic code, its text, and where (``/States/Clean/Next``)."""

    code: str
    message: str
    location: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {self.location}"


def schema(message: str, location: str) -> Problem:
    """A problem of shape."""
    return Problem("SCHEMA_VALIDATION_FAILED", message, location or "/")


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of an array; none where it is no array."""
    return [inner for inner in value if isinstance(inner, dict)] if isinstance(value, list) else []


def whole(value: Any, least: int) -> bool:
    """Whether the value is a whole number of at least ``least``."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
