"""What happens at set times: rules with a schedule, Scheduler's schedules, Glue's scheduled triggers; by the one clock.

One thread fires what is due, in the order of time. When the clock is moved, each occurrence in between fires once, up
to a bound; what fell due while the server was down fires once, for its last time, at the start.
"""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lakeshift.local import clock
from lakeshift.local.events.outbox import Delivery, Outbox

__all__ = ["MOST", "Appointment", "Timetable"]

_LOG: Final = logging.getLogger(__name__)
MOST: Final = 1000  # occurrences of one schedule that fire when the clock is moved over more of them


@dataclass(frozen=True, slots=True)
class Appointment:
    """A schedule: ``key`` names it over restarts, it counts from ``since``.

    ``following`` gives the first time after a time, ``deliveries`` what is sent for a time (at once with the record
    that it has fired), ``fired`` is called after that.
    """

    key: str
    since: datetime
    following: Callable[[datetime], datetime | None]
    deliveries: Callable[[datetime], list[Delivery]] = lambda _: []
    fired: Callable[[datetime], object] = lambda _: None


Source = Callable[[], Iterable[Appointment]]


class Timetable:
    """Follows the schedules of its sources until it is closed. ``sent`` is called when the outbox has got something."""

    def __init__(self, outbox: Outbox, sources: Iterable[Source], sent: Callable[[], object]) -> None:
        self._outbox, self._sources, self._sent = outbox, tuple(sources), sent
        self._fired = outbox.fired()
        self._firing = threading.RLock()
        self._said: deque[tuple[float, str]] = deque(maxlen=MOST)  # when, and what has fired
        self._changed = False
        self._closed = False
        self._catch_up()
        self._thread = threading.Thread(target=self._follow, name="timetable", daemon=True)
        self._thread.start()

    def changed(self) -> None:
        """A schedule was made, changed or removed: look again."""
        self._changed = True
        clock.CLOCK.wake()

    def close(self) -> None:
        """Fire nothing any more."""
        self._closed = True
        clock.CLOCK.wake()
        self._thread.join(timeout=10)

    def report(self) -> list[str]:
        """Fire what is due; says what has fired since the clock was moved (``clock.on_move``)."""
        with self._firing:
            self.fire(clock.now())
            return [line for when, line in self._said if when >= clock.CLOCK.moved_at]

    def _appointments(self) -> list[Appointment]:
        return [one for source in self._sources for one in source()]

    def _begin(self, one: Appointment) -> datetime:
        """After which time the schedule's next one counts."""
        return max(one.since, self._fired.get(one.key, one.since))

    def _catch_up(self) -> None:
        """Of what fell due while no server ran, keep each schedule's last time."""
        now = clock.now()
        for one in self._appointments():
            missed: list[datetime] = []
            moment = one.following(self._begin(one))
            while moment is not None and moment <= now and len(missed) < MOST:
                missed.append(moment)
                moment = one.following(moment)
            if len(missed) > 1:
                _LOG.warning("%s fell due %d times while no server ran: it fires once", one.key, len(missed))
                self._mark(one.key, missed[-2])

    def _follow(self) -> None:
        while not self._closed:
            try:
                self._changed = False
                moment = self.fire(clock.now())
                clock.wait_until(moment, lambda: self._closed or self._changed)
            except Exception:
                _LOG.exception("The schedules could not be followed")
                clock.wait_until(None, lambda: self._closed or self._changed)

    def fire(self, now: datetime) -> datetime | None:
        """Fire what is due by ``now``; returns when something is due next."""
        with self._firing:
            return self._fire(now)

    def _fire(self, now: datetime) -> datetime | None:
        waiting: list[tuple[datetime, str, int, Appointment]] = []
        upcoming: list[datetime] = []

        def enter(one: Appointment, moment: datetime | None, count: int) -> None:
            if moment is None:
                return
            if moment > now:
                upcoming.append(moment)
            elif count < MOST:
                heapq.heappush(waiting, (moment, one.key, count, one))
            else:
                upcoming.extend(self._skip(one, moment, now))

        for one in self._appointments():
            enter(one, one.following(self._begin(one)), 0)
        while waiting and not self._closed:
            moment, _, count, one = heapq.heappop(waiting)
            self._fire_one(one, moment)
            enter(one, one.following(moment), count + 1)
        return min(upcoming, default=None)

    def _fire_one(self, one: Appointment, moment: datetime) -> None:
        try:
            deliveries = one.deliveries(moment)
        except Exception:  # it must not be tried for ever, nor keep the others from firing
            _LOG.exception("%s did not fire for %s", one.key, moment.isoformat())
            deliveries = []
        self._fired[one.key] = moment
        self._outbox.fire(one.key, moment, deliveries)
        self._said.append((time.monotonic(), f"{one.key} fired for {moment:%Y-%m-%dT%H:%M:%SZ}"))
        if deliveries:
            self._sent()
        try:
            one.fired(moment)
        except Exception:
            _LOG.exception("%s fired for %s and failed", one.key, moment.isoformat())

    def _skip(self, one: Appointment, first: datetime, now: datetime) -> list[datetime]:
        _LOG.error(
            "The clock went over more than %d times of %s: those from %s to %s do not fire. Move it in smaller steps.",
            *(MOST, one.key, first.isoformat(), now.isoformat()),
        )
        self._mark(one.key, now)
        following = one.following(now)
        return [] if following is None else [following]

    def _mark(self, key: str, moment: datetime) -> None:
        self._fired[key] = moment
        self._outbox.mark(key, moment)
