"""Executions: plain values besides a running worker, so that they outlive the server and can be redriven.

One that a killed server left running comes back as ABORTED with ``Lakeshift.ServerStopped``; a redrive goes on from
the state where it stood.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from lakeshift.local import clock, events, state
from lakeshift.local.stepfunctions import vended
from lakeshift.local.stepfunctions.clients import epoch_milliseconds, instant
from lakeshift.local.stepfunctions.engine.execution import Outcome, execute
from lakeshift.local.stepfunctions.engine.history import MOST_EVENTS, Chain, History
from lakeshift.local.stepfunctions.engine.position import Position
from lakeshift.local.stepfunctions.engine.scope import Run
from lakeshift.local.stepfunctions.map_runs import MapRun, MapRuns

__all__ = ["LocalExecution", "Source"]

_STOPPED: Final = "Lakeshift.ServerStopped"
_WHY: Final = "The local AWS stopped while this execution was running. Redrive it: it goes on where it stood."
_REDRIVABLE_DAYS: Final = 14
_UNWIND_SECONDS: Final = 60.0  # for a stopped worker to end, before a redrive
_EXPRESS_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Source:
    """What an execution runs: a revision of a machine, and the version and alias it was started by."""

    machine_arn: str
    name: str
    definition: str
    role_arn: str
    type: str
    logging: dict[str, Any]
    version_arn: str | None = None
    alias_arn: str | None = None

    @property
    def express(self) -> bool:
        """Whether it is an EXPRESS machine."""
        return self.type == "EXPRESS"


class LocalExecution:
    """One execution, under way or ended."""

    def __init__(self, arn: str, name: str, source: Source, given: str, *, map_run_arn: str | None = None) -> None:
        self.exec_arn = self.execution_arn = arn
        self.name, self.source, self.execution_input = name, source, given
        self.state_machine_arn = source.machine_arn
        self.map_run_arn = map_run_arn
        self.trace_header: str | None = None
        self.start_date = clock.now()
        self.stop_date: datetime | None = None
        self.status = "RUNNING"
        self.output: Any = None
        self.error: str | None = None
        self.cause: str | None = None
        self.redrive_count = 0
        self.redrive_date: datetime | None = None
        self.redrive_token: str | None = None
        self.position = Position()
        self.recorded: list[dict[str, Any]] = []
        self.map_runs: list[MapRun] = []
        self._run: Run | None = None
        self._worker: threading.Thread | None = None

    def start(self) -> None:
        """Run in a thread of its own; says RUNNING first."""
        self._begin()
        self._worker = threading.Thread(target=self._work, name=f"execution-{self.name}", daemon=True)
        self._worker.start()

    def run_here(self, outer: Callable[[], bool] = lambda: False) -> str:
        """Run in this thread, until it has ended or ``outer()`` is true; returns the status."""
        self._begin(outer)
        self._work()
        return self.status

    def stop(self, error: str | None, cause: str | None) -> None:
        """ABORTED at once, as on AWS; the worker unwinds behind it. An ended execution stays as it is."""
        if self.status != "RUNNING":
            return
        self._end(Outcome("ABORTED", None, error or None, cause or None))
        run = self._run
        if run is not None:
            details = {key: value for key, value in (("error", self.error), ("cause", self.cause)) if value is not None}
            run.history.add(Chain(), "ExecutionAborted", details)
            run.history.close()
            run.stop_requested = True
            clock.CLOCK.wake()
        self._announce()

    def redrive(self) -> None:
        """Go on where it stood; the caller has seen that it may (``not_redrivable``)."""
        self.revive()
        self.start()

    def revive(self) -> None:
        """RUNNING again, with the redrive counted, before it is run."""
        if self._worker is not None and self._worker is not threading.current_thread():
            self._worker.join(_UNWIND_SECONDS)
        self.redrive_count += 1
        self.redrive_date = clock.now()
        self.status, self.stop_date, self.error, self.cause, self.output = "RUNNING", None, None, None, None
        last = len(self.recorded)
        History(self.recorded).add(Chain(last, last), "ExecutionRedriven", {"redriveCount": self.redrive_count})

    def not_redrivable(self) -> str | None:
        """Why it cannot be redriven now, in AWS's words, or None."""
        if self.status in ("RUNNING", "SUCCEEDED"):
            return f"Execution is {self.status} and cannot be redriven"
        if self.stop_date is not None and clock.now() > self.stop_date + timedelta(days=_REDRIVABLE_DAYS):
            return "Execution redrivable period exceeded"
        if len(self.recorded) >= MOST_EVENTS - 1:
            return "Execution history event limit exceeded"
        return None

    def history(self) -> list[dict[str, Any]]:
        """The events so far, oldest first."""
        return list(self.recorded)

    def _begin(self, outer: Callable[[], bool] = lambda: False) -> None:
        machine = json.loads(self.source.definition)
        seconds = machine.get("TimeoutSeconds")
        if self.source.express:
            seconds = min(seconds or _EXPRESS_SECONDS, _EXPRESS_SECONDS)
        told = vended.writer(self)
        self._run = Run(
            facts=self._facts(),
            history=History(self.recorded, told),
            region=self.exec_arn.split(":")[3],
            language=machine.get("QueryLanguage", "JSONPath"),
            deadline=clock.now() + timedelta(seconds=seconds) if seconds else None,
            outer=outer,
            moved=self._moved,
            map_runs=None if self.source.express else MapRuns(self),
        )
        self._announce()

    def _moved(self) -> None:
        """Keep where it stands: before the next state where that is cheap, so that a kill repeats little."""
        if self.map_run_arn is None:
            state.requested("stepfunctions")
        else:
            state.changed("stepfunctions")

    def _facts(self) -> dict[str, Any]:
        execution: dict[str, Any] = {
            "Id": self.exec_arn,
            "Input": json.loads(self.execution_input),
            "Name": self.name,
            "RoleArn": self.source.role_arn,
            "StartTime": instant(self.start_date),
            "RedriveCount": self.redrive_count,
        }
        if self.redrive_date is not None:
            execution["RedriveTime"] = instant(self.redrive_date)
        return {"Execution": execution, "StateMachine": {"Id": self.state_machine_arn, "Name": self.source.name}}

    def _work(self) -> None:
        run = self._run
        if run is None:
            return
        machine = json.loads(self.source.definition)
        started = {"input": self.execution_input, "roleArn": self.source.role_arn}
        for name, arn in (("Version", self.source.version_arn), ("Alias", self.source.alias_arn)):
            if arn is not None:
                started[f"stateMachine{name}Arn"] = arn
        outcome = execute(run, machine, self.position, started)
        if self.status == "RUNNING":
            if outcome.status == "ABORTED":
                run.history.add(Chain(), "ExecutionAborted", {})
            self._end(outcome)
            self._announce()
        run.history.close()
        self._run = None
        state.changed("stepfunctions")

    def _end(self, outcome: Outcome) -> None:
        self.stop_date = clock.now()
        self.output, self.error, self.cause = outcome.output, outcome.error, outcome.cause
        self.status = outcome.status
        clock.CLOCK.wake()  # whoever waits for it looks now

    def _announce(self) -> None:
        """https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html."""
        if self.source.express or self.map_run_arn is not None:
            return
        succeeded = self.status == "SUCCEEDED"
        reason = self.not_redrivable()
        events.emit(
            "aws.states",
            "Step Functions Execution Status Change",
            {
                "executionArn": self.exec_arn,
                "stateMachineArn": self.state_machine_arn,
                "stateMachineVersionArn": self.source.version_arn,
                "stateMachineAliasArn": self.source.alias_arn,
                "name": self.name,
                "status": self.status,
                "startDate": epoch_milliseconds(self.start_date),
                "stopDate": epoch_milliseconds(self.stop_date) if self.stop_date is not None else None,
                "redriveCount": self.redrive_count,
                "redriveDate": epoch_milliseconds(self.redrive_date) if self.redrive_date is not None else None,
                "redriveStatus": "REDRIVABLE" if reason is None else "NOT_REDRIVABLE",
                "redriveStatusReason": reason,
                "input": self.execution_input,
                "inputDetails": {"included": True},
                "output": json.dumps(self.output) if succeeded else None,
                "outputDetails": {"included": True} if succeeded else None,
                "error": self.error,
                "cause": self.cause,
            },
            [self.exec_arn],
        )

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_run": None, "_worker": None, "recorded": list(self.recorded)}

    def __setstate__(self, record: dict[str, Any]) -> None:
        self.__dict__.update(record)
        if self.status == "RUNNING":
            self._end(Outcome("ABORTED", None, _STOPPED, _WHY))
            History(self.recorded).add(Chain(), "ExecutionAborted", {"error": _STOPPED, "cause": _WHY})
            for one in self.map_runs:
                one.cut_off()
