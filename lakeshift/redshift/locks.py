"""Table locks and serializable transactions: writers of one table wait, readers never do, cycles are refused.

The engine alone gives snapshots and refuses the later of two changes of one row; Redshift makes the second writer of
a table wait, and refuses two transactions that each read what the other wrote.
https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from lakeshift.redshift.errors import RedshiftError

__all__ = ["Locks", "Work"]

_WAIT_SECONDS = 0.05


@dataclass(slots=True, eq=False)
class Work:
    """One transaction's part in it: the tables it holds, what it read and wrote, and when it began."""

    pid: int
    serializable: bool = True
    begun: int = 0
    held: set[int] = field(default_factory=set)
    read: set[int] = field(default_factory=set)
    written: set[int] = field(default_factory=set)
    ended: int | None = None


class Locks:
    """Shared by a warehouse's sessions. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._clock = itertools.count(1)
        self._holders: dict[int, Work] = {}
        self._waits: dict[int, int] = {}  # pid -> the table it waits for
        self._open: set[Work] = set()
        self._past: list[Work] = []  # committed while another that is still open ran

    def begin(self, pid: int, *, serializable: bool) -> Work:
        """A transaction begins; :meth:`end` must follow."""
        with self._changed:
            work = Work(pid, serializable, next(self._clock))
            self._open.add(work)
            return work

    def hold(self, work: Work, table: int, check: Callable[[], None] = lambda: None) -> None:
        """Wait until the table is the transaction's to write. ``check`` is called while waiting and may raise."""
        with self._changed:
            while (holder := self._holders.get(table)) is not None and holder is not work:
                self._waits[work.pid] = table
                try:
                    self._refuse_deadlock(work)
                    self._changed.wait(_WAIT_SECONDS)
                    check()
                finally:
                    self._waits.pop(work.pid, None)
            self._holders[table] = work
            work.held.add(table)

    def _refuse_deadlock(self, work: Work) -> None:
        seen = work
        while (table := self._waits.get(seen.pid)) is not None and (holder := self._holders.get(table)) is not None:
            if holder is work:
                raise RedshiftError("deadlock detected", "40P01")
            seen = holder

    def validate(self, work: Work) -> None:
        """Raise 1023 where committing would close a cycle with a transaction that committed meanwhile."""
        if not work.serializable or not work.written:
            return
        with self._changed:
            for other in self._past:
                overlaps = other.ended is not None and other.ended > work.begun
                cycle = sorted(work.read & other.written - work.written) if overlaps and other.serializable else []
                if cycle and other.read & work.written:
                    raise RedshiftError(
                        "1023",
                        "XX000",
                        f"Serializable isolation violation on table - {cycle[0]}, transactions forming the cycle are: "
                        f"{work.begun}, {other.begun} (pid:{work.pid})",
                    )

    def end(self, work: Work, *, committed: bool) -> None:
        """Let go of what the transaction holds."""
        with self._changed:
            work.ended = next(self._clock)
            self._open.discard(work)
            for table in work.held:
                if self._holders.get(table) is work:
                    del self._holders[table]
            if committed and work.written:
                self._past.append(work)
            oldest = min((one.begun for one in self._open), default=work.ended)
            self._past = [one for one in self._past if one.ended is not None and one.ended > oldest]
            self._changed.notify_all()

    def holder(self, table: int) -> int | None:
        """Process id of the session that holds the table."""
        with self._changed:
            work = self._holders.get(table)
            return work.pid if work is not None else None
