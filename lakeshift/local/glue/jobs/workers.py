"""Warm workers: processes that stay after a job run and take the next one, with a JVM for Spark jobs.

At most one a place for Spark jobs, fewer where memory is short, and as many without a JVM for Python shell jobs; none
before the first run (or ``prepare``), none after ten idle minutes. A worker ends after a run that was stopped or that
left it unsound (see lakeshift.glue_runtime.worker), and after so many runs: the next begins with another.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from lakeshift.glue_runtime.description import COLD
from lakeshift.glue_runtime.launch import OWN_PROCESS
from lakeshift.glue_runtime.spark_settings import heap_megabytes
from lakeshift.local.glue.jobs.process import JobProcess
from lakeshift.local.glue.jobs.run import JobRun

__all__ = ["NO_HEAP", "Worker", "WorkerPool", "WorkerRun", "heap_of", "idle_workers"]

_log = logging.getLogger(__name__)

NO_HEAP: Final = 0  # of a worker without a JVM, for Python shell jobs
_RUNS: Final = 500  # after these a worker has earned its rest: what static fields of Java gather goes with it
_IDLE_SECONDS: Final = 600.0
_ENOUGH_MEGABYTES: Final = 12_000
_SAME_ENGINE: Final = (None, "5.0", "5.1")
_OWN_PROCESS: Final = ("--extra-jars", "--user-jars-first", "--conf", "--datalake-formats", "--enable-spark-ui")


def heap_of(run: JobRun) -> int | None:
    """MiB of heap of the worker that can take the run; None for a run that needs a process of its own.

    That is one that asks for it, and a Spark job of another Glue version, or with jars or settings that a JVM takes
    when it starts. Python modules of its own are no reason: every run has its own Python process.
    """
    cold = run.arguments.get(f"--{COLD}", "false").strip().lower() != "false"
    if cold:
        return None
    if not run.uses_spark:
        return NO_HEAP
    if run.glue_version not in _SAME_ENGINE:
        return None
    if any(run.arguments.get(name) for name in _OWN_PROCESS):
        return None
    return heap_megabytes(run.worker_type or "G.1X", run.number_of_workers or 1)


def idle_workers(machine_megabytes: int | None = None) -> int:
    """How many workers may wait for work: one of at most a quarter of a small machine, two where there is room."""
    if machine_megabytes is None:
        machine_megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return 2 if machine_megabytes >= _ENOUGH_MEGABYTES else 1


class Worker:
    """One process (lakeshift.glue_runtime.worker) and the channel to it."""

    def __init__(self, heap: int, environment: Mapping[str, str], folder: Path, state_folder: Path) -> None:
        """Start it, and do not wait; raises OSError where that is impossible."""
        self.heap, self.folder = heap, folder
        self.ran: Counter[str] = Counter()  # names of jobs: Java has compiled what these do
        folder.mkdir(parents=True)
        ours, theirs = socket.socketpair()
        with theirs:
            words = [str(folder), str(state_folder), str(heap), str(theirs.fileno())]
            self.process = JobProcess(
                [sys.executable, "-P", "-m", "lakeshift.glue_runtime.worker", *words],
                environment, folder, folder / "stdout", folder / "stderr", [theirs.fileno()],
            )  # fmt: skip
        self._channel = ours
        self._answers = ours.makefile("r", encoding="utf-8")

    @property
    def runs(self) -> int:
        """How many runs it was asked for."""
        return self.ran.total()

    def ask(self, folder: Path, job: str) -> None:
        """Ask for the run of ``job`` in ``folder``; a worker that has died is noticed by ``answer``."""
        self.ran[job] += 1
        try:
            self._channel.sendall(json.dumps({"run": str(folder)}).encode() + b"\n")
        except OSError:
            _log.warning("A warm worker ended before its run began; see %s", self.folder)

    def answer(self) -> dict[str, Any] | None:
        """Wait for its next answer; None where it has ended."""
        try:
            line = self._answers.readline()
        except OSError:
            return None
        return json.loads(line) if line.endswith("\n") else None

    def end(self, grace: float = 0.0) -> int:
        """End it and all its processes, remove its folder; returns the exit status."""
        self.process.end(grace)
        status = self.process.wait()
        self._answers.close()
        self._channel.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        return status


class WorkerRun:
    """A job run on a warm worker, with what a JobProcess has: ``session``, ``wait`` and ``end``."""

    def __init__(self, pool: WorkerPool, worker: Worker, folder: Path, job: str) -> None:
        self._pool, self._worker = pool, worker
        self._lock = threading.Lock()
        self._over = self._ending = False
        worker.ask(folder, job)

    @property
    def session(self) -> int:
        """Id of the worker's session."""
        return self._worker.process.session

    def wait(self) -> int:
        """Block until the run is over; returns its exit status, OWN_PROCESS where the worker ended before it began."""
        answer, begun = self._worker.answer(), False
        while answer is not None and "status" not in answer:  # of the run before: {"ready": true}
            begun = begun or "begun" in answer
            answer = self._worker.answer()
        with self._lock:
            self._over = True
            ended = self._ending
        if answer is None:
            status = self._pool.discard(self._worker)
            return status if begun or ended else OWN_PROCESS
        status = int(answer["status"])
        if answer["sound"] and not ended:
            self._pool.give_back(self._worker)
        else:
            self._pool.replace(self._worker)
        return status

    def end(self, grace: float) -> None:
        """End the run by ending its worker, unless it is over: the worker is another's by then."""
        with self._lock:
            if self._over:
                return
            self._ending = True
        self._worker.process.end(grace)


