"""What the two claims about the start of a job run share: the script, and runs through the real worker pool."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.job_runs import plain_environment
from lakeshift.glue_runtime.spark_settings import heap_megabytes
from lakeshift.lake import FolderLake
from lakeshift.local.context import LocalContext
from lakeshift.local.glue.jobs.preparation import environment
from lakeshift.local.glue.jobs.process import JobProcess
from lakeshift.local.glue.jobs.workers import WorkerPool
from lakeshift.paths import StateFolder

_WORK = """
    import sys
    from pathlib import Path
    {start}
    rows = spark.range(1000).selectExpr("id % 7 as k", "id as v").groupBy("k").count().orderBy("k").collect()
    out = Path(sys.argv[sys.argv.index("--out") + 1])
    part = out.with_suffix(".part")
    part.write_text(str([tuple(row) for row in rows]))
    part.rename(out)
"""
_GLUE = """from awsglue.context import GlueContext
    from pyspark.context import SparkContext
    spark = GlueContext(SparkContext()).spark_session"""
_PLAIN = """from pyspark.sql import SparkSession
    spark = SparkSession.builder.getOrCreate()"""
_PATIENCE = 120.0


class Runs:
    """Starts the script in three ways; each returns its first result as soon as that is there."""

    def __init__(self, home: Path) -> None:
        self._home, self._number = home, 0
        self._state = StateFolder(home / "state").create()
        context = LocalContext("http://127.0.0.1:1", self._state, FolderLake(self._state.buckets))
        self._environment = environment(context)
        self.pool = WorkerPool.of(lambda: self._environment, self._state.root)
        self._ends: list[threading.Thread] = []

    def warm(self) -> str:
        """On a warm worker."""
        folder, out = self._folder(_GLUE)
        run = self.pool.take(heap_megabytes("G.1X", 1), folder, "start")
        answer = _first(out)
        self._end(run.wait)
        return answer

    def cold(self) -> str:
        """By the launcher, in a process of its own."""
        folder, out = self._folder(_GLUE)
        command = [sys.executable, "-P", "-m", "lakeshift.glue_runtime.launch", str(folder)]
        process = JobProcess(command, self._environment, folder, folder / "stdout", folder / "stderr")
        answer = _first(out)
        self._end(process.wait)
        return answer

    def plain(self) -> str:
        """As a plain PySpark script, in a new Python with default settings."""
        folder, out = self._folder(_PLAIN)
        with (folder / "log").open("wb") as log:
            command = [sys.executable, str(folder / "job.py"), "--out", str(out)]
            process = subprocess.Popen(command, env=plain_environment(), stdout=log, stderr=log, cwd=folder)
        answer = _first(out)
        self._end(process.wait)
        return answer

    def _end(self, wait: Callable[[], object]) -> None:
        """See a run to its end in the background: that is not part of its start."""
        self._ends.append(threading.Thread(target=wait))
        self._ends[-1].start()

    def settle(self) -> None:
        """Wait for the ends of what was started."""
        while self._ends:
            self._ends.pop().join()

    def _folder(self, start: str) -> tuple[Path, Path]:
        self._number += 1
        folder = self._home / f"run{self._number}"
        folder.mkdir()
        script, out = folder / "job.py", folder / "first-result"
        script.write_text(textwrap.dedent(_WORK.format(start=start)))
        document = {
            "job_name": "start",
            "job_run_id": f"jr_{self._number}",
            "command": "glueetl",
            "script": str(script),
            "arguments": {"--out": str(out)},
            "state_folder": str(self._state.root),
        }
        (folder / "run.json").write_text(json.dumps(document))
        return folder, out


def _first(out: Path) -> str:
    deadline = time.monotonic() + _PATIENCE
    while not out.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"No result in {out} within {_PATIENCE:g} s")
        time.sleep(0.002)
    return out.read_text()


@contextmanager
def runs() -> Iterator[Runs]:
    """The three ways, in a folder of their own; every process is ended."""
    with tempfile.TemporaryDirectory(prefix="starts-") as home:
        made = Runs(Path(home))
        try:
            yield made
            made.settle()
        finally:
            made.pool.close()
