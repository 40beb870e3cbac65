"""A run's standard output and error on their way into its log streams.

The process writes to files, so nothing it prints is lost when the server dies, and a full pipe never blocks it; a
thread reads what was added and puts it into CloudWatch Logs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["LogCapture", "LogWriter"]

_log = logging.getLogger(__name__)

_INTERVAL: Final = 0.25  # seconds between two looks
_LONGEST: Final = 256 * 1024 - 64  # bytes of one event; CloudWatch's own limit is 256 KB with 26 bytes of overhead
_CHUNK: Final = 4 * 1024 * 1024

LogWriter = Callable[[str, str, list[tuple[int, str]]], None]
"""Takes a log group, a stream and (epoch milliseconds, text) pairs in order."""


class _Follower:
    """One file, one log stream."""

    def __init__(self, write: LogWriter, path: Path, group: str, stream: str) -> None:
        self._write, self._path, self._group, self._stream = write, path, group, stream
        self._offset = 0
        self._rest = b""
        self._pass_on([])  # the stream exists even where the run prints nothing

    def step(self, last: bool) -> bool:
        """Move what is there into the log; returns whether there was anything."""
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._offset)
                added = stream.read(_CHUNK)
        except FileNotFoundError:
            return False
        self._offset += len(added)
        *lines, self._rest = (self._rest + added).split(b"\n")
        if self._rest and ((last and not added) or len(self._rest) > _LONGEST):
            lines.append(self._rest)
            self._rest = b""
        now = int(time.time() * 1000)
        events = [(now, text) for line in lines for text in _events(line)]
        if events:
            self._pass_on(events)
        return bool(added)

    def _pass_on(self, events: list[tuple[int, str]]) -> None:
        try:
            self._write(self._group, self._stream, events)
        except Exception:  # the run goes on; what it printed stays in its folder
            _log.exception("%d lines of %s could not be put into %s", len(events), self._path, self._group)


class LogCapture:
    """Follows ``stdout`` and ``stderr`` in the run's folder until told that they are complete."""

    def __init__(self, write: LogWriter, folder: Path, group: str, stream: str) -> None:
        self._followers = [
            _Follower(write, folder / "stdout", f"{group}/output", stream),
            _Follower(write, folder / "stderr", f"{group}/error", stream),
        ]
        self._complete = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"log-{stream[:12]}", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Return once every line is in the log."""
        self._complete.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._complete.wait(_INTERVAL):
            for follower in self._followers:
                follower.step(last=False)
        for follower in self._followers:
            while follower.step(last=True):
                pass


def _events(line: bytes) -> list[str]:
    """The line as event texts; CloudWatch refuses an empty one, so an empty line is left out."""
    line = line.rstrip(b"\r")
    parts = [line[start : start + _LONGEST] for start in range(0, len(line), _LONGEST)]
    return [part.decode(errors="replace") for part in parts]
