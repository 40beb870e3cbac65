"""A job run runs: its states, its outcome, and what it leaves, as the API shows them."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.local.glue.jobs import runner
from lakeshift.local.server import LocalAws
from tests.local.gluejobs.conftest import Glue
from tests.local.gluejobs.helpers import alive
from tests.waiting import until

SLEEP = "import time; time.sleep(60)"


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_run_of_a_good_script_succeeds_with_the_facts_of_the_run(glue: Glue) -> None:
    job = glue.job("print('hello')", MaxRetries=1)
    run = glue.reaches(job, glue.start(job), "SUCCEEDED")
    assert run["Attempt"] == 0
    assert run["LogGroupName"] == "/aws-glue/python-jobs"
    assert run["StartedOn"] <= run["CompletedOn"] == run["LastModifiedOn"]
    assert "ErrorMessage" not in run
    assert run["MaxCapacity"] == 0.0625


@pytest.mark.parametrize(
    ("script", "message"),
    [
        pytest.param("raise ValueError('boom')", "ValueError: boom", id="an exception is the error message"),
        pytest.param(
            "import os; os._exit(3)",
            "The job's process ended with exit status 3 without an outcome.",
            id="a crash is no success",
        ),
        pytest.param(
            "import os; os._exit(0)",
            "The job's process ended with exit status 0 without an outcome.",
            id="exit status 0 without an outcome is no success",
        ),
        pytest.param(
            "import os, sys; sys.stderr.write('out of memory\\n'); os.kill(os.getpid(), 9)",
            "The job's process was killed by SIGKILL without an outcome. Last error line: out of memory",
            id="a kill names the signal and the last error line",
        ),
    ],
)
def test_a_run_fails_with_its_cause(glue: Glue, script: str, message: str) -> None:
    job = glue.job(script)
    assert glue.reaches(job, glue.start(job), "FAILED")["ErrorMessage"] == message


@pytest.mark.parametrize(
    ("bucket", "message"),
    [
        (None, "The specified key does not exist."),
        ("no-such-bucket-here", "The specified bucket does not exist."),
    ],
    ids=["missing key", "missing bucket"],
)
def test_a_missing_script_fails_the_run_naming_the_object(glue: Glue, bucket: str | None, message: str) -> None:
    where = bucket or glue.bucket
    job = glue.job(location=f"s3://{where}/code/gone.py")
    error = glue.reaches(job, glue.start(job), "FAILED")["ErrorMessage"]
    assert error == (
        f"LAUNCH ERROR | Error downloading from S3 for bucket: {where}, key: code/gone.py.{message} "
        "(Service: Amazon S3; Status Code: 404; Please refer logs for details."
    )


def test_non_overridable_arguments_win_over_the_runs_and_those_over_the_defaults(glue: Glue) -> None:
    job = glue.job(
        "import sys; print(*sys.argv[1:])",
        DefaultArguments={"--a": "default", "--b": "default", "--c": "default"},
        NonOverridableArguments={"--c": "fixed"},
    )
    run_id = glue.start(job, Arguments={"--b": "run", "--c": "run"})
    run = glue.reaches(job, run_id, "SUCCEEDED")
    assert run["Arguments"] == {"--a": "default", "--b": "run", "--c": "fixed"}
    assert (glue.folder(run_id) / "stdout").read_text() == "--a default --b run --c fixed\n"


def test_the_launcher_gets_the_run_it_is_to_run(glue: Glue) -> None:
    job = glue.job(SLEEP, command="glueetl", WorkerType="G.2X", NumberOfWorkers=3, GlueVersion="5.1")
    run_id = glue.start(job)
    glue.reaches(job, run_id, "RUNNING")
    document = json.loads((glue.folder(run_id) / "run.json").read_text())
    glue.client.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    glue.reaches(job, run_id, "STOPPED")
    assert {key: document[key] for key in ("job_name", "job_run_id", "command", "glue_version")} == {
        "job_name": job,
        "job_run_id": run_id,
        "command": "glueetl",
        "glue_version": "5.1",
    }
    assert (document["worker_type"], document["number_of_workers"], document["jars"]) == ("G.2X", 3, [])
    assert document["state_folder"] == str(glue.runner.context.state.root)
    assert run_id in document["script"]


def test_a_job_of_another_glue_version_is_told_what_it_runs_on(glue: Glue) -> None:
    job = glue.job(command="glueetl", GlueVersion="4.0")
    run_id = glue.start(job)
    glue.reaches(job, run_id, "SUCCEEDED")
    assert (glue.folder(run_id) / "stderr").read_text() == "The job asks for Glue 4.0; locally it runs on Glue 5.1.\n"


def test_a_job_sees_the_local_aws_and_nothing_of_the_users_own(glue: Glue, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTPS_PROXY", "PYTHONPATH", "SPARK_HOME"):
        monkeypatch.setenv(name, "the-users-own")
    job = glue.job("import json, os; print(json.dumps(dict(os.environ)))")
    run_id = glue.start(job)
    glue.reaches(job, run_id, "SUCCEEDED")
    seen = json.loads((glue.folder(run_id) / "stdout").read_text())
    assert "the-users-own" not in seen.values()
    assert seen["AWS_ENDPOINT_URL"] == glue.runner.context.endpoint
    assert seen["AWS_CONFIG_FILE"] == seen["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"


def test_output_and_error_go_to_the_log_groups_of_the_command(glue: Glue, monkeypatch: pytest.MonkeyPatch) -> None:
    written: dict[tuple[str, str], list[str]] = {}

    def write(group: str, stream: str, events: list[tuple[int, str]]) -> None:
        written.setdefault((group, stream), []).extend(text for _, text in events)

    monkeypatch.setattr(glue.runner, "write_log", write)
    text = "import sys\nfor n in range(3): print('line', n)\nprint('bad', file=sys.stderr); print('no newline', end='')"
    expected: dict[tuple[str, str], list[str]] = {}
    for command, group in (("pythonshell", "/aws-glue/python-jobs"), ("glueetl", "/aws-glue/jobs")):
        job = glue.job(text, command=command)
        run_id = glue.start(job)
        glue.reaches(job, run_id, "SUCCEEDED")
        expected[f"{group}/output", run_id] = ["line 0", "line 1", "line 2", "no newline"]
        expected[f"{group}/error", run_id] = ["bad"]
    assert written == expected


def test_logs_of_a_run_that_has_ended_are_complete_by_the_api(glue: Glue, local_aws: LocalAws) -> None:
    job = glue.job("for n in range(2000): print('line', n)")
    run_id = glue.start(job)
    glue.reaches(job, run_id, "SUCCEEDED")
    client = boto3.client("logs", endpoint_url=local_aws.endpoint)
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName="/aws-glue/python-jobs/output", logStreamNames=[run_id]
    )
    assert [event["message"] for page in pages for event in page["events"]] == [f"line {n}" for n in range(2000)]
    silent = client.get_log_events(logGroupName="/aws-glue/python-jobs/error", logStreamName=run_id)
    assert silent["events"] == []


def test_a_log_that_cannot_be_written_never_changes_the_run(glue: Glue, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(group: str, stream: str, events: list[tuple[int, str]]) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(glue.runner, "write_log", write)
    job = glue.job("print('hello')")
    glue.reaches(job, glue.start(job), "SUCCEEDED")


def test_reading_a_run_never_moves_it(glue: Glue) -> None:
    job = glue.job(SLEEP)
    run_id = glue.start(job)
    glue.reaches(job, run_id, "RUNNING")
    for _ in range(20):
        run = glue.run(job, run_id)
        assert run["JobRunState"] == "RUNNING"
        assert "CompletedOn" not in run
        glue.client.get_job_runs(JobName=job)
    glue.client.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    glue.reaches(job, run_id, "STOPPED")


def test_a_stop_ends_every_process_of_the_run_those_that_ignore_it_and_left_the_group_too(glue: Glue) -> None:
    script = (
        "import os, signal, subprocess, sys, time\n"
        "stubborn = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); "
        "time.sleep(60)'\n"
        "child = subprocess.Popen([sys.executable, '-S', '-c', stubborn], process_group=0, stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "print(os.getpid(), child.pid, flush=True)\n"
        "time.sleep(60)"
    )
    job = glue.job(script)
    run_id = glue.start(job)
    pids = [int(word) for word in until(lambda: _text(glue, run_id).split())]
    answer = glue.client.batch_stop_job_run(JobName=job, JobRunIds=[run_id, "jr_unknown"])
    assert answer["SuccessfulSubmissions"] == [{"JobName": job, "JobRunId": run_id}]
    assert [error["ErrorDetail"]["ErrorCode"] for error in answer["Errors"]] == ["EntityNotFoundException"]
    run = glue.reaches(job, run_id, "STOPPED")
    assert "ErrorMessage" not in run
    assert len(pids) == 2
    assert not any(alive(pid) for pid in pids)
    again = glue.client.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    assert again["SuccessfulSubmissions"] == []
    assert "is in state STOPPED" in again["Errors"][0]["ErrorDetail"]["ErrorMessage"]


def _text(glue: Glue, run_id: str) -> str:
    path = glue.folder(run_id) / "stdout"
    return path.read_text() if path.exists() else ""


def test_a_run_that_exceeds_its_timeout_is_ended_and_not_tried_again(
    glue: Glue, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = glue.runner.submit

    def hurried(run: Any) -> None:
        run.timeout = 0.002  # minutes; the API's least is one
        submit(run)

    monkeypatch.setattr(glue.runner, "submit", hurried)
    job = glue.job(SLEEP, MaxRetries=1)
    run_id = glue.start(job)
    assert glue.reaches(job, run_id, "TIMEOUT")["ErrorMessage"] == "Job run exceeded its timeout of 0.002 minutes."
    assert glue.runner.wait(run_id, 30)
    assert len(glue.client.get_job_runs(JobName=job)["JobRuns"]) == 1


def test_a_failed_run_is_tried_again_as_often_as_max_retries(glue: Glue) -> None:
    job = glue.job("raise ValueError('boom')", MaxRetries=2)
    run_id = glue.start(job)
    last = f"{run_id}_attempt_2"
    until(lambda: any(row["Id"] == last for row in glue.client.get_job_runs(JobName=job)["JobRuns"]))
    glue.reaches(job, last, "FAILED")
    assert glue.runner.wait(last, 30)
    rows = glue.client.get_job_runs(JobName=job)["JobRuns"]
    assert [(row["Id"], row["Attempt"], row.get("PreviousRunId")) for row in rows] == [
        (last, 2, f"{run_id}_attempt_1"),
        (f"{run_id}_attempt_1", 1, run_id),
        (run_id, 0, None),
    ]


def test_one_run_more_than_the_job_may_have_is_refused(glue: Glue) -> None:
    job = glue.job(SLEEP)
    run_id = glue.start(job)
    with pytest.raises(ClientError) as error:
        glue.start(job)
    assert refusal(error) == ("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {job}")
    glue.client.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    glue.reaches(job, run_id, "STOPPED")


def test_with_queuing_the_run_waits_for_its_turn(glue: Glue) -> None:
    job = glue.job(SLEEP, JobRunQueuingEnabled=True)
    first, second = glue.start(job), glue.start(job)
    assert glue.run(job, second)["JobRunState"] == "WAITING"
    glue.client.batch_stop_job_run(JobName=job, JobRunIds=[first])
    glue.reaches(job, second, "RUNNING")
    glue.client.batch_stop_job_run(JobName=job, JobRunIds=[second])
    glue.reaches(job, second, "STOPPED")


def test_no_more_spark_processes_than_places_and_python_shell_is_not_held_up(glue: Glue) -> None:
    jobs = [glue.job(SLEEP, command="glueetl") for _ in range(3)]
    runs = [glue.start(job) for job in jobs[:2]]
    for job, run_id in zip(jobs[:2], runs, strict=True):
        glue.reaches(job, run_id, "RUNNING")
    runs.append(glue.start(jobs[2]))
    waiting = glue.run(jobs[2], runs[2])
    assert (waiting["JobRunState"], waiting["StateDetail"], waiting["ExecutionTime"]) == (
        "WAITING",
        "Waiting for one of 2 local places for Spark jobs.",
        0,
    )
    shell = glue.job()
    glue.reaches(shell, glue.start(shell), "SUCCEEDED")
    glue.client.batch_stop_job_run(JobName=jobs[2], JobRunIds=[runs[2]])
    glue.reaches(jobs[2], runs[2], "STOPPED")
    for job, run_id in zip(jobs[:2], runs[:2], strict=True):
        glue.client.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
        glue.reaches(job, run_id, "STOPPED")


def test_a_killed_launcher_takes_the_rest_of_the_run_with_it(glue: Glue) -> None:
    script = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        "print(os.getpid(), child.pid, flush=True)\n"
        "time.sleep(60)"
    )
    job = glue.job(script)
    run_id = glue.start(job)
    launcher, child = (int(word) for word in until(lambda: _text(glue, run_id).split()))
    os.kill(launcher, signal.SIGKILL)
    assert "was killed by SIGKILL" in glue.reaches(job, run_id, "FAILED")["ErrorMessage"]
    assert not alive(child)


def test_run_history_comes_in_pages_newest_first(glue: Glue) -> None:
    job = glue.job()
    runs = []
    for _ in range(3):
        runs.append(glue.start(job))
        glue.reaches(job, runs[-1], "SUCCEEDED")
    pages = list(glue.client.get_paginator("get_job_runs").paginate(JobName=job, PaginationConfig={"PageSize": 2}))
    assert [[row["Id"] for row in page["JobRuns"]] for page in pages] == [[runs[2], runs[1]], [runs[0]]]


def test_a_run_can_repeat_the_arguments_of_an_earlier_one(glue: Glue) -> None:
    job = glue.job()
    first = glue.start(job, Arguments={"--day": "2013-01-01"})
    glue.reaches(job, first, "SUCCEEDED")
    again = glue.reaches(job, glue.start(job, JobRunId=first), "SUCCEEDED")
    assert (again["PreviousRunId"], again["Arguments"]) == (first, {"--day": "2013-01-01"})


@pytest.mark.parametrize(
    ("operation", "arguments", "code", "message"),
    [
        pytest.param(
            "start_job_run",
            {"JobName": "nothing"},
            "EntityNotFoundException",
            "Failed to start job run due to missing metadata",
            id="start of an unknown job",
        ),
        pytest.param(
            "get_job_run",
            {"JobName": "nothing", "RunId": "jr_1"},
            "EntityNotFoundException",
            "Job run jr_1 not found.",
            id="unknown run",
        ),
        pytest.param(
            "get_job_runs",
            {"JobName": "nothing"},
            "EntityNotFoundException",
            "Job with name: nothing not found.",
            id="runs of an unknown job",
        ),
    ],
)
def test_what_does_not_exist_is_an_error(
    glue: Glue, operation: str, arguments: dict[str, str], code: str, message: str
) -> None:
    with pytest.raises(ClientError) as error:
        getattr(glue.client, operation)(**arguments)
    assert refusal(error) == (code, message)


def test_a_bad_page_token_is_refused(glue: Glue) -> None:
    with pytest.raises(ClientError) as error:
        glue.client.get_job_runs(JobName=glue.job(), NextToken="nonsense")
    assert refusal(error)[0] == "InvalidInputException"


def test_a_run_that_takes_longer_than_it_should_is_told_of(glue: Glue, monkeypatch: pytest.MonkeyPatch) -> None:
    from lakeshift.local import events

    sent: list[tuple[str, str, dict[str, Any]]] = []
    monkeypatch.setattr(events, "emit", lambda *event: sent.append(event), raising=False)
    monkeypatch.setattr(runner, "_LATE_MINUTE", 0.01)
    job = glue.job("import time; time.sleep(30)", NotificationProperty={"NotifyDelayAfter": 10})
    run_id = glue.start(job)
    until(lambda: sent)
    _, kind, detail = sent[0]
    assert kind == "Glue Job Run Status"
    assert (detail["jobRunId"], detail["notificationCondition"]) == (run_id, {"NotifyDelayAfter": 10.0})
    glue.client.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    assert glue.runner.wait(run_id, 30)


def test_the_end_of_a_run_is_announced(glue: Glue, monkeypatch: pytest.MonkeyPatch) -> None:
    from lakeshift.local import events

    sent: list[tuple[str, str, dict[str, Any]]] = []
    monkeypatch.setattr(events, "emit", lambda *event: sent.append(event), raising=False)
    job = glue.job("raise ValueError('boom')")
    run_id = glue.start(job)
    glue.reaches(job, run_id, "FAILED")
    assert glue.runner.wait(run_id, 30)
    assert sent == [
        (
            "aws.glue",
            "Glue Job State Change",
            {
                "jobName": job,
                "severity": "ERROR",
                "state": "FAILED",
                "jobRunId": run_id,
                "message": f"JobName:{job} and JobRunId:{run_id} failed to execute with exception ValueError: boom",
            },
        )
    ]
