"""A thread that follows the one clock: it does what falls due, and tells what it did since the clock was moved."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import Self

from lakeshift.local import clock

__all__ = ["ClockFollower"]


class ClockFollower(ABC):
    """``catch_up`` does at once what is due, under ``_lock``; what it did is noted in ``_told``."""

    def __init__(self, name: str) -> None:
        self._lock = threading.Lock()
        self._stopped = False
        self._told: list[tuple[float, str]] = []  # (monotonic time, line)
        self._thread = threading.Thread(target=self._follow, name=name, daemon=True)

    def start(self) -> Self:
        """Begin; returns self."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the thread."""
        self._stopped = True
        clock.CLOCK.wake()
        self._thread.join(timeout=5)

    def report(self) -> list[str]:
        """Catch up, and tell all that was done since the clock was last moved, whoever did it."""
        self.catch_up()
        told, self._told = self._told, []
        return [line for when, line in told if when >= clock.CLOCK.moved_at]

    @abstractmethod
    def _follow(self) -> None:
        """What the thread does until ``_stopped``."""

    @abstractmethod
    def catch_up(self) -> None:
        """Do what fell due."""
