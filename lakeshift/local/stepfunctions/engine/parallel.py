"""The Parallel state: https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from lakeshift.local.stepfunctions.engine.children import beside
from lakeshift.local.stepfunctions.engine.scope import Group, Scope
from lakeshift.local.stepfunctions.engine.state import Visit
from lakeshift.local.stepfunctions.engine.work import given_to

__all__ = ["parallel"]

RunStates = Callable[[Scope, dict[str, Any], Any], Any]


def parallel(visit: Visit, run_states: RunStates) -> list[Any]:
    """Run every branch that has not succeeded yet, each on its own copy of the input; their outputs in order."""
    scope, branches = visit.scope, visit.definition["Branches"]
    given, group = given_to(visit), Group()
    scope.add("ParallelStateStarted")
    outputs: dict[int, Any] = {}

    def run(index: int, worker: Scope) -> None:
        line = worker.inner(index, group)
        try:
            outputs[index] = run_states(line, branches[index], copy.deepcopy(given))
        finally:
            worker.chain.join(line.chain)

    beside(scope, len(branches), len(branches), group, run)
    scope.add("ParallelStateSucceeded", follow=False)
    return [outputs[index] for index in range(len(branches))]
