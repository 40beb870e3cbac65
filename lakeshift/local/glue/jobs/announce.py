"""The event of a run's end.

https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
"""

from __future__ import annotations

import logging
from typing import Any, Final

from lakeshift.local import events
from lakeshift.local.glue.jobs.run import JobRun

__all__ = ["announce", "event_detail"]

_log = logging.getLogger(__name__)

_SEVERITY: Final = {"SUCCEEDED": "INFO", "STOPPED": "INFO", "TIMEOUT": "WARN", "FAILED": "ERROR"}


def announce(run: JobRun) -> None:
    """Send "Glue Job State Change" for a run that has ended; a fault there never changes the run."""
    emit = getattr(events, "emit", None)
    if emit is None or run.state not in _SEVERITY:
        return
    try:
        emit("aws.glue", "Glue Job State Change", event_detail(run))
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
