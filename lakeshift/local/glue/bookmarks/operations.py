"""Bookmark operations of the local Glue.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html#aws-glue-api-jobs-runs-GetJobBookmark
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from moto.core.responses import ActionResult
from moto.glue.models import GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.local.context import LocalContext
from lakeshift.local.glue.bookmarks.routes import add_routes
from lakeshift.local.glue.bookmarks.store import Bookmark, BookmarkStore, UnknownRunError
from lakeshift.local.glue.jobs.errors import EntityNotFoundError

__all__ = ["BookmarkOperations", "BookmarkResponses", "install"]


class BookmarkOperations(GlueBackend):
    """What the backend does for bookmarks."""

    bookmarks: ClassVar[BookmarkStore]

    def get_job_bookmark(self, job_name: str, run_id: str | None) -> Bookmark:
        """The bookmark, or as ``run_id`` committed it; raises EntityNotFoundError."""
        try:
            found = self.bookmarks.get(job_name) if run_id is None else self.bookmarks.of_run(job_name, run_id)
        except UnknownRunError as error:
            raise _not_found(job_name, run_id) from error
        if found is None:
            raise _not_found(job_name, None)
        return found

    def reset_job_bookmark(self, job_name: str, run_id: str | None) -> Bookmark:
        """Reset it, or rewind it to what ``run_id`` left; raises EntityNotFoundError."""
        try:
            found = self.bookmarks.reset(job_name, run_id)
        except UnknownRunError as error:
            raise _not_found(job_name, run_id) from error
        if found is None:
            raise _not_found(job_name, None)
        return found

    def forget_bookmark(self, name: str) -> None:
        """A deleted job's bookmark goes with it."""
        self.bookmarks.delete(name)


class BookmarkResponses(GlueResponse):
    """How the API answers for bookmarks."""

    def get_job_bookmark(self) -> ActionResult:
        """GetJobBookmark."""
        entry = self.glue_backend.get_job_bookmark(self.parameters["JobName"], self.parameters.get("RunId"))
        return ActionResult({"JobBookmarkEntry": _entry(entry)})

    def reset_job_bookmark(self) -> ActionResult:
        """ResetJobBookmark; with RunId the bookmark goes back to what that run committed."""
        entry = self.glue_backend.reset_job_bookmark(self.parameters["JobName"], self.parameters.get("RunId"))
        return ActionResult({"JobBookmarkEntry": _entry(entry)})


def install(context: LocalContext) -> BookmarkStore:
    """Open the bookmarks of this state folder and answer the runtime's routes."""
    store = BookmarkStore(context.state.root / "bookmarks")
    add_routes(store)
    return store


def _not_found(job_name: str, run_id: str | None) -> EntityNotFoundError:
    of_run = f" and run {run_id}" if run_id else ""
    return EntityNotFoundError(f"Continuation for job {job_name}{of_run} not found")


def _entry(bookmark: Bookmark) -> dict[str, Any]:
    entry = {
        "JobName": bookmark.job_name,
        "Version": bookmark.version,
        "Run": bookmark.run,
        "Attempt": bookmark.attempt,
        "PreviousRunId": bookmark.previous_run_id,
        "RunId": bookmark.run_id,
        "JobBookmark": json.dumps(bookmark.contexts, sort_keys=True),
    }
    return {name: value for name, value in entry.items() if value is not None}
