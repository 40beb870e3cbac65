"""Where a line of states stands: plain values, kept with the execution, from which a redrive goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Position"]


@dataclass(slots=True)
class Position:
    """The state that is running, the event of its entry, and what it was given.

    ``children`` are the branches of a Parallel state or the iterations of a Map state by index; ``items`` what a Map
    state iterates over; ``map_run`` the ARN of its Map Run. ``done`` lines have their ``output``.
    """

    state: str | None = None
    entered: int = 0
    input: Any = None
    variables: dict[str, Any] = field(default_factory=dict)
    done: bool = False
    output: Any = None
    children: dict[int, Position] = field(default_factory=dict)
    items: list[Any] | None = None
    map_run: str | None = None

    def enter(self, state: str, given: Any, variables: dict[str, Any]) -> None:
        """Stand before ``state``."""
        self.state, self.input, self.variables = state, given, dict(variables)
        self.forget()

    def forget(self) -> None:
        """Begin the state anew: what its branches and iterations did is not kept."""
        self.children, self.items, self.map_run = {}, None, None

    def finish(self, output: Any) -> None:
        """The line has ended."""
        self.done, self.output = True, output
        self.forget()

    def child(self, index: int) -> Position:
        """The position of a branch or an iteration."""
        return self.children.setdefault(index, Position())
