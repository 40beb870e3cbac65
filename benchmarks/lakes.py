"""A lake on an installation of its own for the claims about the whole pipeline: fed, run, read, and put back."""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lakeshift.cli import executions, ingestion, outside, services
from lakeshift.cli.clients import LocalClients
from lakeshift.cli.deploying import deploy_local
from lakeshift.cli.progress import Progress
from lakeshift.cli.sql import execute
from lakeshift.local import process
from lakeshift.paths import StateFolder
from lakeshift.sample.files import SourceFolders

__all__ = ["Lake", "lake"]

LAKE: Final = "lakeshift-local"
_POLL: Final = 0.05  # seconds between two looks at an execution
_OPS: Final = ("pipeline/", "state/", "audit/", "manifests/")  # of the operations' bucket; its code stays
_FILLED: Final = (*((zone, "") for zone in ("raw", "clean", "marts")), *(("ops", prefix) for prefix in _OPS))


class Lake:
    """A running local AWS with everything deployed; its sources lie in ``folders``."""

    def __init__(self, state: StateFolder) -> None:
        self.state = state
        self.folders = SourceFolders(state.sources)
        self.clients = LocalClients(state)
        self._number = 0

    def ingest(self) -> None:
        """Send what the sources hold and has not been sent, as ``make run`` does."""
        ingestion.ingest(self.state, self.clients, Progress(io.StringIO()))

    def run(self) -> str:
        """One execution of the state machine, to its end; returns its ARN. Raises RuntimeError where it fails."""
        self._number += 1
        api = self.clients.client("stepfunctions")
        _, machine = executions.machine(api)
        name = f"run-{self._number}-{time.time_ns()}"
        arn = api.start_execution(stateMachineArn=machine, name=name, input="{}")["executionArn"]
        while (told := api.describe_execution(executionArn=arn))["status"] == "RUNNING":
            time.sleep(_POLL)
        if told["status"] != "SUCCEEDED":
            raise RuntimeError(f"{told['status']}: {executions.failure(api, told)}")
        return str(arn)

    def forget(self) -> None:
        """Put everything back to before the first run: objects, tables, bookmarks, rows of the warehouse."""
        s3, glue = self.clients.client("s3"), self.clients.client("glue")
        self.folders.spool.with_suffix(self.folders.spool.suffix + ".position").unlink(missing_ok=True)
        for zone, prefix in _FILLED:
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=f"{LAKE}-{zone}", Prefix=prefix)
            for page in pages:
                keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
                if keys:
                    s3.delete_objects(Bucket=f"{LAKE}-{zone}", Delete={"Objects": keys})
        for database in ("raw", "clean", "marts"):
            for table in glue.get_tables(DatabaseName=f"lakeshift_{database}")["TableList"]:
                glue.delete_table(DatabaseName=f"lakeshift_{database}", Name=table["Name"])
        for name in glue.get_paginator("get_jobs").paginate().search("Jobs[].Name"):
            try:
                glue.reset_job_bookmark(JobName=name)
            except glue.exceptions.EntityNotFoundException:
                continue
        tables = "select schemaname, tablename from pg_tables where schemaname in ('flights', 'staging')"
        for schema, table in execute(self.clients, tables).rows:
            execute(self.clients, f"delete from {schema}.{table}")  # noqa: S608 - names of the warehouse itself


@contextmanager
def lake() -> Iterator[Lake]:
    """Started and deployed in a folder of its own, its workers being warmed; stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="lake-") as home:
        state = StateFolder(Path(home))
        os.environ["LAKESHIFT_HOME"] = home
        try:
            facts = process.up(state, 0)
            services.prepare_worker(facts["endpoint"])
            world = outside.start(state)
            made = Lake(state)
            deploy_local(made.clients, world, Progress(io.StringIO()))
            yield made
        finally:
            outside.stop(state)
            process.down(state)
