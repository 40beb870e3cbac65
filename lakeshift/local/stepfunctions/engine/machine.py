"""The walk from state to state."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Final

from lakeshift.local.stepfunctions.engine import simple
from lakeshift.local.stepfunctions.engine.maps import map_over
from lakeshift.local.stepfunctions.engine.parallel import parallel
from lakeshift.local.stepfunctions.engine.scope import Scope, Stopped
from lakeshift.local.stepfunctions.engine.state import Visit, compact
from lakeshift.local.stepfunctions.engine.work import work
from lakeshift.local.stepfunctions.language.failure import StateFailure
from lakeshift.local.stepfunctions.tasks import perform

__all__ = ["run_state", "run_states"]

_ABORTED: Final = frozenset({"Task", "Wait", "Parallel", "Map"})
_KINDS: Final[dict[str, Callable[[Visit], tuple[Any, str | None]]]] = {
    "Pass": simple.pass_through,
    "Wait": simple.wait,
    "Choice": simple.choice,
    "Succeed": simple.succeed,
    "Fail": simple.fail,
    "Task": lambda visit: work(visit, lambda: perform(visit)),
    "Parallel": lambda visit: work(visit, lambda: parallel(visit, run_states)),
    "Map": lambda visit: work(visit, lambda: map_over(visit, run_states)),
}


def run_states(scope: Scope, machine: dict[str, Any], given: Any) -> Any:
    """The output of the machine, branch or item processor, begun or resumed where its position stands.

    Raises StateFailure where a state fails, Stopped where the line must end.
    """
    position = scope.position
    if position.done:
        return position.output
    resumed = position.state is not None
    if resumed:
        scope.variables = copy.deepcopy(position.variables)
        if scope.parent is not None:
            scope.chain.source = position.entered  # a branch goes on in its own line of events
    else:
        position.enter(machine["StartAt"], given, scope.variables)
    while True:
        scope.check()
        name = str(position.state)
        output, following = run_state(scope, name, machine["States"][name], position.input, resumed=resumed)
        resumed = False
        if following is None:
            position.finish(output)
            return output
        position.enter(following, output, scope.variables)
        scope.run.moved()


def run_state(
    scope: Scope, name: str, definition: dict[str, Any], given: Any, *, resumed: bool = False
) -> tuple[Any, str | None]:
    """Output and next state; a resumed state was entered before, and is entered again only where it does nothing."""
    visit = Visit(scope, name, definition, given)
    if not (resumed and visit.kind in _ABORTED):
        scope.position.entered = scope.add(f"{visit.kind}StateEntered", {"name": name, "input": compact(given)})
    visit.entered = scope.position.entered
    try:
        output, following = _KINDS[visit.kind](visit)
        visit.limited(output, name)
    except StateFailure as failure:
        raise (failure if visit.kind == "Fail" and failure.field is None else visit.told(failure)) from failure
    except Stopped:
        if visit.kind in _ABORTED and not scope.run.ended:
            scope.add(f"{visit.kind}StateAborted")
        raise
    assigned = visit.assigned_now()
    details: dict[str, Any] = {"name": name, "output": compact(output)}
    if assigned:
        details["assignedVariables"] = {key: compact(value) for key, value in assigned.items()}
    scope.add(f"{visit.kind}StateExited", details)
    return output, following
