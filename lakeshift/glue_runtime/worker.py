"""A warm worker: ``python -m lakeshift.glue_runtime.worker <folder> <state folder> <heap MiB> <descriptor>``.

It has a JVM and the modules that every Spark job imports, and forks a process for each run: so a run begins with
what is loaded, and whatever it does to its modules, environment, arguments or import path ends with it. One with a heap
of 0 has no JVM and serves Python shell jobs. Requests come as JSON lines over the socket ``descriptor``: ``{"run":
"<run folder>"}`` is answered by ``{"begun": true}`` when its process is there, ``{"status": n, "sound": true}`` when it
is over, and ``{"ready": true}`` when nothing of it is left. It is not sound after a run that was killed, left tasks at
work or used up the memory: only its end ends those for sure.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from lakeshift.errors import LakeshiftError
from lakeshift.glue_runtime import launch, service_models, warm_up
from lakeshift.glue_runtime.worker_jvm import NoJvm, WorkerJvm

if TYPE_CHECKING:
    from lakeshift.glue_runtime.description import RunDescription
    from lakeshift.glue_runtime.spark_run import SparkRun

__all__ = ["Worker", "main"]

_SHELL: Final = (
    "boto3",
    "s3transfer.manager",
    "awsglue.utils",
    "lakeshift.glue_runtime.launch",
)
_SPARK: Final = (
    "boto3",
    "pyspark.sql.functions",
    "pyspark.sql.types",
    "awsglue.context",
    "awsglue.dynamicframe",
    "awsglue.job",
    "awsglue.transforms",
    "awsglue.utils",
    "lakeshift.glue_runtime.spark_run",
    "lakeshift.glue_runtime.binding.install",
)


class Worker:
    """Serves one run at a time."""

    def __init__(self, folder: Path, state_folder: Path, heap: int, channel: socket.socket) -> None:
        self._channel = channel
        self._jvm = WorkerJvm(folder, heap, state_folder) if heap else NoJvm()
        before = set(sys.modules)
        for name in _SPARK if heap else _SHELL:
            importlib.import_module(name)
        # The first clients of a process take 0.3 s, and 0.1 s of each run more without the descriptions of services.
        service_models.load()
        gc.collect()
        gc.freeze()  # what is loaded stays: a run that looked through all of it would copy its pages, in 0.2 s
        self._loaded = frozenset(name.partition(".")[0] for name in set(sys.modules) - before)
        self._warm = None if heap == 0 else functools.partial(warm_up.prepare, folder / "warm-up", state_folder)
        self._run: int | None = None
        self._told_to_end = False
        signal.signal(signal.SIGTERM, self._end)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        """The run was asked to end as well and may take its time; an idle worker ends at once."""
        self._told_to_end = True
        if self._run is None:
            os._exit(128 + signal.SIGTERM)

    def serve(self) -> int:
        """Serve until the other end of the channel closes."""
        self._warm_up()
        requests = self._channel.makefile("r", encoding="utf-8")
        for line in requests:
            folder = Path(json.loads(line)["run"])
            run = self._start(folder, folder / "stdout", folder / "stderr")
            self._tell(begun=True)
            status = self._wait(run)
            sound = status == 0 or self._is_sound_after(folder, status)
            self._tell(status=status, sound=sound)
            if self._told_to_end:
                return 128 + signal.SIGTERM
            self._jvm.end()
            self._tell(ready=True)
        self._jvm.close()
        return 0

    def _is_sound_after(self, folder: Path, status: int) -> bool:
        """Whether a run that failed ended by itself, with all of its tasks, and not for want of memory."""
        outcome = folder / "outcome.json"
        if status != 1 or not outcome.exists() or "OutOfMemoryError" in outcome.read_text("utf-8"):
            return False
        return self._jvm.settle()

    def _tell(self, **answer: Any) -> None:
        self._channel.sendall(json.dumps(answer).encode() + b"\n")

    def _start(self, folder: Path, stdout: Path, stderr: Path) -> int:
        port, secret = self._jvm.begin(stdout, stderr)
        self._run = os.fork()
        if self._run == 0:
            self._become(folder, stdout, stderr, port, secret)
        return self._run

    def _wait(self, run: int) -> int:
        status = os.waitstatus_to_exitcode(os.waitpid(run, 0)[1])
        self._run = None
        return 128 - status if status < 0 else status

    def _become(self, folder: Path, stdout: Path, stderr: Path, port: int, secret: str) -> None:
        """In the fork: be the run's process, as if started for it alone, and end with it."""
        status = 1
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self._channel.close()
            self._jvm.leave()
            _redirect(os.devnull, os.O_RDONLY, 0)
            _redirect(stdout, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 1)
            _redirect(stderr, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 2)
            os.chdir(folder)
            status = launch.run_folder(folder, lambda run: _attached(run, port, secret), self._loaded)
        finally:
            launch.leave(status)

    def _warm_up(self) -> None:
        """Run what most jobs do over a few rows, until the first request comes: Java is slow at what is new to it."""
        if self._warm is None:
            return
        run = self._warm()
        child = self._start(run, run / "stdout", run / "stderr")
        finished = os.pidfd_open(child)
        request = self._channel.fileno()
        ready, _, _ = select.select([finished, request], [], [])
        os.close(finished)
        if request in ready:
            os.kill(child, signal.SIGKILL)
        self._wait(child)
        self._jvm.end()


def _attached(run: RunDescription, port: int, secret: str) -> SparkRun:
    from lakeshift.glue_runtime.spark_run import attach_spark

    return attach_spark(run, port, secret)


def _redirect(path: str | Path, flags: int, descriptor: int) -> None:
    opened = os.open(path, flags, 0o644)
    os.dup2(opened, descriptor)
    os.close(opened)


def main(arguments: list[str] | None = None) -> int:
    """Serve; returns the exit status."""
    folder, state_folder, heap, descriptor = sys.argv[1:] if arguments is None else arguments
    channel = socket.socket(fileno=int(descriptor))
    channel.set_inheritable(False)
    try:
        return Worker(Path(folder), Path(state_folder), int(heap), channel).serve()
    except (LakeshiftError, BrokenPipeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    launch.leave(main())
