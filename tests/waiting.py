"""Waiting for what another thread or process does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

__all__ = ["until"]


def until(holds: Callable[[], Any], seconds: float = 30.0) -> Any:
    """The first true answer of ``holds``; fails the test when there is none in time."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not (answer := holds()):
        assert time.monotonic() < deadline, f"it did not come to hold within {seconds:g} s"
        pause.wait(0.01)
    return answer
