"""Pages of a listing, by NextToken and MaxResults."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from moto.glue.exceptions import InvalidInputException

__all__ = ["page"]

_T = TypeVar("_T")


def page(
    items: Sequence[_T], parameters: Mapping[str, Any], size: int = 100, most: int = 1000
) -> tuple[Sequence[_T], str | None]:
    """The page that the request asks for, and the token of the next one.

    ``size`` is the default of MaxResults, ``most`` its limit. Raises InvalidInputException.
    """
    limit = parameters.get("MaxResults")
    if limit is not None and not 1 <= limit <= most:
        raise InvalidInputException("", f"MaxResults must be from 1 to {most}, not {limit}.")
    start = _offset(parameters.get("NextToken"))
    end = start + (limit or size)
    return items[start:end], _token(end) if end < len(items) else None


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"offset:{offset}".encode()).decode()


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        if word == "offset":
            return int(number)
    except ValueError:
        pass
    raise InvalidInputException("", f"Invalid NextToken: {token}")
