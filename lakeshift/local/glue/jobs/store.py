"""The runs of all jobs: in memory for answers, one durable file a run for restarts."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from typing import Final

from lakeshift.local.glue.bookmarks.durable import read_json, write_json
from lakeshift.local.glue.jobs.run import JobRun

__all__ = ["RunStore"]

_FILE: Final = "state.json"


class RunStore:
    """Runs below ``root`` (``<state>/job-runs``); every change is on the disk before it can be seen."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.RLock()
        self._runs: dict[str, JobRun] = {}
        for path in sorted(root.glob(f"*/{_FILE}")):
            document = read_json(path)
            if document is not None:
                run = JobRun.from_json(document)
                self._runs[run.run_id] = run

    def folder(self, run: JobRun) -> Path:
        """Where the run's script, output and outcome lie."""
        return self.root / run.run_id

    def save(self, run: JobRun) -> None:
        """Keep the run as it now is; what readers get is a copy that no longer changes."""
        kept = dataclasses.replace(run)
        with self._lock:
            write_json(self.folder(kept) / _FILE, kept.as_json())
            self._runs[kept.run_id] = kept

    def get(self, account: str, region: str, job_name: str, run_id: str) -> JobRun | None:
        """The run of that job, or None."""
        with self._lock:
            run = self._runs.get(run_id)
        return run if run and (run.account, run.region, run.job_name) == (account, region, job_name) else None

    def of_job(self, account: str, region: str, job_name: str) -> list[JobRun]:
        """All runs of the job, the newest first, as GetJobRuns lists them."""
        with self._lock:
            runs = list(self._runs.values())
        chosen = [run for run in runs if (run.account, run.region, run.job_name) == (account, region, job_name)]
        return sorted(chosen, key=lambda run: (run.started_on, run.attempt), reverse=True)

    def of_workflow_run(self, workflow_run_id: str) -> list[JobRun]:
        """All runs of every job that the workflow's run started, the oldest first."""
        with self._lock:
            chosen = [run for run in self._runs.values() if run.workflow_run_id == workflow_run_id]
        return sorted(chosen, key=lambda run: (run.started_on, run.attempt))

    def live(self) -> list[JobRun]:
        """Runs of every job that have not ended."""
        with self._lock:
            return [run for run in self._runs.values() if run.is_live]
