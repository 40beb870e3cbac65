"""One task execution: prepares, transfers, verifies, and reports as DescribeTaskExecution does.

https://docs.aws.amazon.com/datasync/latest/userguide/API_DescribeTaskExecution.html
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lakeshift.local.datasync.plan import Plan, plan
from lakeshift.local.datasync.stores import LocationError, S3Store, Store

__all__ = ["CancelledError", "TaskExecution", "run"]


class CancelledError(Exception):
    """The execution was cancelled while it ran."""


@dataclass(slots=True)
class TaskExecution:
    """What is known of an execution; counts are of files and bytes, durations in milliseconds."""

    arn: str
    task_arn: str
    options: dict[str, str]
    includes: list[dict[str, str]]
    excludes: list[dict[str, str]]
    started: float = field(default_factory=time.time)
    status: str = "QUEUED"
    counts: dict[str, int] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    cancelled: bool = False

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.status in ("SUCCESS", "ERROR")

    def fail(self, code: str, detail: str) -> None:
        """End as ERROR, saying why."""
        self.result |= {"ErrorCode": code, "ErrorDetail": detail}
        self.status = "ERROR"

    def describe(self) -> dict[str, Any]:
        """As DescribeTaskExecution answers."""
        return {
            "TaskExecutionArn": self.arn,
            "Status": self.status,
            "Options": self.options,
            "Includes": self.includes,
            "Excludes": self.excludes,
            "StartTime": self.started,
            **self.counts,
            "Result": self.result,
        }


def run(execution: TaskExecution, source: Store, target: S3Store, changed: Callable[[], None]) -> None:
    """Carry the execution out; it ends as SUCCESS or ERROR and says why, and never raises."""
    started = time.monotonic()
    phase = "Prepare"
    try:
        for phase, step in (("Prepare", _prepare), ("Transfer", _transfer), ("Verify", _verify)):
            execution.status = {"Prepare": "PREPARING", "Transfer": "TRANSFERRING", "Verify": "VERIFYING"}[phase]
            changed()
            began = time.monotonic()
            step(execution, source, target)
            execution.result |= {f"{phase}Duration": _milliseconds(began), f"{phase}Status": "SUCCESS"}
        execution.result["TotalDuration"] = _milliseconds(started)
        execution.status = "SUCCESS"
    except Exception as error:
        execution.result |= {f"{phase}Status": "ERROR", "TotalDuration": _milliseconds(started)}
        execution.fail(_code(error), str(error))
    changed()


def _milliseconds(since: float) -> int:
    return int((time.monotonic() - since) * 1000)


def _code(error: Exception) -> str:
    if isinstance(error, CancelledError):
        return "TaskExecutionCancelled"
    return "LocationError" if isinstance(error, LocationError) else type(error).__name__


def _values(filters: Sequence[Mapping[str, str]]) -> list[str]:
    return [one["Value"] for one in filters]


def _planned(execution: TaskExecution, source: Store, target: S3Store) -> Plan:
    includes, excludes = _values(execution.includes), _values(execution.excludes)
    return plan(source.entries(), target.entries(), execution.options, includes, excludes)


def _prepare(execution: TaskExecution, source: Store, target: S3Store) -> None:
    planned = _planned(execution, source, target)
    execution.counts = {
        "EstimatedFilesToTransfer": len(planned.copy),
        "EstimatedBytesToTransfer": sum(entry.size for entry in planned.copy),
        "EstimatedFilesToDelete": len(planned.delete),
        "FilesTransferred": 0,
        "BytesTransferred": 0,
        "BytesWritten": 0,
        "FilesVerified": 0,
        "FilesDeleted": 0,
        "FilesSkipped": len(planned.skip),
    }


def _transfer(execution: TaskExecution, source: Store, target: S3Store) -> None:
    planned = _planned(execution, source, target)
    sums: dict[str, str] = {}
    for entry in planned.copy:
        if execution.cancelled:
            raise CancelledError("The execution was cancelled.")
        data = source.read(entry.path)
        target.write(entry, data)
        sums[entry.path] = hashlib.sha256(data).hexdigest()
        execution.counts["FilesTransferred"] += 1
        for count in ("BytesTransferred", "BytesWritten"):
            execution.counts[count] += len(data)
    for entry in planned.delete:
        target.delete(entry)
        execution.counts["FilesDeleted"] += 1
    _check(execution, target, sums)


def _check(execution: TaskExecution, target: S3Store, sums: Mapping[str, str]) -> None:
    """Each copied file is read back and compared, unless VerifyMode is NONE."""
    if execution.options.get("VerifyMode") == "NONE":
        return
    for path, expected in sums.items():
        if hashlib.sha256(target.read(path)).hexdigest() != expected:
            raise LocationError(f"{path} was copied, and read back with other bytes.")
        execution.counts["FilesVerified"] += 1


def _verify(execution: TaskExecution, source: Store, target: S3Store) -> None:
    """POINT_IN_TIME_CONSISTENT: both ends are alike as a whole."""
    if execution.options.get("VerifyMode") == "POINT_IN_TIME_CONSISTENT":
        left = _planned(execution, source, target)
        if left.copy or left.delete:
            raise LocationError(f"The ends differ after the transfer, first at {(left.copy + left.delete)[0].path}.")
