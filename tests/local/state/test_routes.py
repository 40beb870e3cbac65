"""Our own routes: the longest prefix answers, and nothing of AWS is ever taken."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from lakeshift.errors import LakeshiftError
from lakeshift.local import routes


def _request(path: str, method: str = "GET") -> Request:
    return Request(EnvironBuilder(path, method=method).get_environ())


@pytest.fixture(autouse=True)
def _own_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "_routes", {})
    for path in ("/_lakeshift/a/", "/_lakeshift/a/b/"):
        routes.add("get", path, lambda _, path=path: Response(path))
    routes.add("PUT", "/_lakeshift/a/", lambda _: Response("put"))


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/_lakeshift/a/x", 200, "/_lakeshift/a/"),
        ("GET", "/_lakeshift/a/b/x", 200, "/_lakeshift/a/b/"),
        ("PUT", "/_lakeshift/a/x", 200, "put"),
        ("DELETE", "/_lakeshift/a/x", 405, None),
        ("GET", "/_lakeshift/none", 404, None),
    ],
)
def test_the_route_that_fits_answers(method: str, path: str, status: int, body: str | None) -> None:
    answer = routes.answer(_request(path, method))
    assert answer is not None
    assert answer.status_code == status
    assert body is None or answer.get_data(as_text=True) == body


@pytest.mark.parametrize("path", ["/", "/bucket/key", "/_lakeshift", "/_lakeshiftx/a/"])
def test_every_other_path_is_left_to_aws(path: str) -> None:
    assert routes.answer(_request(path)) is None


@pytest.mark.parametrize("path", ["/", "/bucket", "_lakeshift/a", ""])
def test_a_route_outside_our_prefix_is_refused(path: str) -> None:
    with pytest.raises(LakeshiftError, match="must start with"):
        routes.add("GET", path, lambda _: Response())


def test_adding_again_replaces(monkeypatch: pytest.MonkeyPatch) -> None:
    routes.add("GET", "/_lakeshift/a/", lambda _: Response("new"))
    answer: Any = routes.answer(_request("/_lakeshift/a/x"))
    assert answer.get_data(as_text=True) == "new"
