"""The runtime's way to a bookmark: ``GET|PUT /_lakeshift/glue/bookmarks/<job name>``; AWS has no public call for it."""

from __future__ import annotations

import json
from typing import Any, Final

from werkzeug.wrappers import Request, Response

from lakeshift.local import routes
from lakeshift.local.glue.bookmarks.store import Bookmark, BookmarkStore, StaleVersionError

__all__ = ["PREFIX", "add_routes"]

PREFIX: Final = "/_lakeshift/glue/bookmarks/"


def add_routes(store: BookmarkStore) -> None:
    """Let the server answer for the bookmarks in ``store``."""
    routes.add("GET", PREFIX, lambda request: _get(store, request))
    routes.add("PUT", PREFIX, lambda request: _put(store, request))


def _get(store: BookmarkStore, request: Request) -> Response:
    name = _job_name(request)
    return routes.json_response(_document(store.get(name) or Bookmark(name)))


def _put(store: BookmarkStore, request: Request) -> Response:
    name = _job_name(request)
    try:
        version, run_id, contexts = _commit(request)
    except ValueError as error:
        return routes.json_response({"message": f"This is no bookmark: {error}."}, 400)
    try:
        return routes.json_response(_document(store.commit(name, version, run_id, contexts)))
    except StaleVersionError as error:
        return routes.json_response({"message": str(error), "version": error.current}, 409)


def _job_name(request: Request) -> str:
    return request.path.removeprefix(PREFIX)


def _document(bookmark: Bookmark) -> dict[str, Any]:
    document = bookmark.as_json()
    del document["job_name"]
    return document


def _commit(request: Request) -> tuple[int, str, dict[str, dict[str, Any]]]:
    document = json.loads(request.get_data())
    if not isinstance(document, dict):
        raise ValueError("an object is needed")
    version, run_id, contexts = (document.get(name) for name in ("version", "run_id", "contexts"))
    if not isinstance(version, int) or isinstance(version, bool):
        raise ValueError("'version' must be the version that was read")
    if not isinstance(run_id, str) or not run_id:
        raise ValueError("'run_id' must be the id of the committing run")
    if not isinstance(contexts, dict) or not all(isinstance(state, dict) for state in contexts.values()):
        raise ValueError("'contexts' must map each transformation context to its state")
    return version, run_id, contexts
