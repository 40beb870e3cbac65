"""Who may start next: at most so many Spark processes at once, first come first served."""

from __future__ import annotations

from typing import Final

from lakeshift.local.glue.jobs.run import JobRun

__all__ = ["Slots"]

_SHELL_PROCESSES: Final = 8  # Python shell jobs are light; the limit only keeps a burst from choking the machine


class Slots:
    """The queue and the places. Not thread-safe: its owner holds the lock."""

    def __init__(self, spark_processes: int) -> None:
        self.spark_processes = spark_processes
        self._waiting: list[JobRun] = []
        self._taken: list[JobRun] = []

    def enter(self, run: JobRun) -> bool:
        """Queue the run; returns whether it may start at once."""
        self._waiting.append(run)
        return self.may_start(run)

    def may_start(self, run: JobRun) -> bool:
        """Whether it is this run's turn: no run before it in the queue could start now."""
        return next((other for other in self._waiting if self._fits(other)), None) is run

    def take(self, run: JobRun) -> None:
        """Move the run from the queue to a place."""
        self._waiting.remove(run)
        self._taken.append(run)

    def leave(self, run: JobRun) -> None:
        """Forget the run, queued or placed."""
        self._waiting = [other for other in self._waiting if other is not run]
        self._taken = [other for other in self._taken if other is not run]

    def reason(self, run: JobRun) -> str | None:
        """Why the run waits, as its StateDetail."""
        if run.uses_spark and self._of_kind(run) >= self.spark_processes:
            return f"Waiting for one of {self.spark_processes} local places for Spark jobs."
        return "Waiting for an earlier run."

    def _fits(self, run: JobRun) -> bool:
        limit = self.spark_processes if run.uses_spark else _SHELL_PROCESSES
        same_job = sum(_job(other) == _job(run) for other in self._taken)
        return self._of_kind(run) < limit and same_job < max(1, run.max_concurrent_runs)

    def _of_kind(self, run: JobRun) -> int:
        return sum(other.uses_spark == run.uses_spark for other in self._taken)


def _job(run: JobRun) -> tuple[str, str, str]:
    return run.account, run.region, run.job_name
