"""Pages of a listing, by NextToken and MaxResults."""

from __future__ import annotations

import base64
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from moto.glue.exceptions import InvalidInputException

__all__ = ["page", "page_by"]

_T = TypeVar("_T")


def page(
    items: Sequence[_T], parameters: Mapping[str, Any], size: int = 100, most: int = 1000
) -> tuple[Sequence[_T], str | None]:
    """The page that the request asks for, and the token of the next one.

    ``size`` is the default of MaxResults, ``most`` its limit. Raises InvalidInputException.
    """
    start = _offset(parameters.get("NextToken"))
    end = start + _limit(parameters, size, most)
    return items[start:end], _token(f"offset:{end}") if end < len(items) else None


def page_by(
    key: Callable[[_T], list[Any]],
    items: Iterable[_T],
    parameters: Mapping[str, Any],
    size: int = 100,
    most: int = 1000,
) -> tuple[list[_T], str | None]:
    """As ``page``, in the order of ``key`` (of what JSON can write), and right while items come and go between pages.

    The token is the key of the last item told, so what is added or removed before it skips and repeats nothing.
    """
    limit = _limit(parameters, size, most)
    ordered = sorted(items, key=key)
    last = _last_key(parameters.get("NextToken"))
    start = 0
    if last is not None:
        try:
            start = bisect_right(ordered, last, key=key)
        except TypeError:
            raise _invalid(parameters["NextToken"]) from None
    found = ordered[start : start + limit]
    more = start + limit < len(ordered)
    return found, _token(json.dumps(key(found[-1]))) if more else None


def _limit(parameters: Mapping[str, Any], size: int, most: int) -> int:
    limit: int | None = parameters.get("MaxResults")
    if limit is not None and not 1 <= limit <= most:
        raise InvalidInputException("", f"MaxResults must be from 1 to {most}, not {limit}.")
    return limit or size


def _last_key(token: str | None) -> list[Any] | None:
    if not token:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        raise _invalid(token) from None
    if not isinstance(found, list):
        raise _invalid(token)
    return found


def _invalid(token: str) -> InvalidInputException:
    return InvalidInputException("", f"Invalid NextToken: {token}")


def _token(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        if word == "offset":
            return int(number)
    except ValueError:
        pass
    raise _invalid(token)
