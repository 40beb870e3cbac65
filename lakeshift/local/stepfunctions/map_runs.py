"""Map Runs: the child executions of a distributed Map state, counted and described.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeMapRun.html
"""

from __future__ import annotations

import json
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from lakeshift.local import clock
from lakeshift.local.stepfunctions.clients import instant

if TYPE_CHECKING:
    from lakeshift.local.stepfunctions.engine.state import Visit
    from lakeshift.local.stepfunctions.executions import LocalExecution

__all__ = ["MapRun", "MapRuns"]

_STATUSES: Final = {"FAILED": "failed", "TIMED_OUT": "timedOut", "ABORTED": "aborted", "SUCCEEDED": "succeeded"}


class MapRun:
    """One Map Run, under way or ended; its children by index."""

    def __init__(self, parent: LocalExecution, label: str, machine: str, kind: str) -> None:
        region, account = parent.exec_arn.split(":")[3:5]
        self.machine_name = f"{parent.source.name}/{label}"
        self.arn = f"arn:aws:states:{region}:{account}:mapRun:{self.machine_name}:{uuid.uuid4()}"
        self.parent, self.machine, self.kind = parent, machine, kind
        self.status = "RUNNING"
        self.start_date = clock.now()
        self.stop_date: datetime | None = None
        self.redrive_count = 0
        self.redrive_date: datetime | None = None
        self.max_concurrency = 0
        self.tolerated: tuple[float, float] = (0, 0)
        self.total = 0
        self.children: dict[int, LocalExecution] = {}
        self._changing = threading.Lock()

    def expect(self, total: int) -> None:
        """How many children there will be."""
        self.total = total

    def run_child(self, index: int, given: Any, outer: Callable[[], bool]) -> str:
        """Run the child, or go on with one that failed; returns its status. One that succeeded is left alone."""
        child = self.children.get(index)
        if child is not None and child.status == "SUCCEEDED":
            return child.status
        if child is not None and self.kind == "STANDARD":
            child.revive()
        else:
            child = self._child(given)
            with self._changing:
                self.children[index] = child
        return child.run_here(outer)

    def _child(self, given: Any) -> LocalExecution:
        from lakeshift.local.stepfunctions.executions import LocalExecution, Source

        source = self.parent.source
        name = str(uuid.uuid4())
        kind = "execution" if self.kind == "STANDARD" else "express"
        arn = f"{self.arn.rpartition(':')[0].replace(':mapRun:', f':{kind}:')}:{name}"
        own = Source(source.machine_arn, self.machine_name, self.machine, source.role_arn, self.kind, source.logging)
        text = json.dumps(given, separators=(",", ":"), ensure_ascii=False)
        return LocalExecution(arn, name, own, text, map_run_arn=self.arn)

    def results(self) -> list[dict[str, Any]]:
        """A description of each child in the items' order, as the result files have it."""
        return [_result(self.children[index]) for index in sorted(self.children)]

    def end(self, status: str) -> None:
        """The run has ended."""
        self.status, self.stop_date = status, clock.now()

    def redriven(self) -> None:
        """The execution around it goes on."""
        self.status, self.stop_date = "RUNNING", None
        self.redrive_count += 1
        self.redrive_date = clock.now()

    def cut_off(self) -> None:
        """The server stopped while it ran."""
        if self.status == "RUNNING":
            self.end("ABORTED")

    def described(self) -> dict[str, Any]:
        """As DescribeMapRun answers."""
        counts = self._counts()
        dates = {"stopDate": self.stop_date, "redriveDate": self.redrive_date}
        return {
            "mapRunArn": self.arn,
            "executionArn": self.parent.exec_arn,
            "status": self.status,
            "startDate": self.start_date,
            **{name: value for name, value in dates.items() if value is not None},
            "maxConcurrency": self.max_concurrency,
            "toleratedFailureCount": self.tolerated[0],
            "toleratedFailurePercentage": self.tolerated[1],
            "itemCounts": counts,
            "executionCounts": counts,
            "redriveCount": self.redrive_count,
        }

    def listed(self) -> dict[str, Any]:
        """As ListMapRuns has it."""
        item = {
            "mapRunArn": self.arn,
            "executionArn": self.parent.exec_arn,
            "stateMachineArn": self.parent.state_machine_arn,
            "startDate": self.start_date,
        }
        return item if self.stop_date is None else {**item, "stopDate": self.stop_date}

    def _counts(self) -> dict[str, int]:
        found = Counter(child.status for child in list(self.children.values()))
        ended = {name: found[status] for status, name in _STATUSES.items()}
        written = found["SUCCEEDED"] if self.status == "SUCCEEDED" else 0
        return {
            **ended,
            "running": found["RUNNING"],
            "pending": self.total - sum(found.values()),
            "total": self.total,
            "resultsWritten": written,
            "failuresNotRedrivable": 0,
            "pendingRedrive": 0,
        }

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_changing": None, "children": dict(self.children)}

    def __setstate__(self, record: dict[str, Any]) -> None:
        self.__dict__.update(record, _changing=threading.Lock())


class MapRuns:
    """Starts the Map Runs of one execution."""

    def __init__(self, execution: LocalExecution) -> None:
        self._execution = execution

    def begin(
        self, visit: Visit, processor: dict[str, Any], limit: int, tolerated: tuple[float, float], arn: str | None
    ) -> MapRun:
        """A new Map Run, or the one of ``arn`` again."""
        found = next((one for one in self._execution.map_runs if one.arn == arn), None)
        if found is not None:
            found.redriven()
        else:
            own = {name: value for name, value in processor.items() if name != "ProcessorConfig"}
            machine = json.dumps({"QueryLanguage": visit.scope.run.language, **own})
            kind = processor["ProcessorConfig"].get("ExecutionType", "STANDARD")
            label = visit.definition.get("Label") or uuid.uuid4().hex
            found = MapRun(self._execution, label, machine, kind)
            self._execution.map_runs.append(found)
        found.max_concurrency, found.tolerated = limit, tolerated
        return found


def _result(child: LocalExecution) -> dict[str, Any]:
    facts = {
        "ExecutionArn": child.exec_arn,
        "Input": child.execution_input,
        "InputDetails": {"Included": True},
        "Name": child.name,
        "RedriveCount": child.redrive_count,
        "StartDate": instant(child.start_date),
        "StateMachineArn": child.source.machine_arn,
        "Status": child.status,
        "StopDate": instant(child.stop_date) if child.stop_date is not None else None,
    }
    if child.status == "SUCCEEDED":
        output = json.dumps(child.output, separators=(",", ":"), ensure_ascii=False)
        return {**facts, "Output": output, "OutputDetails": {"Included": True}}
    failed = {"Error": child.error, "Cause": child.cause}
    return {**facts, **{name: value for name, value in failed.items() if value is not None}}
