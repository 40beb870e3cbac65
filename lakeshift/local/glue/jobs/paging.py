"""Pages that stay right while rows are added at the front."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from lakeshift.local.glue.jobs.errors import InvalidInputError

__all__ = ["page"]

T = TypeVar("T")


def page(
    rows: Sequence[T], key: Callable[[T], str], token: str | None, limit: int | None, most: int = 200
) -> tuple[list[T], str | None]:
    """Up to ``limit`` rows after the row that ``token`` names, and the token of the next page or None.

    Raises InvalidInputError for a limit outside 1 to ``most`` or a token that no page gave.
    """
    if limit is not None and not 1 <= limit <= most:
        raise InvalidInputError(f"MaxResults {limit} is out of range: 1 to {most}.")
    size = limit or most
    start = 0 if token is None else _position(rows, key, token) + 1
    chosen = list(rows[start : start + size])
    more = start + size < len(rows)
    return chosen, _token(key(chosen[-1])) if more and chosen else None


def _token(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _position(rows: Sequence[T], key: Callable[[T], str], token: str) -> int:
    try:
        last = base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, ValueError):
        last = ""
    for position, row in enumerate(rows):
        if key(row) == last:
            return position
    raise InvalidInputError("The pagination token is not valid.")
