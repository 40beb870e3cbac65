"""The DataSync backend: locations and tasks of moto's, executions that copy, schedules that start them."""

from __future__ import annotations

import logging
import threading
import uuid
from pathlib import Path
from typing import Any, ClassVar, Final

from moto.datasync import models, urls
from moto.datasync.exceptions import InvalidRequestException

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local import clock, state
from lakeshift.local.context import LocalContext
from lakeshift.local.datasync import report, schedules
from lakeshift.local.datasync.execution import CANCELLED, TaskExecution, run
from lakeshift.local.datasync.stores import FolderStore, S3Store, Store
from lakeshift.local.events import service
from lakeshift.local.stepfunctions import clients

__all__ = ["OPTIONS", "LocalDataSyncBackend"]

_LOG: Final = logging.getLogger(__name__)
_SHARES: Final = ("NFS", "SMB")
_PAGE: Final = "https://docs.aws.amazon.com/datasync/latest/userguide/transferring-data-datasync.html"

# https://docs.aws.amazon.com/datasync/latest/userguide/API_Options.html
OPTIONS: Final[dict[str, Any]] = {
    "VerifyMode": "POINT_IN_TIME_CONSISTENT",
    "OverwriteMode": "ALWAYS",
    "Atime": "BEST_EFFORT",
    "Mtime": "PRESERVE",
    "Uid": "INT_VALUE",
    "Gid": "INT_VALUE",
    "PreserveDeletedFiles": "PRESERVE",
    "PreserveDevices": "NONE",
    "PosixPermissions": "PRESERVE",
    "BytesPerSecond": -1,
    "TaskQueueing": "ENABLED",
    "LogLevel": "OFF",
    "TransferMode": "CHANGED",
    "ObjectTags": "PRESERVE",
}


