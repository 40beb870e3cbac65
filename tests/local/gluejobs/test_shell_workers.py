"""Python shell runs on a warm worker: real processes, no server and no JVM."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeshift.local.glue.jobs.workers import NO_HEAP, WorkerPool

_MESS = """
    import os, sys, json, boto3
    os.environ["LEAK"] = sys.argv[1]
    boto3.leak = json.leak = 1
    os.chdir("/")
    boto3.setup_default_session(region_name="eu-west-1")
    print("done")
"""
_LOOK = """
    import json, os, sys, boto3
    told = [os.environ.get("LEAK"), hasattr(boto3, "leak"), hasattr(json, "leak"), boto3.DEFAULT_SESSION, sys.argv[1:3]]
    print(json.dumps([*told, os.getcwd(), os.getppid()]))
"""


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[WorkerPool]:
    made = WorkerPool.of(lambda: {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, tmp_path / "state")
    yield made
    made.close()


def folder(home: Path, name: str, script: str) -> Path:
    made = home / name
    made.mkdir()
    (made / "job.py").write_text(textwrap.dedent(script))
    document = {
        "job_name": name,
        "job_run_id": name,
        "command": "pythonshell",
        "script": str(made / "job.py"),
        "arguments": {"--given": name},
        "state_folder": str(home / "state"),
    }
    (made / "run.json").write_text(json.dumps(document))
    return made


def test_a_run_sees_nothing_of_the_one_before_it_on_the_same_worker(pool: WorkerPool, tmp_path: Path) -> None:
    first, second, failing = (
        folder(tmp_path, name, text)
        for name, text in (("first", _LOOK), ("second", _LOOK), ("failing", "raise ValueError('no')"))
    )
    mess = folder(tmp_path, "mess", _MESS)
    assert [pool.take(NO_HEAP, run, run.name).wait() for run in (first, mess, second, failing)] == [0, 0, 0, 1]
    told = [json.loads((run / "stdout").read_text()) for run in (first, second)]
    assert told[0][-1] == told[1][-1], "both are children of one worker"
    assert told[1][:-1] == [None, False, False, None, ["--given", "second"], str(second)]
    assert json.loads((failing / "outcome.json").read_text())["error_message"].startswith("ValueError: no")
