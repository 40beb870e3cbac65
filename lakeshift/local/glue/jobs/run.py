"""One job run: its facts, and how the API shows them.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from lakeshift.local.glue.jobs.capacity import dpu_per_worker

__all__ = ["LIVE", "STOPPABLE", "JobRun", "log_group"]

LIVE: Final = frozenset({"WAITING", "STARTING", "RUNNING", "STOPPING"})
STOPPABLE: Final = frozenset({"WAITING", "STARTING", "RUNNING"})

_OPTIONAL: Final = {
    "PreviousRunId": "previous_run_id",
    "TriggerName": "trigger_name",
    "JobMode": "job_mode",
    "Arguments": "arguments",
    "ErrorMessage": "error_message",
    "Timeout": "timeout",
    "WorkerType": "worker_type",
    "NumberOfWorkers": "number_of_workers",
    "SecurityConfiguration": "security_configuration",
    "NotificationProperty": "notification_property",
    "GlueVersion": "glue_version",
    "ExecutionClass": "execution_class",
    "StateDetail": "state_detail",
    "MaxCapacity": "max_capacity",
    "JobRunQueuingEnabled": "queuing",
}


def log_group(command: str) -> str:
    """The prefix of a run's two log groups (``…/output`` and ``…/error``) for the job command's name."""
    return "/aws-glue/python-jobs" if command == "pythonshell" else "/aws-glue/jobs"


@dataclass(slots=True)
class JobRun:
    """The definition as it was when the run was asked for, and what became of it. Times are epoch seconds."""

    run_id: str
    job_name: str
    account: str
    region: str
    command: dict[str, str]
    arguments: dict[str, str]
    started_on: float
    state: str = "STARTING"
    attempt: int = 0
    previous_run_id: str | None = None
    glue_version: str | None = None
    worker_type: str | None = None
    number_of_workers: int | None = None
    max_capacity: float | None = None
    timeout: float | None = None  # minutes
    max_retries: int = 0
    max_concurrent_runs: int = 1
    queuing: bool | None = None
    execution_class: str | None = None
    job_mode: str | None = None
    security_configuration: str | None = None
    notification_property: dict[str, int] | None = None
    running_since: float | None = None
    modified_on: float = field(default=0.0)
    completed_on: float | None = None
    error_message: str | None = None
    state_detail: str | None = None
    process: int | None = None  # id of the process (and session) that runs it
    trigger_name: str | None = None
    workflow_run_id: str | None = None
    predecessors: list[list[str]] = field(default_factory=list)  # job name and run id of what its trigger waited for
    depth: int = 0  # conditional triggers that led to it

    @property
    def is_live(self) -> bool:
        """Whether the run has not ended."""
        return self.state in LIVE

    @property
    def command_name(self) -> str:
        """``glueetl``, ``gluestreaming`` or ``pythonshell``."""
        return self.command["Name"]

    @property
    def uses_spark(self) -> bool:
        """Whether the run takes one of the places for Spark processes."""
        return self.command_name != "pythonshell"

    @property
    def log_group(self) -> str:
        """Prefix of the run's log groups."""
        return log_group(self.command_name)

    def execution_seconds(self, now: float) -> int:
        """Whole seconds for which the run had its process."""
        if self.running_since is None:
            return 0
        return int((self.completed_on or now) - self.running_since)

    def shown(self, now: float) -> dict[str, Any]:
        """The ``JobRun`` structure of the API; what does not apply is absent, as AWS leaves it."""
        seconds = self.execution_seconds(now)
        document: dict[str, Any] = {
            "Id": self.run_id,
            "Attempt": self.attempt,
            "JobName": self.job_name,
            "StartedOn": _moment(self.started_on),
            "LastModifiedOn": _moment(self.modified_on or self.started_on),
            "JobRunState": self.state,
            "PredecessorRuns": [{"JobName": name, "RunId": run_id} for name, run_id in self.predecessors],
            "ExecutionTime": seconds,
            "LogGroupName": self.log_group,
        }
        if self.completed_on is not None:
            document["CompletedOn"] = _moment(self.completed_on)
        for name, attribute in _OPTIONAL.items():
            if (value := getattr(self, attribute)) not in (None, {}):
                document[name] = value
        if self.max_capacity is not None:
            document["AllocatedCapacity"] = int(self.max_capacity)
        if self._reports_dpu_seconds:
            document["DPUSeconds"] = float(seconds * (self.number_of_workers or 0) * dpu_per_worker(self.worker_type))
        return document

    @property
    def _reports_dpu_seconds(self) -> bool:
        # The API sets the field for these two kinds of run only.
        scaling = self.arguments.get("--enable-auto-scaling") == "true"
        return self.completed_on is not None and (self.execution_class == "FLEX" or scaling)

    def as_json(self) -> dict[str, Any]:
        """Every field, for the run's state file."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> JobRun:
        """The run that ``as_json`` described; fields of a newer version are left out."""
        known = {entry.name for entry in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in document.items() if name in known})


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
