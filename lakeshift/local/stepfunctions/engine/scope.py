"""A run of a definition, and the scopes of its branches and iterations: variables, events, and when to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lakeshift.local import clock
from lakeshift.local.stepfunctions.engine.history import Chain, History
from lakeshift.local.stepfunctions.engine.position import Position

__all__ = ["Group", "Run", "Scope", "Stopped"]


class Stopped(Exception):  # noqa: N818 - not an error: the line of states is told to stop
    """The execution was stopped or timed out, or a sibling of this branch failed."""


@dataclass(slots=True)
class Run:
    """One execution under way.

    ``facts`` are the context object's ``Execution`` and ``StateMachine``; ``deadline`` ends the run as TIMED_OUT;
    ``outer`` tells that the execution around a child was stopped. ``moved`` is called after each transition,
    ``map_runs`` starts the child executions of a distributed Map state.
    ``testing`` and ``mock`` serve TestState: no retry waits, and a task answers what the mock says.
    """

    facts: dict[str, Any]
    history: History
    region: str
    language: str = "JSONPath"
    deadline: datetime | None = None
    stop_requested: bool = False
    outer: Callable[[], bool] = lambda: False
    moved: Callable[[], None] = lambda: None
    map_runs: Any = None
    testing: bool = False
    mock: dict[str, Any] | None = None
    trace: dict[str, Any] = field(default_factory=dict)

    @property
    def timed_out(self) -> bool:
        """Whether the machine's TimeoutSeconds have passed."""
        return self.deadline is not None and clock.now() >= self.deadline

    @property
    def ended(self) -> bool:
        """Whether every line of the run must end."""
        return self.stop_requested or self.timed_out or self.outer()


@dataclass(slots=True)
class Group:
    """The branches of one Parallel or the iterations of one Map state: one that fails stops the others."""

    cancelled: bool = False

    def cancel(self) -> None:
        """Stop all of them."""
        self.cancelled = True
        clock.CLOCK.wake()


@dataclass(slots=True)
class Scope:
    """One line of states: the whole machine, a branch or an iteration."""

    run: Run
    position: Position
    chain: Chain = field(default_factory=Chain)
    parent: Scope | None = None
    group: Group | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    map_item: dict[str, Any] | None = None

    def inner(self, index: int, group: Group) -> Scope:
        """The scope of a branch or an iteration."""
        return Scope(self.run, self.position.child(index), self.chain.fork(), self, group, {}, self.map_item)

    def stopped(self) -> bool:
        """Whether this line must end."""
        if self.group is not None and self.group.cancelled:
            return True
        return self.parent.stopped() if self.parent is not None else self.run.ended

    def check(self) -> None:
        """Raise Stopped where this line must end."""
        if self.stopped():
            raise Stopped

    def visible(self) -> dict[str, Any]:
        """Variables of this scope and of those around it."""
        return {**(self.parent.visible() if self.parent is not None else {}), **self.variables}

    def add(self, kind: str, details: dict[str, Any] | None = None, *, follow: bool = True) -> int:
        """Record an event of this line."""
        return self.run.history.add(self.chain, kind, details, follow=follow)

    def wait(self, until: datetime | None, done: Callable[[], bool] = lambda: False) -> bool:
        """Wait by the clock; True once the moment has come, False where ``done``. Raises Stopped."""
        moments = [one for one in (until, self.run.deadline) if one is not None]
        clock.wait_until(min(moments, default=clock.now() + timedelta(days=366)), lambda: done() or self.stopped())
        self.check()
        return until is not None and clock.now() >= until
