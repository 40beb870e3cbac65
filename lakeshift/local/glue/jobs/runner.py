"""Runs job runs: one supervising thread and one session of processes a run.

States as in https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html; only this module moves a run from one to
the next, and a reader of a run never does.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lakeshift.errors import LakeshiftError
from lakeshift.glue_runtime.launch import OWN_PROCESS
from lakeshift.local import clock, logs
from lakeshift.local.context import LocalContext
from lakeshift.local.glue.jobs.announce import announce, announce_late
from lakeshift.local.glue.jobs.capture import LogCapture, LogWriter
from lakeshift.local.glue.jobs.outcome import Ending, ending_of, written_outcome
from lakeshift.local.glue.jobs.preparation import LaunchError, environment, launch_command, prepare
from lakeshift.local.glue.jobs.process import JobProcess, end_leftovers
from lakeshift.local.glue.jobs.run import STOPPABLE, JobRun
from lakeshift.local.glue.jobs.slots import Slots
from lakeshift.local.glue.jobs.store import RunStore
from lakeshift.local.glue.jobs.workers import WorkerPool, WorkerRun, heap_of

__all__ = ["SPARK_PROCESSES", "JobRunner"]

_log = logging.getLogger(__name__)

SPARK_PROCESSES: Final = 2
_LATE_MINUTE = 60.0  # seconds of a minute of NotifyDelayAfter
_GRACE: Final = 5.0  # seconds a stopped job has to end by itself
_SERVER_STOPPED: Final = "The local AWS was stopped while this job run was under way; start the job again."
_SERVER_DIED: Final = "The local AWS ended while this job run was under way; start the job again."


def _write_log(context: LocalContext, group: str, stream: str, events: list[tuple[int, str]]) -> None:
    logs.write_events(context, group, stream, events)


class JobRunner:
    """Starts, watches and ends the processes of job runs, and keeps their records.

    ``command`` makes the command line that runs a prepared folder and ``write_log`` takes what it prints; a test puts
    its own in their place.
    """

    def __init__(
        self, context: LocalContext, spark_processes: int = SPARK_PROCESSES, workers: WorkerPool | None = None
    ) -> None:
        """Without ``workers`` every run gets a process of its own."""
        self.context = context
        self.workers = workers
        self.store = RunStore(context.state.job_runs)
        self.command: Callable[[Path], list[str]] = launch_command
        self.write_log: LogWriter = functools.partial(_write_log, context)
        self.grace = _GRACE
        self.ended: Callable[[JobRun], object] = lambda _: None  # told of a run's end, once no attempt follows
        self._turn = threading.Condition(threading.RLock())
        self._slots = Slots(spark_processes)
        self._endings: dict[str, Ending] = {}  # asked for from outside: a stop, a timeout
        self._processes: dict[str, JobProcess | WorkerRun] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._under_way: dict[str, JobRun] = {}
        self._closed = False

    def submit(self, run: JobRun) -> None:
        """Record the run and see it through; returns at once. Raises LakeshiftError when the server is stopping."""
        with self._turn:
            if self._closed:
                raise LakeshiftError("The local AWS is stopping and starts no job run.")
            self._under_way[run.run_id] = run
            ready = self._slots.enter(run)
            detail = None if ready else self._slots.reason(run)
            self._move(run, "STARTING" if ready else "WAITING", detail)
            thread = threading.Thread(target=self._supervise, args=(run,), name=f"run-{run.run_id[:12]}", daemon=True)
            self._threads[run.run_id] = thread
            thread.start()

    def stop(self, run_id: str) -> bool:
        """Begin to stop the run; returns whether it was in a state that can be stopped."""
        with self._turn:
            run = self._under_way.get(run_id)
            if run is None or run.state not in STOPPABLE:
                return False
            self._move(run, "STOPPING")
        self._end(run, ("STOPPED", None))
        return True

    def close(self) -> None:
        """End every run and return once all their processes are gone."""
        with self._turn:
            self._closed = True
            runs = list(self._under_way.values())
            threads = list(self._threads.values())
        for run in runs:
            self._end(run, ("FAILED", _SERVER_STOPPED), grace=1.0)
        for thread in threads:
            thread.join(timeout=10)
        if self.workers is not None:
            self.workers.close()

    def wait(self, run_id: str, timeout: float) -> bool:
        """Block until the run's supervision is over; False when it is not within ``timeout`` seconds."""
        thread = self._threads.get(run_id)
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def recover(self) -> list[JobRun]:
        """Settle what a dead server left: end its processes, believe a written outcome, call the rest failed."""
        left = self.store.live()
        for run in left:
            if run.process is not None:
                end_leftovers(run.process, self.context.state.root)
            outcome = written_outcome(self.store.folder(run))
            self._conclude(run, outcome or ("FAILED", _SERVER_DIED))
        return left

    def _supervise(self, run: JobRun) -> None:
        try:
            ending = self._ending(run)
        except LaunchError as error:
            ending = ("FAILED", str(error))
        except Exception as error:  # whatever breaks here must end the run, not leave it running for ever
            _log.exception("Job run %s could not be supervised", run.run_id)
            ending = ("FAILED", f"The local AWS could not run the job: {type(error).__name__}: {error}")
        with self._turn:
            ending = self._endings.pop(run.run_id, ending)
            self._slots.leave(run)
            self._processes.pop(run.run_id, None)
            self._turn.notify_all()
        with self._turn:  # nobody sees a failed run between two attempts
            self._conclude(run, ending)
            again = self._retry(run)
        if not again:
            self._tell(run)
        with self._turn:
            self._threads.pop(run.run_id, None)
            self._endings.pop(run.run_id, None)

    @property
    def settled(self) -> threading.Condition:
        """Held by a reader of several runs, so that none is between two attempts."""
        return self._turn

    @property
    def closing(self) -> bool:
        """Whether no run is started any more."""
        return self._closed

    def _tell(self, run: JobRun) -> None:
        try:
            self.ended(run)
        except Exception:  # the run's own outcome stands, whatever its end sets off
            _log.exception("What follows job run %s could not be started", run.run_id)

    def _ending(self, run: JobRun) -> Ending:
        if not self._wait_for_turn(run):
            return "STOPPED", None
        folder = self.store.folder(run)
        prepare(run, folder, self.context)
        capture = LogCapture(self.write_log, folder, run.log_group, run.run_id)
        timer, late = self._timer(run), self._late(run)
        try:
            status = self._run(run, folder, heap_of(run))
            if status == OWN_PROCESS and written_outcome(folder) is None:
                status = self._run(run, folder, None)
        finally:
            timer.cancel()
            late.cancel()
            capture.finish()
        return ("STOPPED", None) if status is None else ending_of(folder, status)

    def _run(self, run: JobRun, folder: Path, heap: int | None) -> int | None:
        """Exit status of the run's process; None where it was stopped before it had one."""
        process = self._start(run, folder, heap)
        return None if process is None else process.wait()

    def _wait_for_turn(self, run: JobRun) -> bool:
        with self._turn:
            self._turn.wait_for(lambda: run.run_id in self._endings or self._slots.may_start(run))
            if run.run_id in self._endings:
                return False
            self._slots.take(run)
            self._turn.notify_all()  # the next in the queue may have a place too
            if run.state != "STARTING":
                self._move(run, "STARTING")
            return True

    def _start(self, run: JobRun, folder: Path, heap: int | None) -> JobProcess | WorkerRun | None:
        """Start the process, or take a worker of that ``heap``; None where the run was stopped just before."""
        with self._turn:
            if run.run_id in self._endings:
                return None
            process = self._warm_or_own(run, folder, heap)
            self._processes[run.run_id] = process
            run.process, run.running_since = process.session, time.time()
            self._move(run, "RUNNING")
            return process

    def _warm_or_own(self, run: JobRun, folder: Path, heap: int | None) -> JobProcess | WorkerRun:
        if self.workers is not None and heap is not None:
            return self.workers.take(heap, folder, run.job_name)
        return JobProcess(self.command(folder), environment(self.context), folder, folder / "stdout", folder / "stderr")

    def _timer(self, run: JobRun) -> threading.Timer:
        minutes = run.timeout or 0
        message = f"Job run exceeded its timeout of {minutes:g} minutes."
        timer = threading.Timer(minutes * 60, self._end, args=(run, ("TIMEOUT", message)))
        timer.daemon = True
        if minutes > 0:
            timer.start()
        return timer

    @staticmethod
    def _late(run: JobRun) -> threading.Timer:
        """Tells of the run when it takes longer than its NotificationProperty says."""
        minutes = (run.notification_property or {}).get("NotifyDelayAfter") or 0
        timer = threading.Timer(minutes * _LATE_MINUTE, announce_late, args=(run,))
        timer.daemon = True
        if minutes > 0:
            timer.start()
        return timer

    def _end(self, run: JobRun, ending: Ending, grace: float | None = None) -> None:
        """Let the run end so, unless it already ends another way, and end its processes in the background."""
        with self._turn:
            self._endings.setdefault(run.run_id, ending)
            process = self._processes.get(run.run_id)
            self._turn.notify_all()
        if process is not None:
            seconds = self.grace if grace is None else grace
            threading.Thread(target=process.end, args=(seconds,), daemon=True).start()

    def _retry(self, run: JobRun) -> bool:
        """Start the next attempt of a failed run; one that was stopped or ran out of time is not tried again.

        Returns whether there is one.
        """
        first, attempt = run.run_id.partition("_attempt_")[0], run.attempt + 1
        if run.state != "FAILED" or attempt > run.max_retries:
            return False
        again = dataclasses.replace(
            run,
            run_id=f"{first}_attempt_{attempt}",
            attempt=attempt,
            previous_run_id=run.run_id,
            started_on=time.time(),
            running_since=None,
            completed_on=None,
            error_message=None,
            process=None,
        )
        with self._turn:
            if self._closed:
                return False
            self.submit(again)
            return True

    def _conclude(self, run: JobRun, ending: Ending) -> None:
        with self._turn:
            self._under_way.pop(run.run_id, None)
            run.completed_on = time.time()
            run.error_message = ending[1]
            self._move(run, ending[0])
        clock.CLOCK.wake()  # a state that waits for it looks now, and not a little later
        announce(run)

    def _move(self, run: JobRun, state: str, detail: str | None = None) -> None:
        run.state, run.state_detail, run.modified_on = state, detail, time.time()
        self.store.save(run)
