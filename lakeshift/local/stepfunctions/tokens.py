"""Task tokens and activities: work that someone outside answers.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
"""

from __future__ import annotations

import json
import queue
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from lakeshift.local import clock

__all__ = ["TOKENS", "Answer", "Ticket", "Tokens"]

Verdict = Literal["taken", "timed out", "unknown"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What SendTaskSuccess (an output) or SendTaskFailure (an error) said."""

    succeeded: bool
    output: Any = None
    error: str | None = None
    cause: str | None = None


@dataclass(slots=True)
class Ticket:
    """A token that a task waits on; ``beat`` is the last heartbeat, ``worker`` who took an activity's task."""

    token: str = field(default_factory=lambda: uuid.uuid4().hex + uuid.uuid4().hex)
    answer: Answer | None = None
    beat: datetime = field(default_factory=clock.now)
    given: str = ""
    taken: bool = False
    worker: str | None = None


class Tokens:
    """Every token of this server: open ones, and those whose task waits no longer."""

    def __init__(self) -> None:
        self._open: dict[str, Ticket] = {}
        self._closed: set[str] = set()
        self._activities: dict[str, queue.Queue[Ticket]] = {}
        self._changing = threading.Lock()

    def issue(self) -> Ticket:
        """A new token."""
        ticket = Ticket()
        self._open[ticket.token] = ticket
        return ticket

    def close(self, ticket: Ticket) -> None:
        """The task waits no longer."""
        with self._changing:
            self._open.pop(ticket.token, None)
            self._closed.add(ticket.token)

    def answer(self, token: str, answer: Answer) -> Verdict:
        """Give the task its outcome; the first answer counts."""
        with self._changing:
            ticket = self._open.get(token)
            if ticket is None or ticket.answer is not None:
                return "timed out" if ticket is not None or token in self._closed else "unknown"
            ticket.answer = answer
        clock.CLOCK.wake()
        return "taken"

    def beat(self, token: str) -> Verdict:
        """The task's worker is alive."""
        ticket = self._open.get(token)
        if ticket is None:
            return "timed out" if token in self._closed else "unknown"
        ticket.beat = clock.now()
        return "taken"

    def offer(self, activity: str, ticket: Ticket, given: Any) -> None:
        """Put a task of an activity where a worker finds it."""
        ticket.given = json.dumps(given, separators=(",", ":"))
        self._queue(activity).put(ticket)

    def take(self, activity: str, worker: str | None, seconds: float) -> Ticket | None:
        """The next task of the activity, or None after ``seconds`` of real time without one."""
        waiting = self._queue(activity)
        while True:
            try:
                ticket = waiting.get(timeout=seconds)
            except queue.Empty:
                return None
            if ticket.token in self._open:
                ticket.taken, ticket.worker, ticket.beat = True, worker, clock.now()
                clock.CLOCK.wake()
                return ticket

    def _queue(self, activity: str) -> queue.Queue[Ticket]:
        with self._changing:
            return self._activities.setdefault(activity, queue.Queue())


TOKENS = Tokens()
