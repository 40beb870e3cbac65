"""The events of a run: of its end, and of running for longer than it should.

https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any, Final

from lakeshift.local import events
from lakeshift.local.glue.jobs.run import JobRun

__all__ = ["announce", "announce_late", "event_detail", "late_detail"]

_log = logging.getLogger(__name__)

_SEVERITY: Final = {"SUCCEEDED": "INFO", "STOPPED": "INFO", "TIMEOUT": "WARN", "FAILED": "ERROR"}


def announce(run: JobRun) -> None:
    """Send "Glue Job State Change" for a run that has ended; a fault there never changes the run."""
    if run.state in _SEVERITY:
        _send(run, "Glue Job State Change", event_detail(run))


def announce_late(run: JobRun) -> None:
    """Send "Glue Job Run Status" for a run that has not ended after its ``NotifyDelayAfter``."""
    if run.is_live:
        _send(run, "Glue Job Run Status", late_detail(run))


def _send(run: JobRun, kind: str, detail: dict[str, Any]) -> None:
    emit = getattr(events, "emit", None)
    if emit is None:
        return
    try:
        emit("aws.glue", kind, detail)
    except Exception:  # the run's own outcome stands, whatever becomes of the event
        _log.exception("The event of job run %s could not be sent", run.run_id)


def event_detail(run: JobRun) -> dict[str, Any]:
    """The event's ``detail``."""
    message = {
        "SUCCEEDED": "Job run succeeded",
        "STOPPED": "Job run stopped",
        "TIMEOUT": "Job run timed out",
        "FAILED": f"JobName:{run.job_name} and JobRunId:{run.run_id} failed to execute with exception "
        f"{run.error_message}",
    }[run.state]
    return {
        "jobName": run.job_name,
        "severity": _SEVERITY[run.state],
        "state": run.state,
        "jobRunId": run.run_id,
        "message": message,
    }


def late_detail(run: JobRun) -> dict[str, Any]:
    """The ``detail`` of a run that takes long."""
    return {
        "jobName": run.job_name,
        "severity": "INFO",
        "notificationCondition": {"NotifyDelayAfter": float((run.notification_property or {})["NotifyDelayAfter"])},
        "state": run.state,
        "jobRunId": run.run_id,
        "message": f"Job is in {run.state} state",
        "startedOn": f"{datetime.fromtimestamp(run.started_on, UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
