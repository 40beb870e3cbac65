"""Our own HTTP routes (``/_lakeshift/...``), answered by the server's wrapper before moto sees the request.

For what AWS has no public call for: health, the runtime's bookmarks. A room adds its routes in ``install``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from werkzeug.wrappers import Request, Response

from lakeshift.errors import LakeshiftError

__all__ = ["PREFIX", "Handler", "add", "answer", "json_response"]

PREFIX: Final = "/_lakeshift/"

Handler = Callable[[Request], Response]

_routes: dict[tuple[str, str], Handler] = {}


def add(method: str, path_prefix: str, handler: Handler) -> None:
    """Let ``handler`` answer ``method`` for every path that starts with ``path_prefix``; the longest prefix wins.

    Adding the same method and prefix again replaces the handler, so that a second server in one process takes over.
    Raises LakeshiftError where the prefix is not below ``/_lakeshift/``.
    """
    if not path_prefix.startswith(PREFIX):
        raise LakeshiftError(f"The route {path_prefix!r} must start with {PREFIX!r}: all other paths belong to AWS.")
    _routes[method.upper(), path_prefix] = handler


def json_response(document: Any, status: int = 200) -> Response:
    """``document`` as JSON."""
    return Response(json.dumps(document), status=status, content_type="application/json")


def answer(request: Request) -> Response | None:
    """The answer of the route that fits, 404 or 405 below our prefix where none does, None for any other path."""
    if not request.path.startswith(PREFIX):
        return None
    fitting = [(prefix, method) for method, prefix in _routes if request.path.startswith(prefix)]
    if not fitting:
        return json_response({"message": f"No route {request.path}."}, 404)
    longest = max(prefix for prefix, _ in fitting)
    handler = _routes.get((request.method, longest))
    if handler is None:
        return json_response({"message": f"{request.method} is not allowed on {longest}."}, 405)
    return handler(request)
