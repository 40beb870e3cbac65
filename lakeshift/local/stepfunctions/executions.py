"""Executions that outlive the server: finished ones keep their record, a running one ends as ABORTED, and says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution

from lakeshift.local import events, state
from lakeshift.local.stepfunctions.clients import epoch_milliseconds, to_json_value

__all__ = ["LocalExecution"]

_CUT_OFF: Final = {
    "error": "Lakeshift.ServerStopped",
    "cause": "The local AWS stopped while this execution was running. Start a new execution.",
}


class _Ending(BaseExecutionWorkerCommunication):
    """Called by the worker when the execution has ended."""

    def terminated(self) -> None:
        self.execution.ended(super().terminated)


class LocalExecution(Execution):
    """An execution with a record of plain values besides its running worker."""

    _aborted: bool = False
    _record: list[dict[str, Any]] | None = None
    _maps: list[dict[str, Any]] | None = None

    def _get_start_execution_worker_comm(self) -> _Ending:
        return _Ending(self)

    output: Any
    exec_status: Any
    stop_date: datetime | None

    def start(self) -> None:
        """Start the worker, and say RUNNING."""
        super().start()
        self._announce()

    def ended(self, reflect: Any) -> None:
        """Take over the worker's outcome by ``reflect``, then let snapshots and rules know."""
        if not self._aborted:
            reflect()
            self.output = to_json_value(self.output)
            self._announce()
        state.changed("stepfunctions")

    def stop(self, stop_date: datetime, error: str | None, cause: str | None) -> None:
        """ABORTED at once, as on AWS; the worker unwinds behind it. An ended execution stays as it is."""
        if self.exec_status != ExecutionStatus.RUNNING:
            return
        self._aborted = True
        self.exec_status, self.stop_date = ExecutionStatus.ABORTED, stop_date
        self.error, self.cause = error or None, cause or None
        if self.exec_worker is not None and self.exec_worker.env is not None:
            super().stop(stop_date, error, cause)
        self._announce()

    def history(self) -> list[dict[str, Any]]:
        """The events so far, oldest first."""
        if self.exec_worker is None or self.exec_worker.env is None:
            return list(self._record or [])
        return list(self.exec_worker.env.event_manager.get_event_history())

    def to_history_output(self) -> dict[str, Any]:
        """As GetExecutionHistory answers."""
        return {"events": self.history()}

    def map_runs(self) -> list[dict[str, Any]]:
        """The distributed Map runs of this execution."""
        if self.exec_worker is None or self.exec_worker.env is None:
            return self._maps or []
        return [record.list_item() for record in self.exec_worker.env.map_run_record_pool_manager.get_all()]

    def _announce(self) -> None:
        """https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html."""
        succeeded = self.exec_status == ExecutionStatus.SUCCEEDED
        events.emit(
            "aws.states",
            "Step Functions Execution Status Change",
            {
                "executionArn": self.exec_arn,
                "stateMachineArn": self.state_machine_arn,
                "name": self.name,
                "status": self.status,
                "startDate": epoch_milliseconds(self.start_date),
                "stopDate": epoch_milliseconds(self.stop_date) if self.stop_date is not None else None,
                "input": self.execution_input,
                "output": json.dumps(self.output) if succeeded else None,
                "error": self.error,
                "cause": self.cause,
            },
            [self.exec_arn],
        )

    def __getstate__(self) -> dict[str, Any]:
        record = {**self.__dict__, "_record": self.history(), "_maps": self.map_runs()}
        return {**record, "exec_worker": None, "_activity_store": {}, "_cloud_watch_logging_session": None}

    def __setstate__(self, record: dict[str, Any]) -> None:
        self.__dict__.update(record)
        if self.exec_status == ExecutionStatus.RUNNING:
            self._cut_off()

    def _cut_off(self) -> None:
        now = datetime.now(UTC)
        self.exec_status, self.stop_date = ExecutionStatus.ABORTED, now
        self.error, self.cause = _CUT_OFF["error"], _CUT_OFF["cause"]
        events_so_far = self._record or []
        last = events_so_far[-1]["id"] if events_so_far else 0
        aborted = {
            "id": last + 1,
            "previousEventId": 0,
            "type": "ExecutionAborted",
            "timestamp": to_json_value(now),
            "executionAbortedEventDetails": dict(_CUT_OFF),
        }
        self._record = [*events_so_far, aborted]
