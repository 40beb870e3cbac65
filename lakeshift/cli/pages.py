"""Every item of a listing, whatever the size of its pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["every"]


def every(client: Any, operation: str, key: str, **given: Any) -> Iterator[Any]:
    """The items under ``key`` of all pages of a boto3 ``client``'s ``operation``, called with ``given``.

    botocore has no paginator for some listings (Glue's ListCrawls): their ``NextToken`` is followed.
    """
    if client.can_paginate(operation):
        for page in client.get_paginator(operation).paginate(**given):
            yield from page.get(key, [])
        return
    call, more = getattr(client, operation), dict(given)
    while True:
        page = call(**more)
        yield from page.get(key, [])
        if not page.get("NextToken"):
            return
        more["NextToken"] = page["NextToken"]
