"""The JVM of a warm worker: it outlives its runs, and each run gets a py4j gateway and a secret of its own."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

from lakeshift.errors import LakeshiftError
from lakeshift.glue_runtime.gateway import java_process
from lakeshift.glue_runtime.spark_settings import archives, java_options, job_jars, storage

__all__ = ["NoJvm", "WorkerJvm"]

_MAIN = "lakeshift.worker.SparkWorker"


class WorkerJvm:
    """Started at once and not waited for; ends when ``close`` is called, or when this process ends in any way."""

    def __init__(self, folder: Path, heap: int, state_folder: Path, *, lasting: bool = True) -> None:
        """``folder`` takes its temporary files; ``heap`` is in MiB; ``lasting`` as for ``java_options``."""
        options = [*java_options(heap, lasting=lasting), f"-Dderby.system.home={folder}", f"-Djava.io.tmpdir={folder}"]
        jars = job_jars(storage(state_folder)[1])
        command, environment, _ = java_process(_MAIN, options, jars, archives(), make=False)
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=folder
        )
        self._commands, self._answers = self._process.stdin, self._process.stdout

    def begin(self, stdout: Path, stderr: Path) -> tuple[int, str]:
        """Let what Java prints go to the run's files; returns port and secret of the run's gateway.

        Raises LakeshiftError where the JVM has ended.
        """
        port, secret = self._ask(f"begin\t{stdout}\t{stderr}").split()
        return int(port), secret

    def settle(self) -> bool:
        """Stop Spark; whether all its tasks are over. Raises LakeshiftError where the JVM has ended itself."""
        return self._ask("settle") == "0"

    def end(self) -> None:
        """End whatever the run left in the JVM. Raises LakeshiftError where it has ended itself."""
        self._ask("end")

    def _ask(self, command: str) -> str:
        answer = ""
        if self._commands is not None and self._answers is not None:
            with contextlib.suppress(OSError):
                self._commands.write(command.encode() + b"\n")
                self._commands.flush()
            answer = self._answers.readline().decode().strip()
        if not answer:
            raise LakeshiftError(f"The worker's Java process has ended (status {self._process.poll()}).")
        return answer

    def leave(self) -> None:
        """In a forked process: let go of the pipes, so that the JVM ends with the worker and not with the fork."""
        for pipe in (self._commands, self._answers):
            if pipe is not None:
                pipe.close()

    def close(self) -> None:
        """End the JVM and wait for it."""
        self.leave()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        self._process.kill()
        self._process.wait()


class NoJvm:
    """In its place for Python shell jobs."""

    def begin(self, _stdout: Path, _stderr: Path) -> tuple[int, str]:
        """No gateway."""
        return 0, ""

    def settle(self) -> bool:
        """No tasks go on."""
        return True

    def end(self) -> None:
        """Nothing is left of a run."""

    def leave(self) -> None:
        """No pipes to let go of."""

    def close(self) -> None:
        """Nothing to end."""
