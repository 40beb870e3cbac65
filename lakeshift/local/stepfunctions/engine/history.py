"""The event history of an execution: numbered, each event pointing at the one before it in its own line of states.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from lakeshift.local import clock
from lakeshift.local.stepfunctions.language.failure import StateFailure

__all__ = ["MOST_EVENTS", "Chain", "History"]

MOST_EVENTS: Final = 25_000  # of a standard execution
_NO_DATA: Final = {"truncated": False}


@dataclass(slots=True)
class Chain:
    """The line of events of one branch: ``source`` is what the next event points back to."""

    source: int = 0
    last: int = 0

    def fork(self) -> Chain:
        """A line that starts where this one stands."""
        return Chain(self.source, self.source)

    def join(self, other: Chain) -> None:
        """Go on after another line has ended."""
        self.source, self.last = max(self.source, other.source), max(self.last, other.last)


class History:
    """The events so far; ``told`` is called with each new one. Safe to use from any thread."""

    def __init__(self, events: list[dict[str, Any]], told: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
        self.events, self._told = events, told
        self._adding = threading.Lock()
        self._closed = False

    def add(self, chain: Chain, kind: str, details: dict[str, Any] | None = None, *, follow: bool = True) -> int:
        """Append an event and return its number; with ``follow`` the next one of the line points at it.

        Raises StateFailure where the history is full. What comes after the end of the execution is not recorded.
        """
        with self._adding:
            if self._closed:
                return chain.last
            if len(self.events) >= MOST_EVENTS - 1 and not kind.startswith("Execution"):
                cause = f"The execution reached the maximum number of history events ({MOST_EVENTS})."
                raise StateFailure("States.Runtime", cause)
            number = len(self.events) + 1
            event = {"timestamp": clock.now(), "type": kind, "id": number, "previousEventId": chain.source}
            if details is not None:
                event[_details_name(kind)] = _with_flags(details)
            self.events.append(event)
            chain.last = number
            if follow:
                chain.source = number
            self._told(event)
            return number

    def close(self) -> None:
        """Record nothing more."""
        with self._adding:
            self._closed = True


def _details_name(kind: str) -> str:
    if kind.endswith("StateEntered"):
        return "stateEnteredEventDetails"
    if kind.endswith("StateExited"):
        return "stateExitedEventDetails"
    return f"{kind[0].lower()}{kind[1:]}EventDetails"


def _with_flags(details: dict[str, Any]) -> dict[str, Any]:
    flags = {f"{name}Details": _NO_DATA for name in ("input", "output", "assignedVariables") if name in details}
    return {**details, **flags}
