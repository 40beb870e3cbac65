"""The Map state: https://docs.aws.amazon.com/step-functions/latest/dg/state-map.html."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lakeshift.local.stepfunctions.engine.children import MOST_AT_ONCE, beside
from lakeshift.local.stepfunctions.engine.distributed import distributed
from lakeshift.local.stepfunctions.engine.items import item_facts, selected, whole_items
from lakeshift.local.stepfunctions.engine.scope import Group, Scope, Stopped
from lakeshift.local.stepfunctions.engine.state import Visit
from lakeshift.local.stepfunctions.language.failure import StateFailure

__all__ = ["map_over"]

RunStates = Callable[[Scope, dict[str, Any], Any], Any]


def map_over(visit: Visit, run_states: RunStates) -> Any:
    """Run the item processor for every item that has not succeeded yet; the outputs in the items' order."""
    processor = visit.definition.get("ItemProcessor") or visit.definition["Iterator"]
    if processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
        return distributed(visit, processor)
    return _inline(visit, processor, run_states)


def _inline(visit: Visit, processor: dict[str, Any], run_states: RunStates) -> list[Any]:
    scope, group = visit.scope, Group()
    limit = visit.field("MaxConcurrency", 0) or MOST_AT_ONCE
    items = whole_items(visit)
    scope.add("MapStateStarted", {"length": len(items)})
    outputs: dict[int, Any] = {}

    def run(index: int, worker: Scope) -> None:
        line = worker.inner(index, group)
        line.map_item = item_facts(items[index], index)
        try:
            outputs[index] = _iteration(visit, line, processor, index, run_states)
        finally:
            worker.chain.join(line.chain)

    beside(scope, len(items), min(limit, MOST_AT_ONCE), group, run)
    scope.add("MapStateSucceeded", follow=False)
    return [outputs[index] for index in range(len(items))]


def _iteration(visit: Visit, line: Scope, processor: dict[str, Any], index: int, run_states: RunStates) -> Any:
    if line.position.done:
        return line.position.output
    named = {"name": visit.name, "index": index}
    line.add("MapIterationStarted", named)
    try:
        output = run_states(line, processor, selected(visit, line.map_item or {}))
    except Stopped:
        if not line.run.ended:
            line.add("MapIterationAborted", named, follow=False)
        raise
    except StateFailure:
        line.add("MapIterationFailed", named, follow=False)
        raise
    line.add("MapIterationSucceeded", named, follow=False)
    return output
