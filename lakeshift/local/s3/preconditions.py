"""Conditions on a copy's source and on a range. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

__all__ = ["failed_of_copy", "is_same"]

_PREFIX = "x-amz-copy-source-if-"


def failed_of_copy(headers: Mapping[str, Any], etag: str, modified: datetime) -> str | None:
    """The name of the condition that does not hold, or None.

    If-Match that holds outweighs If-Unmodified-Since, and If-None-Match that does not hold outweighs If-Modified-Since.
    """
    lower = {name.lower(): str(value) for name, value in headers.items()}
    match, none = lower.get(f"{_PREFIX}match"), lower.get(f"{_PREFIX}none-match")
    if match is not None and not _names(match, etag):
        return f"{_PREFIX}match"
    unmodified = _date(lower.get(f"{_PREFIX}unmodified-since"))
    if match is None and unmodified is not None and _whole(modified) > unmodified:
        return f"{_PREFIX}unmodified-since"
    if none is not None and _names(none, etag):
        return f"{_PREFIX}none-match"
    since = _date(lower.get(f"{_PREFIX}modified-since"))
    if none is None and since is not None and _whole(modified) <= since:
        return f"{_PREFIX}modified-since"
    return None


def is_same(condition: str, headers: Mapping[str, Any]) -> bool:
    """Whether If-Range (an ETag or a date) names the version whose response ``headers`` these are."""
    lower = {name.lower(): str(value) for name, value in headers.items()}
    if condition.startswith('"') or not condition.endswith("GMT"):
        return _names(condition, lower.get("etag", ""))
    modified, asked = _date(lower.get("last-modified")), _date(condition)
    return modified is not None and asked is not None and modified <= asked


def _names(condition: str, etag: str) -> bool:
    return condition.strip() == "*" or etag.strip('"') in [one.strip().strip('"') for one in condition.split(",")]


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None  # S3 passes over a date that it cannot read
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _whole(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).replace(microsecond=0)
