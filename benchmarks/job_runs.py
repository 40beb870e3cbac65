"""Runs of a script on a warm worker, in a launcher's process, or as a plain PySpark script."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lakeshift.glue_runtime.spark_settings import heap_megabytes
from lakeshift.lake import FolderLake
from lakeshift.local.context import LocalContext
from lakeshift.local.glue.jobs.preparation import environment
from lakeshift.local.glue.jobs.process import JobProcess
from lakeshift.local.glue.jobs.workers import WorkerPool
from lakeshift.paths import StateFolder

__all__ = ["JobRuns", "job_runs", "plain_environment"]


def plain_environment() -> dict[str, str]:
    """This process's environment without what points Spark anywhere: that of a plain PySpark script."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYSPARK", "SPARK"))}


class JobRuns:
    """Runs below the folder ``home``; each is over when its call returns, and raises RuntimeError where it failed."""

    def __init__(self, home: Path) -> None:
        self.home, self._number = home, 0
        self._state = StateFolder(home / "state").create()
        self.buckets = self._state.buckets
        context = LocalContext("http://127.0.0.1:1", self._state, FolderLake(self._state.buckets))
        self._environment = environment(context)
        self.pool = WorkerPool.of(lambda: self._environment, self._state.root)

    def warm(self, script: Path, arguments: Mapping[str, str]) -> None:
        """On a warm worker."""
        folder = self._folder(script, arguments)
        self._told(folder, self.pool.take(heap_megabytes("G.1X", 1), folder, script.stem).wait())

    def cold(self, script: Path, arguments: Mapping[str, str]) -> None:
        """By the launcher, in a process of its own, as ``--lakeshift-cold true`` asks for."""
        folder = self._folder(script, arguments)
        command = [sys.executable, "-P", "-m", "lakeshift.glue_runtime.launch", str(folder)]
        process = JobProcess(command, self._environment, folder, folder / "stdout", folder / "stderr")
        self._told(folder, process.wait())

    def plain(self, script: Path, *arguments: str) -> None:
        """As a plain PySpark script, in a new Python with default settings."""
        folder = self._new_folder()
        with (folder / "stderr").open("wb") as log:
            command = [sys.executable, str(script), *arguments]
            done = subprocess.run(command, env=plain_environment(), stdout=log, stderr=log, cwd=folder, check=False)
        self._told(folder, done.returncode)

    def _told(self, folder: Path, status: int) -> None:
        if status:
            raise RuntimeError(f"exit {status}:\n{(folder / 'stderr').read_text(errors='replace')[-3000:]}")

    def _new_folder(self) -> Path:
        self._number += 1
        folder = self.home / f"run{self._number}"
        folder.mkdir()
        return folder

    def _folder(self, script: Path, arguments: Mapping[str, str]) -> Path:
        folder = self._new_folder()
        document = {
            "job_name": script.stem,
            "job_run_id": f"jr_{self._number}",
            "command": "glueetl",
            "script": str(script),
            "arguments": {f"--{name}": value for name, value in arguments.items()},
            "state_folder": str(self._state.root),
        }
        (folder / "run.json").write_text(json.dumps(document))
        return folder


@contextmanager
def job_runs() -> Iterator[JobRuns]:
    """In a folder of their own; the warm workers end with it."""
    with tempfile.TemporaryDirectory(prefix="job-runs-") as home:
        made = JobRuns(Path(home))
        try:
            yield made
        finally:
            made.pool.close()
