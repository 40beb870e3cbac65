"""A Map state in distributed mode: a Map Run of child executions.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

from __future__ import annotations

import threading
from typing import Any

from lakeshift.local.stepfunctions.engine.children import MOST_AT_ONCE, beside
from lakeshift.local.stepfunctions.engine.items import batched, item_facts, selected, whole_items
from lakeshift.local.stepfunctions.engine.reader import read_items
from lakeshift.local.stepfunctions.engine.scope import Group, Scope, Stopped
from lakeshift.local.stepfunctions.engine.state import Visit
from lakeshift.local.stepfunctions.engine.writer import transformed, write_results
from lakeshift.local.stepfunctions.language.failure import StateFailure

__all__ = ["distributed"]

_EXCEEDED = "The specified tolerated failure threshold was exceeded"


def distributed(visit: Visit, processor: dict[str, Any]) -> Any:
    """Outputs of the children, or where they were written; raises StateFailure beyond the tolerated failures."""
    scope, position, runs = visit.scope, visit.scope.position, visit.scope.run.map_runs
    if runs is None:
        raise StateFailure("States.Runtime", "A distributed Map state runs in a standard execution only.")
    limit = visit.field("MaxConcurrency", 0)
    reading = "ItemReader" in visit.definition
    items = [] if reading or position.items is not None else whole_items(visit)
    scope.add("MapStateStarted", {"length": len(items)})
    tolerated = (visit.field("ToleratedFailureCount", 0), visit.field("ToleratedFailurePercentage", 0))
    record = runs.begin(visit, processor, limit, tolerated, position.map_run)
    if position.map_run is None:
        scope.add("MapRunStarted", {"mapRunArn": record.arn})
    else:
        scope.add("MapRunRedriven", {"mapRunArn": record.arn, "redriveCount": record.redrive_count})
    position.map_run = record.arn
    try:
        if position.items is None:
            found = read_items(visit) if reading else items
            inputs = [selected(visit, item_facts(item, index)) for index, item in enumerate(found)]
            position.items = batched(visit, inputs)
        results = _children(visit, record, position.items, limit)
        written = write_results(visit, record.arn, results)
    except StateFailure as failure:
        record.end("FAILED")
        scope.add("MapRunFailed", failure.details)
        raise
    except Stopped:
        record.end("ABORTED")
        if not scope.run.ended:
            scope.add("MapRunAborted")
        raise
    record.end("SUCCEEDED")
    scope.add("MapRunSucceeded")
    scope.add("MapStateSucceeded", follow=False)
    return transformed(visit, results) if written is None else written


def _children(visit: Visit, record: Any, inputs: list[Any], limit: int) -> list[dict[str, Any]]:
    """Run every child that has not succeeded; each one's description in order."""
    group, counting = Group(), threading.Lock()
    record.expect(len(inputs))
    failures: list[int] = []

    def run(index: int, worker: Scope) -> None:
        if record.run_child(index, inputs[index], worker.stopped) == "SUCCEEDED":
            return
        with counting:
            failures.append(index)
        if worker.stopped() and not group.cancelled:
            raise Stopped
        if _exceeds(len(failures), len(inputs), record.tolerated):
            raise StateFailure("States.ExceedToleratedFailureThreshold", _EXCEEDED)

    beside(visit.scope, len(inputs), min(limit or MOST_AT_ONCE, MOST_AT_ONCE), group, run)
    results: list[dict[str, Any]] = record.results()
    return results


def _exceeds(failed: int, total: int, tolerated: tuple[float, float]) -> bool:
    """Without a tolerance one failure is too many; with both, either that is passed decides."""
    count, percentage = tolerated
    if not count and not percentage:
        return failed > 0
    return bool((count and failed > count) or (percentage and 100 * failed / total > percentage))
