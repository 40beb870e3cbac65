"""Runs outlive the server that started them; their processes do not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import uuid
from pathlib import Path

import pytest

from lakeshift.lake import FolderLake
from lakeshift.local.context import LocalContext
from lakeshift.local.glue.jobs.run import JobRun
from lakeshift.local.glue.jobs.runner import JobRunner
from lakeshift.paths import StateFolder
from tests.local.gluejobs.helpers import alive, fake_command
from tests.waiting import until

SERVER = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    from tests.local.gluejobs.test_restart import make_run, make_runner
    runner = make_runner(Path(sys.argv[1]))
    runner.submit(make_run("jr_1"))
    time.sleep(60)
    """
)


def make_context(root: Path) -> LocalContext:
    state = StateFolder(root).create()
    return LocalContext("http://127.0.0.1:1", state, FolderLake(state.buckets))


def make_runner(root: Path) -> JobRunner:
    runner = JobRunner(make_context(root))
    runner.command = fake_command
    runner.write_log = lambda group, stream, events: None
    runner.grace = 0.3
    return runner


def make_run(run_id: str, **more: object) -> JobRun:
    command = {"Name": "pythonshell", "ScriptLocation": "s3://code/job.py"}
    facts = {
        "run_id": run_id,
        "job_name": "job",
        "account": "1",
        "region": "r",
        "command": command,
        "arguments": {},
        "started_on": time.time(),
    }
    return JobRun(**{**facts, **more})  # type: ignore[arg-type]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    lake = make_context(tmp_path).lake
    (lake.root / "code").mkdir()
    lake.put("code", "job.py", b"import os, time; print(os.getpid(), flush=True); time.sleep(60)")
    return tmp_path


def job_process(home: Path, server: subprocess.Popen[bytes] | None = None) -> int:
    path = home / "job-runs" / "jr_1" / "stdout"

    def printed() -> str:
        assert server is None or server.poll() is None, "the server ended by itself"
        return path.read_text() if path.exists() else ""

    return int(until(printed))


def found(runner: JobRunner, run_id: str = "jr_1") -> JobRun:
    run = runner.store.get("1", "r", "job", run_id)
    assert run is not None
    return run


def killed_server(home: Path, *, with_a_stuck_guardian: bool = False) -> int:
    """Start a server with one run, kill it without warning; returns the id of the job's process."""
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(home)], cwd=Path(__file__).parents[3])
    pid = job_process(home, server)
    # The process prints before the server has recorded it; a server killed in between has no RUNNING run to find.
    guardian = until(lambda: found(make_runner(home)).process)
    if with_a_stuck_guardian:
        os.kill(guardian, signal.SIGSTOP)
    server.send_signal(signal.SIGKILL)
    server.wait()
    return pid


def test_processes_of_a_killed_server_end_and_the_run_is_failed_at_the_next_start(home: Path) -> None:
    pid = killed_server(home)
    assert found(make_runner(home)).state == "RUNNING"
    until(lambda: not alive(pid))
    runner = make_runner(home)
    runner.recover()
    run = found(runner)
    assert (run.state, run.error_message) == (
        "FAILED",
        "The local AWS ended while this job run was under way; start the job again.",
    )
    assert found(make_runner(home)).state == "FAILED"


def test_a_start_ends_what_a_killed_server_left_and_does_not_wait_for_it_to_notice(home: Path) -> None:
    pid = killed_server(home, with_a_stuck_guardian=True)
    assert alive(pid)
    make_runner(home).recover()
    assert not alive(pid)


def test_an_outcome_written_before_the_server_died_is_believed(home: Path) -> None:
    runner = make_runner(home)
    runner.store.save(make_run("jr_1", state="RUNNING"))
    (home / "job-runs" / "jr_1" / "outcome.json").write_text(json.dumps({"state": "SUCCEEDED"}))
    again = make_runner(home)
    again.recover()
    assert found(again).state == "SUCCEEDED"


@pytest.mark.parametrize("state", ["WAITING", "STARTING", "STOPPING"])
def test_a_run_that_had_no_process_yet_is_failed_too(home: Path, state: str) -> None:
    make_runner(home).store.save(make_run("jr_1", state=state))
    again = make_runner(home)
    again.recover()
    assert found(again).state == "FAILED"


def test_a_process_id_that_belongs_to_something_else_by_now_is_left_alone(home: Path) -> None:
    bystander = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        make_runner(home).store.save(make_run("jr_1", state="RUNNING", process=bystander.pid))
        make_runner(home).recover()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_close_ends_every_run_and_its_processes(home: Path) -> None:
    runner = make_runner(home)
    runner.submit(make_run("jr_1", max_retries=1))
    runner.submit(make_run("jr_2"))  # waits: the job may have one run at a time
    pid = job_process(home)
    runner.close()
    assert not alive(pid)
    assert [found(runner, name).state for name in ("jr_1", "jr_2")] == ["FAILED", "FAILED"]
    assert found(runner).error_message == (
        "The local AWS was stopped while this job run was under way; start the job again."
    )
    assert runner.store.get("1", "r", "job", "jr_1_attempt_1") is None


def test_a_command_that_cannot_start_fails_the_run(home: Path) -> None:
    runner = make_runner(home)
    runner.command = lambda folder: [f"/no/such/{uuid.uuid4().hex}"]
    runner.submit(make_run("jr_1"))
    assert runner.wait("jr_1", 30)
    assert found(runner).state == "FAILED"
    assert "No such file or directory" in str(found(runner).error_message)
