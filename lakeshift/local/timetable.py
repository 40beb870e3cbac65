"""What is due by an expression, and the thread that starts it by the local AWS's clock."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lakeshift.local.clock import CLOCK, Clock
from lakeshift.schedule import next_time

__all__ = ["Timed", "Timetable"]

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timed:
    """``name`` is started whenever ``expression`` is due after ``since``, when the expression was given."""

    name: str
    expression: str
    since: datetime


class Timetable:
    """Starts what ``entries`` gives; one that fell due several times while the clock jumped is started once."""

    def __init__(
        self, entries: Callable[[], Iterable[Timed]], start: Callable[[str], object], clock: Clock = CLOCK
    ) -> None:
        self._entries, self._start, self._clock = entries, start, clock
        self._looked = clock.now()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def follow(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._follow, name="timetable", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Start nothing any more."""
        self._closed.set()
        self._clock.wake()
        if self._thread is not None:
            self._thread.join()

    def look(self) -> None:
        """Start what fell due since the last look; a failure is logged and stops no other."""
        now = self._clock.now()
        for entry in list(self._entries()):
            due = self._due(entry)
            if due is not None and due <= now:
                try:
                    self._start(entry.name)
                except Exception as error:
                    _LOG.error("%s was due at %s and could not be started: %s", entry.name, due, error)
        self._looked = now

    def _due(self, entry: Timed) -> datetime | None:
        return next_time(entry.expression, max(self._looked, entry.since), entry.since)

    def _follow(self) -> None:
        while not self._closed.is_set():
            before = list(self._entries())
            self.look()
            due = (self._due(entry) for entry in before)
            soonest = min((moment for moment in due if moment is not None), default=None)
            self._clock.wait_until(soonest, self._woken(before))

    def _woken(self, before: list[Timed]) -> Callable[[], bool]:
        """Another entry, another end: whoever waits looks again."""
        return lambda: self._closed.is_set() or list(self._entries()) != before
