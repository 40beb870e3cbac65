"""The report of a task execution, as objects of a bucket.

https://docs.aws.amazon.com/datasync/latest/userguide/task-reports.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from lakeshift.local.datasync.execution import TaskExecution

__all__ = ["objects", "write"]

_PARTS: Final = {"transferred": "Transferred", "skipped": "Skipped", "verified": "Verified", "deleted": "Deleted"}
_FAILED: Final = "FAILED"


def objects(execution: TaskExecution, ends: tuple[str, str]) -> dict[str, Any]:
    """Documents by their keys below the report's folder; ``ends`` are the URIs of source and destination."""
    task, run = execution.task_arn.rpartition("/")[2], execution.arn.rpartition("/")[2]
    config = execution.report_config
    written = {f"Summary-Reports/{task}/{run}/{run}.summary.json": _summary(execution, task, run, ends)}
    if config.get("OutputType") != "STANDARD":
        return written
    for part, name in _PARTS.items():
        lines = _reported(execution, part, config)
        if lines:
            key = f"Detailed-Reports/{task}/{run}/{run}.files-{part}-v1-00001-{run.removeprefix('exec-')}.json"
            written[key] = {"TaskExecutionId": run, name: lines}
    return written


def _summary(execution: TaskExecution, task: str, run: str, ends: tuple[str, str]) -> dict[str, Any]:
    told = execution.describe()
    kept = ("Options", "Includes", "Excludes", "StartTime", "EndTime", "Result", *execution.counts)
    return {
        "TaskExecutionId": run,
        "TaskId": task,
        "SourceLocation": ends[0],
        "DestinationLocation": ends[1],
        "ExecutionStatus": execution.outcome,
        **{name: told[name] for name in kept if name in told},
    }


def _reported(execution: TaskExecution, part: str, config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The files of one part; errors alone where nothing else is asked for."""
    level = (config.get("Overrides") or {}).get(part.capitalize(), {}).get("ReportLevel")
    level = level or config.get("ReportLevel", "ERRORS_ONLY")
    files = execution.files.get(part, [])
    return [one for one in files if level == "SUCCESSES_AND_ERRORS" or _FAILED in one.values()]


def write(execution: TaskExecution, ends: tuple[str, str], put: Callable[[str, str, bytes], None]) -> None:
    """Put the report where the task wants it, and say in the execution whether that succeeded."""
    place = (execution.report_config.get("Destination") or {}).get("S3")
    if place is None:
        return
    bucket, folder = place["S3BucketArn"].rpartition(":")[2], (place.get("Subdirectory") or "").strip("/")
    try:
        for key, document in objects(execution, ends).items():
            put(bucket, f"{folder}/{key}" if folder else key, json.dumps(document, indent=1).encode())
        execution.report_result = {"Status": "SUCCESS"}
    except Exception as error:
        execution.report_result = {"Status": "ERROR", "ErrorCode": type(error).__name__, "ErrorDetail": str(error)}
