"""One run of a workflow: what is kept of it. What its jobs and crawls do is known by themselves.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-workflow.html
"""

from __future__ import annotations

import dataclasses
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lakeshift.local.glue.bookmarks.durable import read_json, write_json

__all__ = ["ACTIVE", "WorkflowRun", "WorkflowRunStore"]

ACTIVE: Final = frozenset({"RUNNING", "STOPPING"})


@dataclass(slots=True)
class WorkflowRun:
    """Times are epoch seconds of the local AWS's clock; a node is named ``JOB:<name>`` or ``CRAWLER:<name>``.

    ``triggers`` are those of the workflow when the run began: a later change is of later runs. ``copied`` are the job
    runs and crawls of nodes that a resumed run took over.
    """

    run_id: str
    name: str
    account: str
    region: str
    started_on: float
    triggers: list[dict[str, Any]]
    properties: dict[str, str]
    status: str = "RUNNING"
    previous_run_id: str | None = None
    completed_on: float | None = None
    error_message: str | None = None
    batch: dict[str, int] | None = None
    fired: list[str] = field(default_factory=list)
    crawls: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    copied: dict[str, list[str]] = field(default_factory=dict)
    restarted: list[str] = field(default_factory=list)

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self.status in ACTIVE


class WorkflowRunStore:
    """Runs of all workflows below ``root``; each change is on the disk before it can be seen."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.RLock()
        self._runs: dict[str, WorkflowRun] = {}
        for path in sorted(root.glob("*.json")):
            document = read_json(path)
            if document is not None:
                self._runs[document["run_id"]] = WorkflowRun(**document)

    def save(self, run: WorkflowRun) -> None:
        """Keep the run as it now is."""
        with self._lock:
            write_json(self._root / f"{run.run_id}.json", dataclasses.asdict(run))
            self._runs[run.run_id] = run

    def get(self, run_id: str) -> WorkflowRun | None:
        """The run, or None."""
        return self._runs.get(run_id)

    def of_workflow(self, account: str, region: str, name: str) -> list[WorkflowRun]:
        """All runs of the workflow, the newest first."""
        with self._lock:
            runs = list(self._runs.values())
        chosen = [run for run in runs if (run.account, run.region, run.name) == (account, region, name)]
        return sorted(chosen, key=lambda run: run.started_on, reverse=True)

    def active(self) -> list[WorkflowRun]:
        """Runs that have not ended."""
        with self._lock:
            return [run for run in self._runs.values() if run.is_active]
