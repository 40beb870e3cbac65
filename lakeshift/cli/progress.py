"""Progress on a terminal, and plain lines where the output is not one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

__all__ = ["Progress", "Step"]

_CLEAR = "\r\x1b[2K"
_QUIET = 20.0  # seconds without a line after which a log file is told that work goes on


class Step:
    """One step of set-up; ``done`` gives the text of its closing line."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._name = name
        self.text = ""

    def done(self, text: str) -> None:
        """What the closing line says beside the name and the seconds."""
        self.text = text

    def at(self, text: str) -> None:
        """Where a long step is."""
        self._progress.waiting(f"{self._name} {text}")


class Progress:
    """Writes to ``out``; a line that changes in place only where ``out`` is a terminal."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._terminal = out.isatty()
        self._last = time.monotonic()
        self._since = time.monotonic()

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """A step that prints ``✓ name text seconds`` when it ends well; an error passes through."""
        started = time.monotonic()
        step = Step(self, name)
        step.at("…")
        yield step
        self.line(f"✓ {name:<22}  {step.text:<60} {time.monotonic() - started:>6.1f} s")

    def line(self, text: str) -> None:
        """A line that stays."""
        self.clear()
        self._out.write(text + "\n")
        self._out.flush()
        self._last = self._since = time.monotonic()

    def waiting(self, text: str | Callable[[], str]) -> None:
        """What is going on: in place on a terminal, else a line now and then; a function is asked only where told."""
        now = time.monotonic()
        if not self._terminal and now - self._last <= _QUIET:
            return
        told = text if isinstance(text, str) else text()
        if self._terminal:
            self._out.write(f"{_CLEAR}  … {told[:100]}  {now - self._since:.0f} s")
            self._out.flush()
        else:
            self._out.write(f"  … {told}  {now - self._since:.0f} s\n")
            self._out.flush()
            self._last = now

    def clear(self) -> None:
        """Remove the line that changes in place."""
        if self._terminal:
            self._out.write(_CLEAR)
            self._out.flush()
