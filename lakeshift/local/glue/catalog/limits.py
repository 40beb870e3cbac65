"""Lengths that the API's model allows."""

from __future__ import annotations

from collections.abc import Sized

from moto.glue.exceptions import GlueClientError, InvalidInputException

__all__ = ["at_most", "folded"]


def at_most(given: Sized, most: int, member: str) -> None:
    """ValidationException, in AWS's words, where a list is too long."""
    if len(given) > most:
        raise GlueClientError(
            "ValidationException",
            f"1 validation error detected: Value at '{member}' failed to satisfy constraint: "
            f"Member must have length less than or equal to {most}",
        )


def folded(name: str | None) -> str:
    """A database's or table's name as Glue stores it: lower case; InvalidInputException where it is missing."""
    if not name or len(name) > 255:
        raise InvalidInputException("", "Name must be from 1 to 255 characters long.")
    return name.lower()
