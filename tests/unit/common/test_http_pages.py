from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from common.http_pages import SourceDownError, get_json, pages


@pytest.fixture
def server() -> Iterator[Any]:
    """Answers with the statuses of its list ``statuses``, then with ``body``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = self.server.statuses.pop(0) if self.server.statuses else 200
            self.server.asked += 1
            self.send_response(status)
            self.end_headers()
            self.wfile.write(self.server.body if status == 200 else b"")

        def log_message(self, *args: Any) -> None:
            pass

    made: Any = HTTPServer(("127.0.0.1", 0), Handler)
    made.statuses, made.body, made.asked = [], b'{"items": []}', 0
    made.url = f"http://127.0.0.1:{made.server_port}/airports"
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def test_a_source_that_comes_back_is_read(server: Any) -> None:
    waits: list[float] = []
    server.statuses = [503, 429]
    assert get_json(server.url, pause=waits.append) == {"items": []}
    assert waits == [0.4, 0.8]


@pytest.mark.parametrize(("statuses", "asked"), [([500] * 9, 5), ([404], 1), ([403], 1)])
def test_a_source_that_stays_down_is_named_with_its_cause(server: Any, statuses: list[int], asked: int) -> None:
    status = statuses[0]
    server.statuses = statuses
    with pytest.raises(SourceDownError, match=rf"{server.url} gave no usable answer \(HTTP {status}\)"):
        get_json(server.url, pause=lambda _: None)
    assert server.asked == asked


def test_an_answer_that_is_no_json_is_no_answer(server: Any) -> None:
    server.body = b"<html>"
    with pytest.raises(SourceDownError, match="no usable answer"):
        get_json(server.url, pause=lambda _: None)


def test_nobody_listening_is_named() -> None:
    with pytest.raises(SourceDownError, match="refused"):
        get_json("http://127.0.0.1:1/airports", pause=lambda _: None)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x", "airports"])
def test_only_http_is_asked(url: str) -> None:
    with pytest.raises(SourceDownError, match="no http address"):
        get_json(url)


def test_pages_follow_until_there_is_no_next() -> None:
    answers = {"u?page=1": {"items": [{"a": 1}], "next_page": 2}, "u?page=2": {"items": [{"a": 2}], "next_page": None}}
    assert list(pages("u", answers.__getitem__)) == [[{"a": 1}], [{"a": 2}]]


WRONG = [
    pytest.param({"items": [], "next_page": 1}, "goes in a circle", id="circle"),
    pytest.param([], "is not {items, next_page}", id="no_object"),
    pytest.param({"items": None}, "is not {items, next_page}", id="no_items"),
]


@pytest.mark.parametrize(("answer", "message"), WRONG)
def test_a_source_that_breaks_the_agreement_is_refused(answer: Any, message: str) -> None:
    with pytest.raises(SourceDownError, match=message):
        list(pages("u", lambda _: answer))
