"""HTTP APIs and tables as sources: paging, retries, places, and what is refused."""

from __future__ import annotations

import http.client
import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.database import IncrementalKeyError, TableSource, to_json
from ingest.http_api import Answer, ApiError, ApiSource, StatusError
from ingest.retry import GaveUpError, Retry

URL = "https://api.example.com/airports"


class Api:
    """An API of ``count`` numbers in pages of three; ``fail`` gives the error of a request by its number, from 1."""

    def __init__(self, count: int = 7, fail: Callable[[int], Exception | None] = lambda _: None) -> None:
        self.items: list[Any] = [{"n": n} for n in range(count)]
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.fail = fail

    def __call__(self, url: str, headers: Mapping[str, str]) -> Answer:
        self.asked.append(url)
        self.headers.append(headers)
        failure = self.fail(len(self.asked))
        if failure is not None:
            raise failure
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        if "offset" in query:
            start = int(query["offset"])
            return Answer(json.dumps(self.items[start : start + int(query["limit"])]).encode())
        start = int(query.get("cursor") or 0) if "page" not in query else (int(query["page"]) - 1) * 3
        following = start + 3 if start + 3 < len(self.items) else None
        told = {"items": self.items[start : start + 3], "next": following and self.next(url, query, following)}
        link = f'<{URL}?link=1&cursor={following}>; rel="next"' if following and "link" in query else None
        return Answer(json.dumps(told).encode(), link)

    def next(self, url: str, query: Mapping[str, str], following: int) -> Any:
        if "page" in query:
            return int(query["page"]) + 1
        return following if "limit" in query else f"?cursor={following}"


def source(api: Api, paused: list[float] | None = None, **given: Any) -> ApiSource:
    pause = (lambda _: None) if paused is None else paused.append
    retry = Retry(attempts=4, first=1.0, pause=pause, chance=lambda: 1.0)
    return ApiSource(name="airports", fetch=api, retry=retry, **{"url": URL, "size": 3, **given})


PAGINGS: dict[str, dict[str, Any]] = {
    "a link in the answer": {"paging": "link"},
    "a link in the header": {"paging": "link", "url": f"{URL}?link=1", "following": "none"},
    "a page": {"paging": "page"},
    "an offset": {"paging": "offset", "items": "", "parameter": "offset"},
    "a cursor": {"paging": "cursor", "parameter": "cursor"},
}


@pytest.mark.parametrize("given", PAGINGS.values(), ids=PAGINGS)
@pytest.mark.parametrize("count", [0, 2, 3, 7])
def test_every_page_is_followed(given: dict[str, Any], count: int) -> None:
    pages = list(source(Api(count), **given).pages(None))
    assert [json.loads(line)["n"] for page in pages for line in page.lines] == list(range(count))
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]


@pytest.mark.parametrize("given", PAGINGS.values(), ids=PAGINGS)
def test_a_stopped_run_goes_on_from_its_place(given: dict[str, Any]) -> None:
    first = next(source(Api(), **given).pages(None))
    place = json.loads(json.dumps(first.position))
    rest = [json.loads(line)["n"] for page in source(Api(), **given).pages(place) for line in page.lines]
    assert rest == list(range(3, 7))


@pytest.mark.parametrize("kind", ["an offset", "a cursor"])
def test_a_place_that_is_kept_leads_to_what_came_since(kind: str) -> None:
    given, api = {**PAGINGS[kind], "keeps_place": True}, Always if kind == "a cursor" else Api
    *_, last = source(api(6), **given).pages(None)
    more = source(api(8), **given).pages(last.position)
    assert [json.loads(line)["n"] for page in more for line in page.lines] == [6, 7]


class Always(Api):
    """An API that tells a cursor also after its last item."""

    def __call__(self, url: str, headers: Mapping[str, str]) -> Answer:
        start = int(parse_qs(urlsplit(url).query).get("cursor", ["0"])[0])
        found = self.items[start : start + 3]
        return Answer(json.dumps({"items": found, "next": start + len(found)}).encode())


TEMPORARY = {
    "429 with a wait": (StatusError(URL, 429, 7.0), 7.0),
    "503": (StatusError(URL, 503, 0.0), 1.0),
    "a time-out": (TimeoutError(), 1.0),
    "a body cut off": (http.client.IncompleteRead(b"{"), 1.0),
}


@pytest.mark.parametrize(("error", "waited"), TEMPORARY.values(), ids=TEMPORARY)
def test_a_temporary_failure_is_tried_again_after_a_pause(error: Exception, waited: float) -> None:
    paused: list[float] = []
    pages = list(source(Api(fail=lambda call: error if call == 2 else None), paused).pages(None))
    assert (sum(len(page.lines) for page in pages), paused) == (7, [waited])


def test_a_failure_that_stays_ends_the_run_with_its_reason() -> None:
    with pytest.raises(GaveUpError, match=r"Fetching .* failed 4 times, at last with StatusError.*HTTP 503"):
        list(source(Api(fail=lambda _: StatusError(URL, 503, 0.0))).pages(None))


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_not_tried_again(status: int) -> None:
    api = Api(fail=lambda _: StatusError(URL, status, 0.0))
    with pytest.raises(StatusError):
        list(source(api).pages(None))
    assert len(api.asked) == 1


