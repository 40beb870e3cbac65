"""A lake of its own to run the stages of jobs/ on: the local AWS in this process, and Spark as a job run has it."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.glue_session import glue_context
from lakeshift.local.server import LocalAws
from lakeshift.paths import StateFolder

__all__ = ["LAKE", "StageLake", "stage_lake"]

LAKE: Final = "bench"
_ZONES: Final = ("raw", "clean", "marts", "ops")
_DATABASES: Final = ("lakeshift_raw", "lakeshift_clean", "lakeshift_marts")


class StageLake:
    """Runs stages on the lake; bookmarks are off, so that a run reads all that lies there."""

    def __init__(self, buckets: Path, glue: Any, catalog: Any) -> None:
        self.glue, self.spark = glue, glue.spark_session
        self._buckets, self._catalog, self._runs = buckets, catalog, 0

    def zone(self, name: str) -> Path:
        """The folder of a bucket, such as ``raw``."""
        return self._buckets / f"{LAKE}-{name}"

    def url(self, zone: str) -> str:
        """The same as Spark and the stages name it."""
        return f"s3://{LAKE}-{zone}"

    def run(self, job: str, main: Callable[[], object] | None = None) -> None:
        """Run the job's ``main``, or another one in its place, as the launcher would call it."""
        self._runs += 1
        before = sys.argv
        sys.argv = [
            f"{job}.py", "--JOB_NAME", job, "--JOB_RUN_ID", f"jr_{self._runs}", "--lake", LAKE,
            "--pipeline_run_id", f"run-{self._runs}", "--job-bookmark-option", "job-bookmark-disable",
        ]  # fmt: skip
        try:
            (main or importlib.import_module(f"jobs.{job}").main)()
        finally:
            sys.argv = before
            self.spark.catalog.clearCache()

    def audit(self, stage: str) -> Path:
        """The audit document of the last run."""
        return self.zone("ops") / "audit" / f"run-{self._runs}" / f"{stage}.json"

    def clear(self, *zones: str) -> None:
        """Empty buckets and forget the tables: the next run is a first one."""
        for zone in zones:
            for path in self.zone(zone).iterdir():
                shutil.rmtree(path)
        for database in _DATABASES if zones else ():
            for table in self._catalog.get_tables(DatabaseName=database)["TableList"]:
                self._catalog.delete_table(DatabaseName=database, Name=table["Name"])


@contextmanager
def stage_lake(heap: int = 2048, lasting: bool = False) -> Iterator[StageLake]:
    """A lake without data; ``heap`` (megabytes) and ``lasting`` as for ``glue_context``. It ends with the block."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="stages-") as home:
        state = StateFolder(Path(home) / "state")
        with LocalAws(state) as aws:
            assert aws.context is not None
            os.environ.update(aws.context.job_environment())
            import boto3

            for zone in _ZONES:
                boto3.client("s3").create_bucket(Bucket=f"{LAKE}-{zone}")
            catalog = boto3.client("glue")
            for database in _DATABASES:
                catalog.create_database(DatabaseInput={"Name": database})
            try:
                with glue_context(Path(home), heap=heap, lasting=lasting) as glue:
                    yield StageLake(state.buckets, glue, catalog)
            finally:
                os.environ.clear()
                os.environ.update(before)
