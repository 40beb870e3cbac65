"""Deliveries that are not done, and which schedules have fired: kept over a kill, in one small database.

A delivery is on record before the call that caused it is answered, and a schedule's firing is recorded together with
its delivery: neither is lost, and no schedule fires twice for one time.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

__all__ = ["Delivery", "Outbox"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event or invocation on its way to one target.

    ``origin`` is the rule's or the schedule's ARN; ``created`` and ``due`` are epoch seconds of the local AWS's clock,
    ``attempts`` those that failed, ``hops`` how many buses the event came over.
    """

    origin: str
    target: dict[str, Any] = field(repr=False)
    event: dict[str, Any] = field(repr=False)
    created: float
    due: float = 0.0
    attempts: int = 0
    hops: int = 0
    number: int = 0


class Outbox:
    """Deliveries in the order they are due; without a ``file`` they live as long as the process. Safe to share."""

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._data = sqlite3.connect(str(file or ":memory:"), check_same_thread=False, isolation_level=None)
        # A killed process loses nothing that it has handed to the system; a power cut is not what this guards against.
        self._data.execute("PRAGMA synchronous = OFF")
        self._data.execute("PRAGMA journal_mode = WAL")
        self._data.execute(
            "CREATE TABLE IF NOT EXISTS deliveries (number INTEGER PRIMARY KEY AUTOINCREMENT, due REAL, document TEXT)"
        )
        self._data.execute("CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due, number)")
        self._data.execute("CREATE TABLE IF NOT EXISTS fired (key TEXT PRIMARY KEY, moment TEXT)")

    def close(self) -> None:
        """What is not done is there when the file is opened again."""
        with self._lock:
            self._data.close()

    def put(self, deliveries: Iterable[Delivery]) -> None:
        """Record what is to be delivered."""
        with self._lock:
            for one in deliveries:
                self._data.execute("INSERT INTO deliveries (due, document) VALUES (?, ?)", (one.due, _text(one)))

    def fire(self, key: str, moment: datetime, deliveries: Iterable[Delivery]) -> None:
        """Record that the schedule ``key`` has fired for ``moment``, and what it sends, at once."""
        with self._lock:
            self._data.execute("BEGIN")
            try:
                self.put(deliveries)
                self.mark(key, moment)
                self._data.execute("COMMIT")
            except BaseException:
                self._data.execute("ROLLBACK")
                raise

    def mark(self, key: str, moment: datetime) -> None:
        """Record that the schedule ``key`` is done up to ``moment``."""
        with self._lock:
            self._data.execute("INSERT OR REPLACE INTO fired VALUES (?, ?)", (key, moment.isoformat()))

    def fired(self) -> dict[str, datetime]:
        """Up to when each schedule is done."""
        with self._lock:
            return {key: datetime.fromisoformat(text) for key, text in self._data.execute("SELECT * FROM fired")}

    def forget(self, key: str) -> None:
        """The schedule ``key`` is no more."""
        with self._lock:
            self._data.execute("DELETE FROM fired WHERE key = ?", (key,))

    def first(self) -> Delivery | None:
        """The delivery that is due first."""
        with self._lock:
            row = self._data.execute("SELECT number, due, document FROM deliveries ORDER BY due, number").fetchone()
        return None if row is None else Delivery(**{**json.loads(row[2]), "number": row[0], "due": row[1]})

    def done(self, delivery: Delivery) -> None:
        """It was delivered, or given up."""
        with self._lock:
            self._data.execute("DELETE FROM deliveries WHERE number = ?", (delivery.number,))

    def later(self, delivery: Delivery, due: float) -> None:
        """It failed once more and is tried again when ``due``."""
        again = replace(delivery, attempts=delivery.attempts + 1, due=due)
        with self._lock:
            self._data.execute(
                "UPDATE deliveries SET due = ?, document = ? WHERE number = ?", (due, _text(again), delivery.number)
            )

    def waiting(self) -> int:
        """How many deliveries are not done."""
        with self._lock:
            return int(self._data.execute("SELECT count(*) FROM deliveries").fetchone()[0])


def _text(delivery: Delivery) -> str:
    return json.dumps(asdict(delivery))
