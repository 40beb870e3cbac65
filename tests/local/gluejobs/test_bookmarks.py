"""Bookmarks by the runtime's route and by the public API."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from tests.local.gluejobs.conftest import Glue


class Route:
    """The runtime's side: ``GET|PUT /_lakeshift/glue/bookmarks/<job name>``."""

    def __init__(self, endpoint: str, job: str) -> None:
        self.url = f"{endpoint}/_lakeshift/glue/bookmarks/{quote(job, safe='')}"

    def get(self) -> dict[str, Any]:
        return self._call("GET", None)[1]

    def put(self, document: Any) -> tuple[int, dict[str, Any]]:
        return self._call("PUT", json.dumps(document).encode())

    def _call(self, method: str, body: bytes | None) -> tuple[int, dict[str, Any]]:
        request = urllib.request.Request(self.url, data=body, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@pytest.fixture(params=["plain", "with spaces/and ünïcode?"], ids=["plain name", "odd name"])
def job(request: pytest.FixtureRequest) -> str:
    return f"{uuid.uuid4().hex[:8]} {request.param}"


@pytest.fixture
def route(glue: Glue, job: str) -> Route:
    return Route(glue.runner.context.endpoint, job)


def commit(version: int, run_id: str, mark: int) -> dict[str, Any]:
    return {"version": version, "run_id": run_id, "contexts": {"source": {"mark": mark}}}


def test_a_job_without_a_bookmark_reads_zeros_and_has_no_public_entry(glue: Glue, job: str, route: Route) -> None:
    assert route.get() == {
        "version": 0,
        "run": 0,
        "attempt": 0,
        "run_id": None,
        "previous_run_id": None,
        "contexts": {},
    }
    for operation in (glue.client.get_job_bookmark, glue.client.reset_job_bookmark):
        with pytest.raises(ClientError) as error:
            operation(JobName=job)
        assert error.value.response["Error"] == {
            "Code": "EntityNotFoundException",
            "Message": f"Continuation for job {job} not found",
        }


def test_what_a_run_commits_is_what_the_next_reads_and_the_api_shows(glue: Glue, job: str, route: Route) -> None:
    assert route.put(commit(0, "jr_1", 10))[0] == 200
    status, stored = route.put(commit(1, "jr_2_attempt_1", 20))
    assert (status, stored) == (200, route.get())
    assert stored == {
        "version": 2,
        "run": 2,
        "attempt": 1,
        "run_id": "jr_2_attempt_1",
        "previous_run_id": "jr_1",
        "contexts": {"source": {"mark": 20}},
    }
    entry = glue.client.get_job_bookmark(JobName=job)["JobBookmarkEntry"]
    assert json.loads(entry.pop("JobBookmark")) == {"source": {"mark": 20}}
    assert entry == {
        "JobName": job,
        "Version": 2,
        "Run": 2,
        "Attempt": 1,
        "RunId": "jr_2_attempt_1",
        "PreviousRunId": "jr_1",
    }


def test_a_stale_commit_is_refused_and_changes_nothing(job: str, route: Route) -> None:
    route.put(commit(0, "jr_1", 10))
    status, answer = route.put(commit(0, "jr_2", 20))
    assert (status, answer["version"]) == (409, 1)
    assert f"The bookmark of job {job} is at version 1, the run read version 0" in answer["message"]
    assert route.get()["run_id"] == "jr_1"


def test_the_same_commit_again_gives_the_same_answer(route: Route) -> None:
    assert route.put(commit(0, "jr_1", 10)) == route.put(commit(0, "jr_1", 10))


def test_a_second_commit_of_one_run_is_the_same_run(route: Route) -> None:
    route.put(commit(0, "jr_0", 5))
    route.put(commit(1, "jr_1", 10))
    _, stored = route.put(commit(2, "jr_1", 11))
    assert (stored["version"], stored["run"], stored["previous_run_id"]) == (3, 2, "jr_0")


def test_a_reset_forgets_all_and_stops_a_run_under_way_from_committing(glue: Glue, job: str, route: Route) -> None:
    route.put(commit(0, "jr_1", 10))
    entry = glue.client.reset_job_bookmark(JobName=job)["JobBookmarkEntry"]
    assert entry == {"JobName": job, "Version": 2, "Run": 0, "Attempt": 0, "JobBookmark": "{}"}
    assert route.get()["contexts"] == {}
    assert route.put(commit(1, "jr_2", 20))[0] == 409
    assert route.put(commit(2, "jr_3", 30))[0] == 200


def test_a_reset_to_a_run_goes_back_to_what_that_run_left(glue: Glue, job: str, route: Route) -> None:
    for version, mark in enumerate((10, 20, 30)):
        route.put(commit(version, f"jr_{mark}", mark))
    entry = glue.client.reset_job_bookmark(JobName=job, RunId="jr_10")["JobBookmarkEntry"]
    assert (entry["Version"], entry["Run"], entry["RunId"]) == (4, 1, "jr_10")
    assert route.get()["contexts"] == {"source": {"mark": 10}}
    forward = glue.client.reset_job_bookmark(JobName=job, RunId="jr_30")["JobBookmarkEntry"]
    assert json.loads(forward["JobBookmark"]) == {"source": {"mark": 30}}
    shown = glue.client.get_job_bookmark(JobName=job, RunId="jr_20")["JobBookmarkEntry"]
    assert json.loads(shown["JobBookmark"]) == {"source": {"mark": 20}}


def test_a_run_that_never_committed_cannot_be_gone_back_to(glue: Glue, job: str, route: Route) -> None:
    route.put(commit(0, "jr_1", 10))
    with pytest.raises(ClientError) as error:
        glue.client.reset_job_bookmark(JobName=job, RunId="jr_failed")
    assert error.value.response["Error"]["Code"] == "EntityNotFoundException"
    assert route.get()["version"] == 1


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"run_id": "jr_1", "contexts": {}},
        {"version": True, "run_id": "jr_1", "contexts": {}},
        {"version": 0, "run_id": "", "contexts": {}},
        {"version": 0, "run_id": "jr_1", "contexts": {"source": 1}},
    ],
    ids=["no object", "no version", "version no number", "no run", "state no object"],
)
def test_what_is_no_bookmark_is_refused(route: Route, document: Any) -> None:
    status, answer = route.put(document)
    assert status == 400
    assert answer["message"].startswith("This is no bookmark: ")


def test_a_deleted_job_takes_its_bookmark_along(glue: Glue) -> None:
    job = glue.job()
    route = Route(glue.runner.context.endpoint, job)
    route.put(commit(0, "jr_1", 10))
    glue.client.delete_job(JobName=job)
    assert route.get()["version"] == 0