WRONG: dict[str, tuple[Any, dict[str, Any], str]] = {
    "no list": ({"items": 1}, {}, "has no list at 'items'"),
    "a circle": ({"items": [], "next": URL}, {}, "goes in a circle"),
    "another host": ({"items": [], "next": "https://evil.example.com/"}, {}, "another host"),
    "no place": ({"items": [1], "next": None}, {"paging": "cursor", "keeps_place": True}, "told no place"),
}


@pytest.mark.parametrize(("answer", "given", "said"), WRONG.values(), ids=WRONG)
def test_an_answer_otherwise_than_agreed_is_told(answer: Any, given: dict[str, Any], said: str) -> None:
    made = ApiSource("airports", URL, fetch=lambda *_: Answer(json.dumps(answer).encode()), **given)
    with pytest.raises(ApiError, match=said):
        list(made.pages(None))


def test_headers_go_with_every_request() -> None:
    api = Api()
    list(source(api, headers={"Authorization": "Bearer x"}).pages(None))
    assert api.headers == [{"Authorization": "Bearer x"}] * 3


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "planes.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table planes (id integer, tailnum text, changed text)")
        connection.executemany("insert into planes values (?, ?, ?)", [(n, f"N{n}", f"2013-0{n}") for n in range(1, 8)])
    return path


def table(path: Path, *key: str, **given: Any) -> TableSource:
    made = {"key": key or ("id",), "size": 3, "paramstyle": "qmark", **given}
    return TableSource("planes", lambda: sqlite3.connect(path), "planes", **made)


def _ids(made: TableSource, position: Any) -> tuple[list[int], Any]:
    pages = list(made.pages(json.loads(json.dumps(position))))
    return [json.loads(line)["id"] for page in pages for line in page.lines], pages[-1].position if pages else position


@pytest.mark.parametrize("key", [("id",), ("changed", "id")])
def test_rows_are_read_once_in_order_of_the_key(database: Path, key: tuple[str, ...]) -> None:
    found, place = _ids(table(database, *key), None)
    assert found == list(range(1, 8))
    assert _ids(table(database, *key), place) == ([], place)
    with sqlite3.connect(database) as connection:
        connection.execute("insert into planes values (8, 'N8', '2013-08')")
    assert _ids(table(database, *key), place)[0] == [8]


def test_a_stopped_run_keeps_its_window(database: Path) -> None:
    first = next(table(database).pages(None))
    with sqlite3.connect(database) as connection:
        connection.execute("insert into planes values (8, 'N8', '2013-08')")
    rest, place = _ids(table(database), first.position)
    assert rest == [4, 5, 6, 7]
    assert _ids(table(database), place)[0] == [8]


def test_a_lost_connection_is_opened_again_and_no_row_is_read_twice(database: Path) -> None:
    opened: list[int] = []

    def connect() -> Any:
        opened.append(1)
        if len(opened) in (1, 3):
            raise sqlite3.OperationalError("the server is starting")
        return Breaking(sqlite3.connect(database), after=3)

    retry = Retry(attempts=3, pause=lambda _: None)
    made = TableSource(
        "planes",
        connect,
        "planes",
        ("id",),
        size=3,
        paramstyle="qmark",
        broken=(sqlite3.OperationalError,),
        retry=retry,
    )
    assert _ids(made, None)[0] == list(range(1, 8))


class Breaking:
    """A connection that is lost after some statements."""

    def __init__(self, inner: sqlite3.Connection, after: int) -> None:
        self._inner, self._left = inner, after

    def cursor(self) -> sqlite3.Cursor:
        self._left -= 1
        if self._left < 0:
            raise sqlite3.OperationalError("server closed the connection unexpectedly")
        return self._inner.cursor()

    def close(self) -> None:
        self._inner.close()


def test_a_server_that_stays_away_is_told(database: Path) -> None:
    def connect() -> Any:
        raise sqlite3.OperationalError("no route")

    retry = Retry(attempts=3, pause=lambda _: None)
    made = TableSource("planes", connect, "planes", ("id",), broken=(sqlite3.OperationalError,), retry=retry)
    with pytest.raises(GaveUpError, match="Reading planes failed 3 times, at last with OperationalError: no route"):
        list(made.pages(None))


def test_an_empty_table_has_no_page(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("delete from planes")
    assert _ids(table(database), None) == ([], None)


def test_a_key_that_is_null_is_told(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("insert into planes values (null, 'N0', null)")
    with pytest.raises(IncrementalKeyError, match="1 rows of planes have no id"):
        list(table(database).pages(None))


@pytest.mark.parametrize("name", ['id" or 1=1 --', "", "a.b.c", "1a"])
def test_a_name_that_is_none_reaches_no_statement(database: Path, name: str) -> None:
    with pytest.raises(ValueError, match="is no name"):
        list(table(database, name).pages(None))


def test_values_keep_what_they_say() -> None:
    at = datetime(2013, 7, 4, 5, 6, 7, tzinfo=UTC)
    values = [at, date(2013, 7, 4), Decimal("1.10"), b"\x00", {"a": Decimal(1)}, None, True, 1.5]
    assert to_json(values) == [at.isoformat(), "2013-07-04", "1.10", "AA==", {"a": "1"}, None, True, 1.5]
