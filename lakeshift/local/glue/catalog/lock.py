"""The one lock of the catalog: requests run in threads, and a crawl's plan is applied whole.

What changes while it is held is written to the catalog's journal as one line, before the lock is released and so
before the request is answered: after a kill a change is there as a whole or not at all.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, ParamSpec, TypeVar

from lakeshift.local.glue.catalog.journal import Change, Journal, Node

__all__ = ["CATALOG", "locked"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


class CatalogLock:
    """A lock that a thread may take again; the outermost release makes the changes durable."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._depth, self._owner = 0, 0
        self._changes: list[Change] = []
        self._history = 0
        self._journal: Journal | None = None

    def open(self, path: Path) -> Node:
        """Keep changes in the journal at ``path`` from now on; returns what it holds."""
        with self._lock:
            self._journal = Journal(path)
            self._changes.clear()
            return self._journal.read()

    def close(self) -> None:
        """Keep no changes any more."""
        with self._lock:
            if self._journal is not None:
                self._journal.close()
                self._journal = None

    def note(self, *changes: Change, history: int = 0) -> None:
        """Have the changes written when the lock is released: at once where the caller does not hold it.

        ``history`` is how many documents written before do not matter any more because of these.
        """
        if self._owner != threading.get_ident():
            with self:
                self.note(*changes, history=history)
            return
        self._changes.extend(changes)
        self._history += history

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1
        self._owner = threading.get_ident()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._depth == 1 and self._changes:
                if self._journal is not None:
                    # Where it fails they stay, to be written with the next.
                    self._journal.append(self._changes, self._history)
                self._changes, self._history = [], 0
        finally:
            self._depth -= 1
            self._owner = self._owner if self._depth else 0
            self._lock.release()


CATALOG: Final = CatalogLock()


def locked(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """Run the method while no other thread changes the catalog, and keep what it changed before it returns."""

    @functools.wraps(method)
    def held(*args: _P.args, **kwargs: _P.kwargs) -> Any:
        with CATALOG:
            return method(*args, **kwargs)

    return held
