"""Sessions that outlive their statement (SessionKeepAliveSeconds).

https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-session-reuse.html
"""

from __future__ import annotations

import threading
import time
from typing import Any, Final

from lakeshift.local.redshift.clusters import Caller
from lakeshift.local.redshift.failures import ActiveSessionsExceededException, ValidationException
from lakeshift.redshift import Session

__all__ = ["SESSION_STATES", "Kept", "KeptSessions"]

SESSION_STATES: Final = ("AVAILABLE", "BUSY", "CLOSED")
_MOST: Final = 500


class Kept:
    """One such session; ``until`` by the monotonic clock."""

    def __init__(self, session: Session, caller: Caller, seconds: int, statement: str) -> None:
        self.session = session
        self.caller = caller
        self.seconds = seconds
        self.until = time.monotonic() + seconds
        self.busy = False
        self.created = self.updated = time.time()
        self.statement = statement

    def told(self, identifier: str) -> dict[str, Any]:
        """As ListSessions shows it."""
        return {
            "SessionId": identifier,
            "Status": "BUSY" if self.busy else "AVAILABLE",
            "CreatedAt": self.created,
            "UpdatedAt": self.updated,
            "Database": self.caller.database,
            "DbUser": self.caller.user,
            "SessionAliveSeconds": self.seconds,
            "SessionTtl": time.time() + max(self.until - time.monotonic(), 0),
            **({"CurrentStatementId": self.statement} if self.busy else {}),
            **self.caller.target,
        }


class KeptSessions:
    """All of them. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Kept] = {}

    def claim(self, identifier: str) -> Caller:
        """The caller of a kept session, which is busy from now on; raises ValidationException."""
        with self._lock:
            self._expire()
            kept = self._kept.get(identifier)
            if kept is None:
                raise ValidationException("Session is not available.")
            if kept.busy:
                raise ValidationException("Session is busy.")
            kept.busy, kept.updated = True, time.time()
            return kept.caller

    def check_room(self) -> None:
        """Raises ActiveSessionsExceededException where no further session may be kept."""
        with self._lock:
            self._expire()
            if len(self._kept) >= _MOST:
                raise ActiveSessionsExceededException(_MOST)

    def _expire(self) -> None:
        for identifier, kept in list(self._kept.items()):
            if not kept.busy and kept.until < time.monotonic():
                kept.session.close()
                del self._kept[identifier]

    def find(self, identifier: str | None, statement: str) -> Session | None:
        """The claimed session, for its next statement."""
        with self._lock:
            kept = self._kept.get(identifier or "")
            if kept is None:
                return None
            kept.statement = statement
            return kept.session

    def release(self, identifier: str | None, session: Session, caller: Caller, keep: int, statement: str) -> bool:
        """A statement is over: whether its session is kept."""
        with self._lock:
            kept = self._kept.get(identifier or "")
            if kept is None and keep and identifier:
                self._kept[identifier] = kept = Kept(session, caller, keep, statement)
            if kept is None:
                return False
            kept.busy, kept.updated = False, time.time()
            kept.seconds = keep or kept.seconds
            kept.until = time.monotonic() + kept.seconds
            return True

    def all(self) -> list[dict[str, Any]]:
        """As ListSessions shows them, the newest first."""
        with self._lock:
            self._expire()
            return [kept.told(identifier) for identifier, kept in reversed(self._kept.items())]

    def close_idle(self) -> None:
        """Close those without a statement."""
        with self._lock:
            for kept in self._kept.values():
                if not kept.busy:
                    kept.session.close()
            self._kept.clear()