class LocalDataSyncBackend(models.DataSyncBackend):
    """Transfers from a share (a folder of this machine) or S3 to S3."""

    local: ClassVar[LocalContext]
    _one_at_a_time: ClassVar[dict[str, threading.Lock]] = {}

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.tags: dict[str, dict[str, str]] = {}

    @property
    def _url_module(self) -> Any:
        return urls  # moto derives it from __module__, which is ours

    def arn(self, kind: str) -> str:
        """A new name of ``kind`` ``location/loc`` or ``task/task``, of this account."""
        return f"arn:aws:datasync:{self.region_name}:{self.account_id}:{kind}-{uuid.uuid4().hex[:17]}"

    def create_location(self, location_uri: str, typ: str, metadata: dict[str, Any]) -> str:
        """Keep a location under this account's name."""
        location = models.Location(location_uri, self.region_name, typ, metadata)
        location.arn = self.arn("location/loc")
        self.locations[location.arn] = location
        return str(location.arn)

    def create_task(
        self, source_location_arn: str, destination_location_arn: str, name: str, metadata: dict[str, Any]
    ) -> str:
        """Keep a task; raises InvalidRequestException for an unknown location or a pair that would not be copied."""
        for arn in (source_location_arn, destination_location_arn):
            if arn not in self.locations:
                raise InvalidRequestException(f"Location {arn} is not found.")
        kinds = self.locations[source_location_arn].typ, self.locations[destination_location_arn].typ
        if kinds[0] not in (*_SHARES, "S3") or kinds[1] != "S3":
            refused = NotSupportedLocallyError(
                f"A transfer from {kinds[0]} to {kinds[1]}", "Copy from NFS, SMB or S3 to S3.", _PAGE
            )
            raise InvalidRequestException(str(refused))
        _check(metadata)
        task = models.Task(source_location_arn, destination_location_arn, name, self.region_name, metadata)
        task.arn = self.arn("task/task")
        task.scheduled_at = clock.now()
        self.tasks[task.arn] = task
        service.changed()
        return str(task.arn)

    def task(self, arn: str) -> Any:
        """The task; raises InvalidRequestException."""
        if arn not in self.tasks:
            raise InvalidRequestException(f"Task {arn} is not found.")
        return self.tasks[arn]

    def change_task(self, arn: str, name: str | None, given: dict[str, Any]) -> None:
        """Take what is given instead of what was; a schedule counts from now. Raises InvalidRequestException."""
        task = self.task(arn)
        metadata = task.metadata | {key: value for key, value in given.items() if value is not None}
        _check(metadata)
        if metadata.get("Schedule") != task.metadata.get("Schedule"):
            task.scheduled_at = clock.now()
        task.name, task.metadata = name or task.name, metadata
        service.changed()

    def execution(self, arn: str) -> TaskExecution:
        """The execution; raises InvalidRequestException."""
        if arn not in self.task_executions:
            raise InvalidRequestException(f"Task execution {arn} is not found.")
        found: TaskExecution = self.task_executions[arn]
        return found

    def start_task_execution(
        self, task_arn: str, overrides: dict[str, Any] | None = None, patience: float = 0.0
    ) -> str:
        """Start copying; a second execution of a task waits for the first, unless TaskQueueing is DISABLED.

        Waits up to ``patience`` seconds for the end.
        """
        task, given = self.task(task_arn), overrides or {}
        options = {**OPTIONS, **(task.metadata.get("Options") or {}), **(given.get("OverrideOptions") or {})}
        _check({"Options": options})
        going = [one for one in self.task_executions.values() if one.task_arn == task_arn and not one.ended]
        if going and options["TaskQueueing"] == "DISABLED":
            text = f"Task {task_arn} already has an execution in progress, and queueing is disabled."
            raise InvalidRequestException(text)
        execution = TaskExecution(
            arn=f"{task_arn}/execution/exec-{uuid.uuid4().hex[:17]}",
            task_arn=task_arn,
            options=options,
            includes=given.get("Includes") or task.metadata.get("Includes") or [],
            excludes=given.get("Excludes") or task.metadata.get("Excludes") or [],
            report_config=given.get("TaskReportConfig") or task.metadata.get("TaskReportConfig") or {},
        )
        self.task_executions[execution.arn] = execution
        thread = threading.Thread(target=self._carry_out, args=(task, execution), name="datasync", daemon=True)
        thread.start()
        thread.join(patience)
        return execution.arn

    def cancel_task_execution(self, task_execution_arn: str) -> None:
        """Stop after the file that is being copied, or before the first; raises InvalidRequestException."""
        execution = self.execution(task_execution_arn)
        if execution.ended:
            raise InvalidRequestException(
                f"Task execution cannot be cancelled in its current status: {execution.status}"
            )
        execution.cancelled = True
        if execution.status == "QUEUED":
            execution.fail(CANCELLED, "The execution was cancelled while it was queued.")
            execution.end()
            state.changed("datasync")

    def _carry_out(self, task: Any, execution: TaskExecution) -> None:
        with self._one_at_a_time.setdefault(task.arn, threading.Lock()):
            if execution.ended:
                return
            execution.status, task.status, task.current_task_execution_arn = "LAUNCHING", "RUNNING", execution.arn
            execution.launched = clock.now().timestamp()
            try:
                source = self._store(task.source_location_arn, source=True)
                target = self._store(task.destination_location_arn)
                if not isinstance(target, S3Store):
                    raise TypeError(f"{task.destination_location_arn} is no S3 location")
                run(execution, source, target, lambda: state.changed("datasync"))
            except Exception as error:
                execution.fail("InternalError", str(error))
            try:
                self._report(task, execution)
            except Exception as error:
                _LOG.error("There is no report of %s: %s", execution.arn, error)
            finally:
                execution.end()
                task.status, task.current_task_execution_arn = "AVAILABLE", None
                state.changed("datasync")

    def _report(self, task: Any, execution: TaskExecution) -> None:
        """The task report, and the lines of its log group."""
        ends = tuple(self.locations[arn].uri for arn in (task.source_location_arn, task.destination_location_arn))
        objects = clients.client("s3", self.region_name, "raw")
        report.write(
            execution,
            (ends[0], ends[1]),
            lambda bucket, key, body: objects.put_object(Bucket=bucket, Key=key, Body=body),
        )
        group = task.metadata.get("CloudWatchLogGroupArn")
        if group and execution.log and execution.options.get("LogLevel", "OFF") != "OFF":
            self._tell_log(group.split(":log-group:")[1].removesuffix(":*"), execution)

    def _tell_log(self, group: str, execution: TaskExecution) -> None:
        logs, now = clients.client("logs", self.region_name, "raw"), int(clock.now().timestamp() * 1000)
        stream = "-".join(arn.rpartition("/")[2] for arn in (execution.task_arn, execution.arn))
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        events = [{"timestamp": now, "message": line} for line in execution.log]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    def _store(self, arn: str, source: bool = False) -> Store:
        location = self.locations[arn]
        if location.typ == "S3":
            bucket, _, prefix = location.uri.removeprefix("s3://").partition("/")
            return S3Store(clients.client("s3", self.region_name, "raw"), bucket, prefix, source)
        share = self.local.state.sources / "share"
        return FolderStore(_below(share, location.metadata["Subdirectory"]), location.uri)

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.__dict__.update(kept)
        for execution in self.task_executions.values():
            if not execution.ended:
                execution.fail("ServerStopped", "The local AWS stopped while this ran. Start the task again.")
                execution.end()
        for task in self.tasks.values():
            task.status, task.current_task_execution_arn = "AVAILABLE", None


def _check(metadata: dict[str, Any]) -> None:
    """Raise InvalidRequestException for options that exclude each other, and for a schedule that is none."""
    options = metadata.get("Options") or {}
    if options.get("TransferMode") == "ALL" and options.get("PreserveDeletedFiles") == "REMOVE":
        raise InvalidRequestException("PreserveDeletedFiles REMOVE cannot be used with TransferMode ALL.")
    expression = (metadata.get("Schedule") or {}).get("ScheduleExpression")
    if expression:
        schedules.check(expression)


def _below(share: Path, subdirectory: str) -> Path:
    folder = (share / subdirectory.strip("/")).resolve()
    if not folder.is_relative_to(share.resolve()):
        raise InvalidRequestException(f"{subdirectory} leads out of the share.")
    return folder
