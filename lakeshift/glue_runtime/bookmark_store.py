"""Reading and committing a job's bookmark through the local AWS; AWS itself has no public call for it."""

from __future__ import annotations

import itertools
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from lakeshift.errors import LakeshiftError

__all__ = ["BookmarkStore", "BookmarkVersionError", "StoredBookmark"]


class BookmarkVersionError(LakeshiftError):
    """Another run of the job committed since this one began."""


@dataclass(frozen=True)
class StoredBookmark:
    """A job's bookmark: its version and the state of each transformation context."""

    version: int = 0
    contexts: dict[str, dict[str, Any]] = field(default_factory=dict)


class BookmarkStore:
    """The bookmark of one job at ``{endpoint}/_lakeshift/glue/bookmarks/<job name>``."""

    def __init__(self, job_name: str, endpoint: str | None = None) -> None:
        address = endpoint or os.environ.get("AWS_ENDPOINT_URL")
        if not address:
            raise LakeshiftError("Job bookmarks need the local AWS: AWS_ENDPOINT_URL is not set. Run `make up`.")
        self.job_name = job_name
        self._url = f"{address.rstrip('/')}/_lakeshift/glue/bookmarks/{urllib.parse.quote(job_name, safe='')}"

    def _call(self, method: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the endpoint is the local AWS
            self._url, data=data, method=method, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return dict(json.load(answer))

    def read(self) -> StoredBookmark:
        """Return the latest state; version 0 and no contexts when the job never committed."""
        document = self._call("GET")
        return StoredBookmark(int(document["version"]), dict(document["contexts"]))

    def read_as_of(self, run_id: str) -> StoredBookmark:
        """Return the state that the last successful run up to and including ``run_id`` left.

        Raises:
            LakeshiftError: neither that run nor one before it left a state.
        """
        from lakeshift.glue_runtime.engine.objects import client

        glue = client("glue")
        pages = glue.get_paginator("get_job_runs").paginate(JobName=self.job_name)
        # Newest first: from the run itself back.
        runs = itertools.dropwhile(lambda run: run["Id"] != run_id, (run for page in pages for run in page["JobRuns"]))
        for run in itertools.chain([{"Id": run_id}], itertools.islice(runs, 1, None)):
            try:
                entry = glue.get_job_bookmark(JobName=self.job_name, RunId=run["Id"])["JobBookmarkEntry"]
            except glue.exceptions.EntityNotFoundException:
                continue
            return StoredBookmark(int(entry["Version"]), json.loads(entry["JobBookmark"]))
        raise LakeshiftError(
            f"No successful run of job {self.job_name} up to {run_id} is kept: a range of a paused bookmark"
            ' (--job-bookmark-from, --job-bookmark-to) needs ids of runs that committed. `make aws ARGS="glue'
            f' get-job-runs --job-name {self.job_name}"` lists them.'
        )

    def commit(self, version: int, run_id: str, contexts: dict[str, dict[str, Any]]) -> int:
        """Store ``contexts`` when nobody else did since ``version`` was read; return the new version.

        Raises:
            BookmarkVersionError: somebody did; Glue's own text.
        """
        try:
            return int(self._call("PUT", body={"version": version, "run_id": run_id, "contexts": contexts})["version"])
        except urllib.error.HTTPError as error:
            if error.code == 409:
                raise BookmarkVersionError(
                    f"Continuation update failed due to version mismatch. Expected version {version}."
                    f" Run one instance of job {self.job_name} at a time. See"
                    " https://docs.aws.amazon.com/glue/latest/dg/glue-troubleshooting-errors.html"
                ) from error
            raise
