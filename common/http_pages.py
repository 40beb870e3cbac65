"""Pages of a JSON API over HTTP, with retries; standard library only, as a Python shell job needs it."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["SourceDownError", "get_json", "pages"]

_ATTEMPTS = 5
_TIMEOUT = 20.0
_WORTH_A_RETRY = (408, 429, 500, 502, 503, 504)

Fetch = Callable[[str], Any]


class SourceDownError(RuntimeError):
    """The source did not answer, or not with what was agreed; the text names the address and the cause."""


def get_json(url: str, pause: Callable[[float], None] = time.sleep) -> Any:
    """The JSON document at ``url``; up to 5 attempts with growing pauses. Raises SourceDownError."""
    if not url.startswith(("http://", "https://")):
        raise SourceDownError(f"{url!r} is no http address; see the stage's parameter AirportsApiUrl.")
    cause = ""
    for attempt in range(_ATTEMPTS):
        if attempt:
            pause(0.2 * 2**attempt)
        try:
            with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:  # noqa: S310 - the scheme is checked above
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            error.close()
            cause = f"HTTP {error.code}"
            if error.code not in _WORTH_A_RETRY:
                break
        except (OSError, ValueError) as error:
            cause = str(error)
    raise SourceDownError(f"{url} gave no usable answer ({cause}); nothing was written. Run the stage again later.")


def pages(url: str, fetch: Fetch = get_json) -> Iterator[list[dict[str, Any]]]:
    """The ``items`` of ``{url}?page=1`` and every page its ``next_page`` leads to.

    Raises SourceDownError for an answer of another shape and for pages that lead in a circle.
    """
    page: int | None = 1
    seen: set[int] = set()
    while page is not None:
        if page in seen:
            raise SourceDownError(f"{url} leads back to page {page}: its paging goes in a circle.")
        seen.add(page)
        answer = fetch(f"{url}?page={page}")
        if not isinstance(answer, dict) or not isinstance(answer.get("items"), list):
            raise SourceDownError(f"{url}?page={page} is not {{items, next_page}} but {str(answer)[:80]!r}.")
        yield answer["items"]
        page = answer.get("next_page")
