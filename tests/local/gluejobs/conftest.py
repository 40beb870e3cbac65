"""A Glue whose runs start a tiny fake launcher: the real supervision, no Spark."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from lakeshift.local.glue.backend import LocalGlueBackend
from lakeshift.local.glue.jobs.runner import JobRunner
from lakeshift.local.server import LocalAws
from tests.local.gluejobs.helpers import fake_command
from tests.waiting import until

ENDED = {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR"}


@dataclass
class Glue:
    """A boto3 client with what the tests do again and again."""

    client: Any
    s3: Any
    runner: JobRunner
    bucket: str

    def script(self, text: str) -> str:
        key = f"code/{uuid.uuid4().hex}.py"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        return f"s3://{self.bucket}/{key}"

    def job(self, text: str = "print('hello')", command: str = "pythonshell", **more: Any) -> str:
        name = f"job-{uuid.uuid4().hex[:12]}"
        location = more.pop("location", None) or self.script(text)
        self.client.create_job(
            Name=name, Role="r", Command={"Name": command, "ScriptLocation": location, "PythonVersion": "3.9"}, **more
        )
        return name

    def start(self, job: str, **more: Any) -> str:
        return str(self.client.start_job_run(JobName=job, **more)["JobRunId"])

    def run(self, job: str, run_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get_job_run(JobName=job, RunId=run_id)["JobRun"]
        return answer

    def reaches(self, job: str, run_id: str, *states: str) -> dict[str, Any]:
        wanted = set(states) or ENDED

        def check() -> dict[str, Any] | None:
            run = self.run(job, run_id)
            if run["JobRunState"] in ENDED and run["JobRunState"] not in wanted:
                raise AssertionError(f"{run['JobRunState']}: {run.get('ErrorMessage')}")
            return run if run["JobRunState"] in wanted else None

        found: dict[str, Any] = until(check)
        return found

    def folder(self, run_id: str) -> Path:
        return self.runner.store.root / run_id


@pytest.fixture(scope="module")
def clients(local_aws: LocalAws) -> tuple[Any, Any, str]:
    """Glue, S3 and a bucket: an SDK client takes longer to make than most of the tests."""
    s3 = boto3.client("s3", endpoint_url=local_aws.endpoint)
    bucket = f"code-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket)
    return boto3.client("glue", endpoint_url=local_aws.endpoint), s3, bucket


@pytest.fixture
def glue(clients: tuple[Any, Any, str]) -> Iterator[Glue]:
    runner = LocalGlueBackend.runner
    assert runner is not None
    before = runner.command, runner.grace, runner.workers
    runner.command, runner.grace, runner.workers = fake_command, 0.3, None
    client, s3, bucket = clients
    yield Glue(client, s3, runner, bucket)
    runner.command, runner.grace, runner.workers = before
