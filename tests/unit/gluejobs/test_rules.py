"""The pure rules of job runs: definitions, requests, places, outcomes, pages, what the API shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from moto.core.exceptions import JsonRESTError

from lakeshift.local.glue.jobs.definition import completed, validate
from lakeshift.local.glue.jobs.outcome import ending_of
from lakeshift.local.glue.jobs.paging import page
from lakeshift.local.glue.jobs.preparation import LaunchError, split_uri
from lakeshift.local.glue.jobs.requests import RunRequest
from lakeshift.local.glue.jobs.run import JobRun
from lakeshift.local.glue.jobs.slots import Slots
from lakeshift.local.glue.jobs.store import RunStore

SPARK = {"Name": "glueetl", "ScriptLocation": "s3://b/k.py"}
SHELL = {"Name": "pythonshell", "ScriptLocation": "s3://b/k.py"}
STREAM = {"Name": "gluestreaming", "ScriptLocation": "s3://b/k.py"}


def definition(**more: Any) -> dict[str, Any]:
    return {"Role": "r", "Command": SPARK, **more}


def make_run(run_id: str = "jr_1", **more: Any) -> JobRun:
    facts: dict[str, Any] = {
        "job_name": "job",
        "account": "1",
        "region": "r",
        "command": SPARK,
        "arguments": {},
        "started_on": 1000.0,
    }
    return JobRun(run_id=run_id, **{**facts, **more})


@pytest.mark.parametrize(
    ("change", "text"),
    [
        pytest.param({"Role": None}, "Value null at 'role'", id="no role"),
        pytest.param({"Command": None}, "Value null at 'command'", id="no command"),
        pytest.param({"Command": {"ScriptLocation": "s3://b/k"}}, "Command name should not be null", id="no name"),
        pytest.param({"Command": {"Name": "spark"}}, "Unknown job command name 'spark'", id="unknown command"),
        pytest.param({"Command": {"Name": "glueray"}}, "(glueray) is not supported locally", id="Ray is refused"),
        pytest.param({"Command": {"Name": "glueetl"}}, "Script location should not be null", id="no script"),
        pytest.param(
            {"Command": {"Name": "glueetl", "ScriptLocation": "/tmp/x.py"}}, "Invalid script location", id="local file"
        ),
        pytest.param({"GlueVersion": "7.7"}, "Glue version 7.7 is not supported", id="unknown version"),
        pytest.param({"WorkerType": "G.3X", "NumberOfWorkers": 1}, "Value 'G.3X' at 'workerType'", id="unknown worker"),
        pytest.param({"WorkerType": "G.1X"}, "must be set together", id="worker type alone"),
        pytest.param({"NumberOfWorkers": 2}, "must be set together", id="workers alone"),
        pytest.param({"MaxCapacity": 2.0, "AllocatedCapacity": 2}, "only Allocated Capacity or Max", id="two sizes"),
        pytest.param(
            {"MaxCapacity": 2.0, "WorkerType": "G.1X", "NumberOfWorkers": 2},
            "Please do not set Max Capacity if using Worker Type and Number of Workers.",
            id="size and workers",
        ),
        pytest.param(
            {"Command": SHELL, "WorkerType": "G.1X", "NumberOfWorkers": 1},
            "not supported for Job Command pythonshell",
            id="shell with workers",
        ),
        pytest.param({"Command": SHELL, "MaxCapacity": 2.0}, "0.0625 or 1.0", id="shell too big"),
        pytest.param({"Timeout": 0}, "Timeout 0 is out of range", id="no time"),
        pytest.param({"Timeout": 10_081}, "Timeout 10081 is out of range", id="more than seven days"),
        pytest.param({"MaxRetries": 11}, "Max Retries 11 is out of range", id="too many retries"),
        pytest.param({"DefaultArguments": {"--n": 1}}, "the value of '--n' is 1", id="argument no text"),
    ],
)
def test_a_definition_that_aws_refuses_is_refused(change: dict[str, Any], text: str) -> None:
    with pytest.raises(JsonRESTError) as error:
        validate(definition(**change))
    assert text in error.value.message


@pytest.mark.parametrize(
    ("change", "filled"),
    [
        pytest.param({}, {"MaxCapacity": 10.0, "Timeout": 480, "GlueVersion": "5.1"}, id="Spark"),
        pytest.param({"GlueVersion": "4.0"}, {"Timeout": 2880}, id="older versions have two days"),
        pytest.param({"Command": SHELL}, {"MaxCapacity": 0.0625, "AllocatedCapacity": 0, "Timeout": 2880}, id="shell"),
        pytest.param({"Command": STREAM}, {"Timeout": None}, id="a stream has no end"),
        pytest.param({"WorkerType": "G.025X", "NumberOfWorkers": 2}, {"MaxCapacity": 0.5}, id="quarter workers"),
        pytest.param({"AllocatedCapacity": 4}, {"MaxCapacity": 4.0, "AllocatedCapacity": 4}, id="the old size"),
    ],
)
def test_a_definition_is_completed_as_aws_shows_it(change: dict[str, Any], filled: dict[str, Any]) -> None:
    validate(definition(**change))
    shown = completed(definition(**change))
    assert {key: shown.get(key) for key in filled} == filled


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param({}, (2.0, "G.1X", 2, 10), id="the job's own"),
        pytest.param({"Timeout": 3}, (2.0, "G.1X", 2, 3), id="the run's timeout"),
        pytest.param({"WorkerType": "G.2X", "NumberOfWorkers": 4}, (8.0, "G.2X", 4, 10), id="the run's workers"),
        pytest.param({"MaxCapacity": 6.0}, (6.0, None, None, 10), id="a size in place of workers"),
    ],
)
def test_a_run_may_have_its_own_size_and_time(parameters: dict[str, Any], expected: tuple[Any, ...]) -> None:
    job = definition(WorkerType="G.1X", NumberOfWorkers=2, Timeout=10)
    run = RunRequest("job", "1", "r", job, parameters).run(now=1.0)
    assert (run.max_capacity, run.worker_type, run.number_of_workers, run.timeout) == expected


@pytest.mark.parametrize(
    "parameters",
    [{"WorkerType": "G.9X", "NumberOfWorkers": 1}, {"Timeout": -1}, {"Arguments": {"--n": 1}}],
    ids=["unknown worker", "negative timeout", "argument no text"],
)
def test_a_run_that_does_not_fit_the_job_is_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(JsonRESTError):
        RunRequest("job", "1", "r", definition(), parameters).run(now=1.0)


def test_places_are_given_first_come_first_served_and_by_kind() -> None:
    slots = Slots(spark_processes=1)
    first, second, shell = make_run("a", job_name="a"), make_run("b", job_name="b"), make_run("c", command=SHELL)
    assert slots.enter(first)
    slots.take(first)
    assert not slots.enter(second)
    assert slots.reason(second) == "Waiting for one of 1 local places for Spark jobs."
    assert slots.enter(shell)
    slots.leave(first)
    assert slots.may_start(second)


def test_a_place_is_not_held_for_a_run_whose_job_is_already_running() -> None:
    slots = Slots(spark_processes=2)
    running, same_job, other = make_run("a"), make_run("b"), make_run("c", job_name="other")
    slots.enter(running)
    slots.take(running)
    assert not slots.enter(same_job)
    assert slots.enter(other)


@pytest.mark.parametrize(
    ("outcome", "status", "expected"),
    [
        ('{"state": "SUCCEEDED"}', 0, ("SUCCEEDED", None)),
        ('{"state": "FAILED", "error_message": "boom"}', 1, ("FAILED", "boom")),
        ('{"state": "FAILED"}', 0, ("FAILED", "The job failed without a message.")),
        (
            '{"state": "SUCCEEDED"}',
            137,
            ("FAILED", "The job's process was killed by SIGKILL after it had written its success."),
        ),
        ('{"state": "DONE"}', 0, ("FAILED", "The job's process ended with exit status 0 without an outcome.")),
        ("[]", 0, ("FAILED", "The job's process ended with exit status 0 without an outcome.")),
        ('{"sta', 0, ("FAILED", "The job's process ended with exit status 0 without an outcome.")),
        (None, 300, ("FAILED", "The job's process ended with exit status 300 without an outcome.")),
    ],
    ids=["success", "failure", "failure without words", "killed after", "unknown state", "no object", "torn", "none"],
)
def test_only_a_written_success_is_a_success(
    tmp_path: Path, outcome: str | None, status: int, expected: tuple[str, str | None]
) -> None:
    if outcome is not None:
        (tmp_path / "outcome.json").write_text(outcome)
    assert ending_of(tmp_path, status) == expected


def test_pages_stay_right_while_rows_are_added_at_the_front() -> None:
    first, token = page(["c", "b", "a"], str, None, 1)
    second, token = page(["d", "c", "b", "a"], str, token, 2)
    assert (first, second, token) == (["c"], ["b", "a"], None)


@pytest.mark.parametrize(
    ("token", "limit"), [("!", 1), (None, 0), (None, 201)], ids=["bad token", "none asked for", "too many asked for"]
)
def test_a_page_that_cannot_be_is_refused(token: str | None, limit: int) -> None:
    with pytest.raises(JsonRESTError):
        page(["a"], str, token, limit)


@pytest.mark.parametrize(
    ("more", "dpu_seconds"),
    [
        ({"execution_class": "FLEX"}, 80.0),
        ({"arguments": {"--enable-auto-scaling": "true"}}, 80.0),
        ({}, None),
        ({"execution_class": "FLEX", "completed_on": None}, None),
    ],
    ids=["flex", "auto scaling", "a standard run has none", "not before the end"],
)
def test_dpu_seconds_are_shown_where_aws_shows_them(more: dict[str, Any], dpu_seconds: float | None) -> None:
    facts = {"running_since": 1010.0, "completed_on": 1020.5, "worker_type": "G.2X", "number_of_workers": 4, **more}
    run = make_run(state="SUCCEEDED", **facts)
    shown = run.shown(now=2000.0)
    assert shown.get("DPUSeconds") == dpu_seconds
    assert shown["ExecutionTime"] == (10 if facts["completed_on"] else 990)


def test_runs_survive_in_their_files_and_a_newer_versions_fields_are_left_out(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run = make_run(arguments={"--a": "b"}, state="RUNNING")
    store.save(run)
    path = tmp_path / "jr_1" / "state.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "invented_later": 1}))
    again = RunStore(tmp_path)
    assert again.get("1", "r", "job", "jr_1") == run
    assert again.get("1", "r", "another", "jr_1") is None
    assert again.live() == [run]


def test_what_a_reader_holds_does_not_change_under_it(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run = make_run(state="RUNNING")
    store.save(run)
    held = store.live()[0]
    run.completed_on = 2000.0
    assert held.completed_on is None


@pytest.mark.parametrize("location", ["https://b/k.py", "s3://bucket", "s3:///k.py", "k.py"])
def test_a_script_location_that_is_no_object_cannot_launch(location: str) -> None:
    with pytest.raises(LaunchError, match="is no S3 object"):
        split_uri(location)
