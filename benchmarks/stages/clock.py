"""Seconds of each stage of a script: wall-clock, and of the processors by the JVM and this process."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

__all__ = ["Clock"]

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def _fields(process: str) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def _begun(process: str) -> int:
    """Ticks after the machine's start: field 22 of the line."""
    return int(_fields(process)[19])


class Clock:
    """Begins with the script; ``told`` writes what it measured, for the benchmark to read."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._jvm = ""
        self._cpu = 0.0
        self.seconds: dict[str, tuple[float, float]] = {}

    def started(self, context: Any) -> None:
        """The SparkContext is there."""
        self._jvm = str(context._jvm.java.lang.ProcessHandle.current().pid())
        self._cpu = 0.0 if _begun(self._jvm) >= _begun("self") else self._processors()  # a warm worker's JVM is older
        now = self._processors()
        self.seconds["start"] = (round(time.monotonic() - self._begun, 3), round(now - self._cpu, 3))
        self._cpu = now

    def stage(self, name: str, work: Callable[[], Any]) -> Any:
        """Do the work of a stage."""
        begun = time.monotonic()
        answer = work()
        now = self._processors()
        self.seconds[name] = (round(time.monotonic() - begun, 3), round(now - self._cpu, 3))
        self._cpu = now
        return answer

    def told(self, out: str, **facts: Any) -> None:
        """Write it to ``<out>/told.json``."""
        Path(out, "told.json").write_text(json.dumps({"seconds": self.seconds, **facts}))

    def _processors(self) -> float:
        own, jvm = os.times(), sum(map(int, _fields(self._jvm)[11:15]))  # with the Python workers that have ended
        return jvm / _TICKS + own.user + own.system
