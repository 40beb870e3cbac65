"""One task execution: prepares, transfers, verifies, and reports as DescribeTaskExecution does.

A file that cannot be transferred is left out and told, and the others go on; the execution is an error then, and the
next one transfers what is missing. A location that is gone ends the execution at once.

https://docs.aws.amazon.com/datasync/latest/userguide/API_DescribeTaskExecution.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lakeshift.local import clock
from lakeshift.local.datasync.plan import Entry, Plan, plan
from lakeshift.local.datasync.stores import FileError, LocationError, S3Store, Store

__all__ = ["CANCELLED", "SKIPPED", "CancelledError", "TaskExecution", "run"]

CANCELLED: Final = "TaskExecutionCancelled"
SKIPPED: Final = (
    "Transfer and verification completed. Selected files transferred except for files skipped due to errors. If no "
    "skipped files are listed in Cloud Watch Logs, please contact AWS Support for further assistance."
)
_DIFFERENT: Final = (
    "Transfer and verification completed. Verification detected mismatches. Files with mismatches are listed in Cloud "
    "Watch Logs."
)


class CancelledError(Exception):
    """The execution was cancelled while it ran."""


class _NotAllError(Exception):
    """Some files were not transferred, or differ."""


@dataclass(slots=True)
class TaskExecution:
    """What is known of an execution; counts are of files and bytes, durations in milliseconds.

    ``files`` holds what was done with each file under ``transferred``, ``skipped``, ``verified``, ``deleted``;
    ``log`` the lines for the task's log group.
    """

    arn: str
    task_arn: str
    options: dict[str, str]
    includes: list[dict[str, str]]
    excludes: list[dict[str, str]]
    report_config: dict[str, Any] = field(default_factory=dict)
    started: float = field(default_factory=lambda: clock.now().timestamp())
    launched: float | None = None
    ended_at: float | None = None
    status: str = "QUEUED"
    outcome: str = "SUCCESS"
    counts: dict[str, int] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    report_result: dict[str, str] = field(default_factory=dict)
    files: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    cancelled: bool = False

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.status in ("SUCCESS", "ERROR")

    def fail(self, code: str, detail: str) -> None:
        """It will end as ERROR, saying why."""
        self.result |= {"ErrorCode": code, "ErrorDetail": detail}
        self.outcome = "ERROR"

    def end(self) -> None:
        """It is over, with the outcome that it came to."""
        self.ended_at = clock.now().timestamp()
        self.status = self.outcome

    def did(self, part: str, entry: Entry, error: Exception | None = None, **more: Any) -> None:
        """Note what was done with a file."""
        name = {"transferred": "Transfer", "verified": "Verification", "deleted": "Delete", "skipped": "Skip"}[part]
        told: dict[str, Any] = {
            "RelativePath": f"/{entry.path}",
            "SrcMetadata": {"Type": "Regular", "ContentSize": entry.size, "Mtime": entry.modified},
            f"{name}Timestamp": clock.now().isoformat(),
            f"{name}Status": "SUCCESS" if error is None else "FAILED",
            **more,
        }
        if error is not None:
            told["FailureReason"] = str(error)
            self.log.append(f"[ERROR] {error}")
        self.files.setdefault(part, []).append(told)

    def describe(self) -> dict[str, Any]:
        """As DescribeTaskExecution answers."""
        told: dict[str, Any] = {
            "TaskExecutionArn": self.arn,
            "Status": "CANCELLING" if self.cancelled and not self.ended else self.status,
            "Options": self.options,
            "Includes": self.includes,
            "Excludes": self.excludes,
            "StartTime": self.started,
            "LaunchTime": self.launched,
            "EndTime": self.ended_at,
            **self.counts,
            "Result": self.result,
            "TaskMode": "BASIC",
            "TaskReportConfig": self.report_config or None,
            "ReportResult": self.report_result or None,
        }
        return {name: value for name, value in told.items() if value is not None}


def run(execution: TaskExecution, source: Store, target: S3Store, changed: Callable[[], None]) -> None:
    """Carry the execution out to its outcome, SUCCESS or ERROR and why; never raises. Whoever calls ends it."""
    started = time.monotonic()
    phase = "Prepare"
    carried = _Carried(execution, source, target)
    try:
        for phase, step in (("Prepare", carried.prepare), ("Transfer", carried.transfer), ("Verify", carried.verify)):
            execution.status = {"Prepare": "PREPARING", "Transfer": "TRANSFERRING", "Verify": "VERIFYING"}[phase]
            changed()
            began = time.monotonic()
            step()
            execution.result |= {f"{phase}Duration": _milliseconds(began), f"{phase}Status": "SUCCESS"}
        execution.result["TotalDuration"] = _milliseconds(started)
    except Exception as error:
        execution.result |= {f"{phase}Status": "ERROR", "TotalDuration": _milliseconds(started)}
        execution.fail(_code(error), str(error))
    changed()


def _milliseconds(since: float) -> int:
    return int((time.monotonic() - since) * 1000)


def _code(error: Exception) -> str:
    if isinstance(error, CancelledError):
        return CANCELLED
    if isinstance(error, _NotAllError):
        return "FilesNotTransferred" if str(error) == SKIPPED else "VerificationFailed"
    return "LocationError" if isinstance(error, LocationError) else type(error).__name__


def _values(filters: Sequence[Mapping[str, str]]) -> list[str]:
    return [one["Value"] for one in filters]


class _Carried:
    """The steps of one execution."""

    def __init__(self, execution: TaskExecution, source: Store, target: S3Store) -> None:
        self._execution, self._source, self._target = execution, source, target
        self._plan = Plan([], [], [])
        self._sums: dict[Entry, str] = {}
        self._failed = False

    def _planned(self) -> Plan:
        execution = self._execution
        includes, excludes = _values(execution.includes), _values(execution.excludes)
        return plan(self._source.entries(), self._target.entries(), execution.options, includes, excludes)

    def prepare(self) -> None:
        """Compare both ends."""
        self._plan = self._planned()
        self._execution.counts = {
            "EstimatedFilesToTransfer": len(self._plan.copy),
            "EstimatedBytesToTransfer": sum(entry.size for entry in self._plan.copy),
            "EstimatedFilesToDelete": len(self._plan.delete),
            "FilesTransferred": 0,
            "BytesTransferred": 0,
            "BytesCompressed": 0,
            "BytesWritten": 0,
            "FilesVerified": 0,
            "FilesDeleted": 0,
            "FilesSkipped": len(self._plan.skip),
        }
        for entry in self._plan.skip:
            self._execution.did("skipped", entry)

    def transfer(self) -> None:
        """Copy, file by file; then delete."""
        for entry in self._plan.copy:
            self._check_cancelled()
            try:
                self._copy(entry)
            except FileError as error:
                self._failed = True
                self._execution.did("transferred", entry, error)
        for entry in self._plan.delete:
            self._check_cancelled()
            self._target.delete(entry)
            self._execution.counts["FilesDeleted"] += 1
            self._execution.did("deleted", entry)
        self._check_copies()

    def _check_cancelled(self) -> None:
        if self._execution.cancelled:
            raise CancelledError("The execution was cancelled.")

    def _copy(self, entry: Entry) -> None:
        with self._source.open(entry.path) as stream:
            self._sums[entry], size = self._target.write(entry, stream)
        self._execution.counts["FilesTransferred"] += 1
        for count in ("BytesTransferred", "BytesWritten", "BytesCompressed"):
            self._execution.counts[count] += size
        self._execution.did("transferred", entry, TransferType="CONTENT_AND_METADATA")

    def _check_copies(self) -> None:
        """Each copied file is read back and compared, unless VerifyMode is NONE."""
        if self._execution.options.get("VerifyMode") == "NONE":
            return
        different = False
        for entry, expected in self._sums.items():
            same = self._target.digest(entry.path) == expected
            error = None if same else FileError(f"{entry.path} was copied, and read back with other bytes.")
            self._execution.did("verified", entry, error)
            self._execution.counts["FilesVerified"] += same
            different = different or not same
        if different:
            raise _NotAllError(_DIFFERENT)

    def verify(self) -> None:
        """POINT_IN_TIME_CONSISTENT: both ends are alike as a whole. Raises where a file was left out."""
        if self._failed:
            raise _NotAllError(SKIPPED)
        if self._execution.options.get("VerifyMode") != "POINT_IN_TIME_CONSISTENT":
            return
        left = self._planned()
        missing = left.copy if self._execution.options.get("TransferMode") != "ALL" else []
        for entry in missing + left.delete:
            self._execution.did("verified", entry, FileError(f"{entry.path} differs after the transfer."))
        if missing or left.delete:
            raise _NotAllError(_DIFFERENT)
