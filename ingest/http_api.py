"""An HTTP API with pages as a source: by link, page number, offset or cursor; stopped anywhere, it goes on there."""

from __future__ import annotations

import email.utils
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from ingest.batch import Page
from ingest.retry import Retry, line_verdict
from ingest.rows import to_line

__all__ = ["Answer", "ApiError", "ApiSource", "StatusError", "fetch"]

_TIMEOUT: Final = 30.0
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_LINK: Final = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?', re.IGNORECASE)

Paging = Literal["link", "page", "offset", "cursor"]


class ApiError(RuntimeError):
    """The API answered otherwise than agreed; the text names address and cause."""


class StatusError(ApiError):
    """An HTTP status that is no success; ``wait`` is what Retry-After asks for, in seconds."""

    def __init__(self, url: str, status: int, wait: float) -> None:
        super().__init__(f"{url} answered HTTP {status}")
        self.status, self.wait = status, wait


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer."""

    body: bytes
    link: str | None = None


Fetch = Callable[[str, Mapping[str, str]], Answer]


def fetch(url: str, headers: Mapping[str, str]) -> Answer:
    """One GET; raises StatusError, OSError, http.client.IncompleteRead for a body that ended early."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ApiError(f"{url!r} is no http address.")
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - the scheme is checked above
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            return Answer(answer.read(), answer.headers.get("Link"))
    except urllib.error.HTTPError as error:
        with error:
            raise StatusError(url, error.code, _seconds(error.headers.get("Retry-After"))) from error


def _seconds(text: str | None) -> float:
    """Of a Retry-After header, which holds seconds or a date."""
    if text is None:
        return 0.0
    if text.strip().isdigit():
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _verdict(error: Exception) -> float | None:
    if isinstance(error, StatusError):
        return error.wait if error.status in _AGAIN else None
    return line_verdict(error)


@dataclass(frozen=True, slots=True)
class ApiSource:
    """``items`` and ``following`` are dotted paths into an answer; an empty ``items`` means the answer is the list.

    ``parameter`` is the query parameter of page, offset or cursor; ``size`` the limit of a page with ``limit``.
    With ``keeps_place`` (offset, cursor) the next run goes on after the last record of this one, else it begins anew.
    """

    name: str
    url: str
    paging: Paging = "link"
    items: str = "items"
    following: str = "next"
    parameter: str = "page"
    limit: str = "limit"
    size: int = 100
    headers: Mapping[str, str] = field(default_factory=dict)
    keeps_place: bool = False
    fetch: Fetch = fetch
    retry: Retry = field(default_factory=Retry)
    resumes: bool = True

    def pages(self, position: Any) -> Iterator[Page]:
        """Each answer is a page. Raises ApiError, GaveUpError; records that are no objects are left to the rules."""
        at = self._start() if position is None else position
        seen: set[str] = set()
        ended = False
        while not ended:
            url = self._address(at)
            if url in seen:
                raise ApiError(f"{self.url} leads back to {url}: its paging goes in a circle.")
            seen.add(url)
            answer, document = self._get(url)
            items = self._items(url, document)
            following = self._next(at, url, items, document, answer)
            ended = following is None or (self.paging == "cursor" and not items)
            kept = self._kept(at, following, items) if ended else following
            yield Page([to_line(item) for item in items], kept, ended)
            at = following

    def _start(self) -> Any:
        return {"link": self.url, "page": 1, "offset": 0, "cursor": ""}[self.paging]

    def _address(self, at: Any) -> str:
        if self.paging == "link":
            return str(at)
        asked = {self.limit: self.size} if self.limit and self.paging != "page" else {}
        if at != "":
            asked[self.parameter] = at
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *asked.items()])))

    def _get(self, url: str) -> tuple[Answer, Any]:
        """An answer that is no JSON is tried again: it may have been cut off."""

        def get() -> tuple[Answer, Any]:
            answer = self.fetch(url, self.headers)
            try:
                return answer, json.loads(answer.body)
            except ValueError as error:
                raise OSError(f"{url} gave no JSON: {error}") from error

        return self.retry.run(f"Fetching {url}", get, _verdict)

    def _items(self, url: str, document: Any) -> list[Any]:
        found = _inside(document, self.items)
        if not isinstance(found, list):
            raise ApiError(f"{url} has no list at {self.items!r} but {str(document)[:80]!r}.")
        return found

    def _next(self, at: Any, url: str, items: list[Any], document: Any, answer: Answer) -> Any:
        if self.paging == "offset":
            return at + len(items) if len(items) >= self.size else None
        if self.paging == "link":
            return self._linked(url, document, answer)
        told = _inside(document, self.following)
        return told if told not in (None, "", False) else None

    def _linked(self, url: str, document: Any, answer: Answer) -> str | None:
        found = _LINK.search(answer.link or "")
        target = found[1] if found else _inside(document, self.following)
        if not target:
            return None
        absolute = urljoin(url, str(target))
        if urlsplit(absolute)[:2] != urlsplit(self.url)[:2]:  # headers hold secrets: no other host gets them
            raise ApiError(f"{url} leads to {absolute}, which is another host.")
        return absolute

    def _kept(self, at: Any, following: Any, items: list[Any]) -> Any:
        """Where the next run begins; None for the start."""
        if not self.keeps_place:
            return None
        if self.paging == "offset":
            return at + len(items)
        if self.paging == "cursor" and (following is not None or not items):
            return at if following is None else following
        raise ApiError(f"{self.url} told no place to go on from after its last page. Load it anew each time.")


def _inside(document: Any, path: str) -> Any:
    for name in path.split(".") if path else []:
        document = document.get(name) if isinstance(document, dict) else None
    return document