class WorkerPool:
    """The idle workers. ``start`` makes one of a heap; ``keep`` is how many of each kind may wait for work."""

    def __init__(self, start: Callable[[int], Worker], keep: int, idle_seconds: float = _IDLE_SECONDS) -> None:
        self._start, self._keep, self._idle_seconds = start, keep, idle_seconds
        self._lock = threading.Lock()
        self._idle: dict[Worker, threading.Timer] = {}
        self._all: set[Worker] = set()
        self._closed = False

    @classmethod
    def of(cls, environment: Callable[[], Mapping[str, str]], state_folder: Path) -> WorkerPool:
        """The pool of a local AWS, whose workers live in ``<state folder>/workers``."""
        home = state_folder / "workers"
        shutil.rmtree(home, ignore_errors=True)  # of a server that was killed

        def start(heap: int) -> Worker:
            return Worker(heap, environment(), home / uuid.uuid4().hex[:12], state_folder)

        return cls(start, idle_workers())

    def take(self, heap: int, folder: Path, job: str) -> WorkerRun:
        """Run ``folder`` on an idle worker of that heap, or on a new one; raises OSError where none can start.

        The one that ran ``job`` most often, of equal ones the last at work: it is the warmest for it.
        """
        with self._lock:
            alike = [one for one in reversed(self._idle) if one.heap == heap]
            worker = max(alike, key=lambda one: one.ran[job], default=None)
            if worker is not None:
                self._idle.pop(worker).cancel()
        return WorkerRun(self, worker or self._new(heap), folder, job)

    def prepare(self, heap: int) -> None:
        """Have one idle worker of that heap, if there is none at all yet (with a JVM, or without)."""
        with self._lock:
            needed = not any(_alike(heap, one.heap) for one in self._all) and not self._closed
        if needed:
            self._rest(self._new(heap))

    def count(self) -> int:
        """How many there are, idle or at work."""
        with self._lock:
            return len(self._all)

    def give_back(self, worker: Worker) -> None:
        """Take a worker that is sound: it clears up what is left before it looks at the next request."""
        if worker.runs < _RUNS:
            self._rest(worker)
        else:
            self.replace(worker)

    def replace(self, worker: Worker) -> None:
        """End a worker that may not go on, and in the background have another where none is left."""
        self.discard(worker)
        threading.Thread(target=self.prepare, args=(worker.heap,), name="worker", daemon=True).start()

    def discard(self, worker: Worker) -> int:
        """End a worker at once and return its exit status."""
        status = worker.end()
        with self._lock:
            self._all.discard(worker)
        return status

    def close(self) -> None:
        """End every worker."""
        with self._lock:
            self._closed = True
            workers, self._all = list(self._all), set()
            for timer in self._idle.values():
                timer.cancel()
            self._idle.clear()
        for worker in workers:
            worker.end()

    def _new(self, heap: int) -> Worker:
        worker = self._start(heap)
        with self._lock:
            self._all.add(worker)
        return worker

    def _rest(self, worker: Worker) -> None:
        timer = threading.Timer(self._idle_seconds, self._retire, args=(worker,))
        timer.daemon = True
        with self._lock:
            room = sum(_alike(worker.heap, one.heap) for one in self._idle) < self._keep and not self._closed
            if room:
                self._idle[worker] = timer
                timer.start()
        if not room:
            self.discard(worker)

    def _retire(self, worker: Worker) -> None:
        with self._lock:
            mine = self._idle.pop(worker, None) is not None
        if mine:
            self.discard(worker)


def _alike(heap: int, other: int) -> bool:
    return (heap == NO_HEAP) == (other == NO_HEAP)
