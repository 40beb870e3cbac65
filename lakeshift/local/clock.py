"""The one clock of the local AWS: real time plus an offset that a test or a user can move forward.

Everything that happens at a time (schedules, lifecycle, alarms, expiry) asks this clock and waits on it, so that
"advance 90 days" makes all of it happen now. The offset is kept in the state folder.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from werkzeug.wrappers import Request, Response

from lakeshift.errors import LakeshiftError
from lakeshift.local import routes

__all__ = [
    "CLOCK",
    "Clock",
    "add_routes",
    "advance",
    "at",
    "moved",
    "now",
    "offset",
    "on_move",
    "open_folder",
    "wait_until",
]

_ROUTE = "/_lakeshift/clock"
_LONGEST_WAIT = 3600.0  # seconds; a machine that slept is noticed after that


class Clock:
    """``file`` keeps the offset over a restart; without one it starts at real time. Safe to use from any thread."""

    def __init__(self, file: Path | None = None) -> None:
        self._changed = threading.Condition()
        self._moves = 0
        self.moved_at = 0.0  # when it was last moved, by time.monotonic()
        self._offset = 0.0
        self._steps: list[tuple[float, float]] = []  # (real time of a move, offset from then on)
        self._file: Path | None = None
        self.open(file)

    def open(self, file: Path | None) -> None:
        """Keep the offset in ``file`` from now on, and start with the one it holds; raises LakeshiftError."""
        with self._changed:
            self._file = file
            self._offset, self._steps = 0.0, []
            if file is not None and file.exists():
                try:
                    kept = json.loads(file.read_text(encoding="utf-8"))
                    self._offset = float(kept["offset_seconds"])
                    self._steps = [(float(real), float(after)) for real, after in kept.get("moves", [])]
                except (ValueError, KeyError, TypeError) as error:
                    raise LakeshiftError(f"{file} holds no offset. Delete it to start at real time.") from error
            self._tell()

    @property
    def offset(self) -> float:
        """Seconds ahead of real time."""
        return self._offset

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.fromtimestamp(time.time() + self._offset, UTC)

    def at(self, real: float) -> datetime:
        """What this clock said at the real time ``real`` (seconds since the epoch); tells the age of a file."""
        passed = [after for moved, after in self._steps if moved <= real]
        kept = self._offset if not self._steps else 0.0  # an offset from before moves were noted
        return datetime.fromtimestamp(real + (passed[-1] if passed else kept), UTC)

    def advance(self, seconds: float) -> datetime:
        """Move forward and wake everyone who waits; returns the new time. Raises LakeshiftError for a step back."""
        if seconds < 0:
            raise LakeshiftError("The clock goes forward only: what has happened cannot be undone.")
        with self._changed:
            self.moved_at = time.monotonic()
            self._offset += seconds
            self._steps.append((time.time(), self._offset))
            if self._file is not None:
                part = self._file.with_suffix(".part")
                kept = {"offset_seconds": self._offset, "moves": self._steps}
                part.write_text(json.dumps(kept), encoding="utf-8")
                part.replace(self._file)
            self._tell()
        return self.now()

    def wait_until(self, moment: datetime | None, stop: Callable[[], bool] = lambda: False) -> bool:
        """Block until ``moment`` has come (True), or ``stop()`` is true (False; ``wake`` makes it look again).

        Without a moment it waits for the next move or wake and answers False.
        """
        with self._changed:
            moves = self._moves
            while not stop():
                if moment is not None and self.now() >= moment:
                    return True
                if moment is None and self._moves != moves:
                    return False
                left = _LONGEST_WAIT if moment is None else (moment - self.now()) / timedelta(seconds=1)
                self._changed.wait(min(max(left, 0.001), _LONGEST_WAIT))
            return False

    @property
    def moves(self) -> int:
        """How often the clock was moved or its waiters were woken."""
        return self._moves

    def wake(self) -> None:
        """Have everyone who waits look again at its ``stop``."""
        with self._changed:
            self._tell()

    def _tell(self) -> None:
        self._moves += 1
        self._changed.notify_all()


CLOCK = Clock()  # one local AWS a process

at = CLOCK.at
now = CLOCK.now
advance = CLOCK.advance
wait_until = CLOCK.wait_until


def offset() -> float:
    """Seconds ahead of real time."""
    return CLOCK.offset


def open_folder(folder: Path | None) -> None:
    """Keep the offset in the state folder ``folder``; None forgets it."""
    CLOCK.open(None if folder is None else folder / "clock.json")


_followers: dict[str, Callable[[], list[str]]] = {}


def on_move(name: str, follow: Callable[[], list[str]]) -> None:
    """Have ``follow`` called after a move by request: it does what has become due, and tells each thing as a line.

    Also what a thread of its own did first, since ``CLOCK.moved_at``. The same name again replaces it, so that a
    second server in one process takes over.
    """
    _followers[name] = follow


def moved() -> list[str]:
    """Have everyone do what has become due; what they tell, in order of their names."""
    return [line for _, follow in sorted(_followers.items()) for line in follow()]


def add_routes() -> None:
    """``GET /_lakeshift/clock`` tells the time, ``POST`` of ``{"advance_seconds": n}`` moves it, and what happened."""
    routes.add("GET", _ROUTE, lambda _: _told())
    routes.add("POST", _ROUTE, _move)


def _told() -> Response:
    return routes.json_response({"now": now().isoformat(), "offset_seconds": offset()})


def _move(request: Request) -> Response:
    try:
        advance(float(json.loads(request.get_data() or b"{}")["advance_seconds"]))
    except (ValueError, KeyError, TypeError):
        return routes.json_response({"message": 'Send {"advance_seconds": <seconds>}.'}, 400)
    except LakeshiftError as error:
        return routes.json_response({"message": str(error)}, 400)
    return routes.json_response({"now": now().isoformat(), "offset_seconds": offset(), "happened": moved()})
