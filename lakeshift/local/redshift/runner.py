"""Runs statements in the background, as the Data API does."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from lakeshift.errors import LakeshiftError
from lakeshift.local.redshift.announce import announce
from lakeshift.local.redshift.clusters import Caller, Clusters
from lakeshift.local.redshift.failures import ActiveStatementsExceededException
from lakeshift.local.redshift.fields import column_metadata, field_rows
from lakeshift.local.redshift.kept import SESSION_STATES, KeptSessions
from lakeshift.local.redshift.records import FINAL_STATES, Record, Records
from lakeshift.redshift import RedshiftError, Result, Session

__all__ = ["SESSION_STATES", "Runner"]

# Quotas of the Data API: https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html
_MOST_ACTIVE: Final = 500
_MOST_BYTES: Final = 100 * 1024 * 1024


class Runner:
    """A worker for each active statement: one that waits for a lock keeps nobody else from running."""

    def __init__(self, clusters: Clusters, records: Records) -> None:
        self._clusters = clusters
        self._records = records
        self._pool = ThreadPoolExecutor(_MOST_ACTIVE, thread_name_prefix="redshift-data")
        self._lock = threading.Lock()
        self._running: dict[str, Session] = {}
        self._cancelled: set[str] = set()
        self._active = 0
        self._kept = KeptSessions()

    def submit(self, record: Record, children: list[Record], caller: Caller, keep: int) -> None:
        """Run the record's statement, or its children as one transaction, soon."""
        if keep and record.session is None:
            self._kept.check_room()
            record.session = str(uuid.uuid4())
        with self._lock:
            if self._active >= _MOST_ACTIVE:
                raise ActiveStatementsExceededException(_MOST_ACTIVE)
            self._active += 1
        self._records.write(record)
        self._pool.submit(self._run, record, children, caller, keep)

    def claim(self, identifier: str) -> Caller:
        """The caller of a kept session, which is busy from now on; raises ValidationException."""
        return self._kept.claim(identifier)

    def sessions(self) -> list[dict[str, Any]]:
        """The kept sessions, as ListSessions shows them."""
        return self._kept.all()

    def cancel(self, record: Record) -> bool:
        """Stop a statement; False when it is already over."""
        with self._lock:
            if record.status in FINAL_STATES:
                return False
            self._cancelled.add(record.id)
            session = self._running.get(record.id)
        if session is not None:
            session.interrupt()
        return True

    def _run(self, record: Record, children: list[Record], caller: Caller, keep: int) -> None:
        begun = time.monotonic_ns()
        try:
            self._stop_if_cancelled(record)
            session = self._session(record, caller)
            with self._lock:
                self._running[record.id] = session
            record.status, record.pid = "STARTED", session.pid
            self._records.write(record)
            try:
                self._stop_if_cancelled(record)
                self._statements(record, children, session)
            finally:
                with self._lock:
                    self._running.pop(record.id, None)
                if not self._kept.release(record.session, session, caller, keep, record.id):
                    session.close()
            record.status = "FINISHED"
        except _CancelledError:
            record.status = "ABORTED"
        except _RefusedError as error:
            record.status, record.error = "FAILED", f"FATAL: {error}"
        except LakeshiftError as error:
            record.status = "ABORTED" if record.id in self._cancelled else "FAILED"
            record.error = f"ERROR: {error}"
        except Exception as error:
            record.status, record.error = "FAILED", f"ERROR: {type(error).__name__}: {error}"
            raise
        finally:
            self._finish(record, children, begun)

    def _finish(self, record: Record, children: list[Record], begun: int) -> None:
        for child in children:
            if child.status not in FINAL_STATES:
                child.status = "ABORTED"
                self._records.write(child)
        record.duration = time.monotonic_ns() - begun
        with self._lock:
            self._cancelled.discard(record.id)
            self._active -= 1
        self._records.write(record)
        if record.with_event:
            announce(record)

    def _stop_if_cancelled(self, record: Record) -> None:
        with self._lock:
            if record.id in self._cancelled:
                raise _CancelledError

    def _session(self, record: Record, caller: Caller) -> Session:
        kept = self._kept.find(record.session, record.id)
        if kept is not None:
            return kept
        try:
            return self._clusters.connect(caller)
        except RedshiftError as error:
            raise _RefusedError(str(error)) from error

    def _statements(self, record: Record, children: list[Record], session: Session) -> None:
        if not children:
            self._one(record, session)
            return
        together = record.mode != "AUTO_COMMIT" and session.transaction_status == "I"
        if together:
            session.execute("BEGIN")
        try:
            for child in children:
                self._stop_if_cancelled(record)
                self._child(child, session)
            if together:
                session.execute("COMMIT")
        except BaseException:
            if together:
                session.execute("ROLLBACK")
            raise
        record.query_id = children[-1].query_id
        record.has_result = any(child.has_result for child in children)

    def _child(self, child: Record, session: Session) -> None:
        begun = time.monotonic_ns()
        child.status = "STARTED"
        try:
            self._one(child, session)
            child.status = "FINISHED"
        except LakeshiftError as error:
            child.status, child.error = "FAILED", f"ERROR: {error}"
            raise
        finally:
            child.duration = time.monotonic_ns() - begun
            self._records.write(child)

    def _one(self, record: Record, session: Session) -> None:
        values = {parameter["name"]: parameter["value"] for parameter in record.parameters}
        result = session.execute(record.sql, values or None)
        record.query_id = result.query_id
        record.pid = session.pid
        self._keep_result(record, result)

    def _keep_result(self, record: Record, result: Result) -> None:
        record.has_result = result.has_result_set
        record.result_rows = result.row_count
        record.result_size = 0
        if result.has_result_set:
            rows = field_rows(result)
            record.result_size = self._records.put_result(record.id, column_metadata(result), rows, _MOST_BYTES)

    def close(self) -> None:
        """Stop what runs and wait for it to be written down."""
        with self._lock:
            running = list(self._running.values())
        for session in running:
            session.interrupt()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._kept.close_idle()


class _CancelledError(Exception):
    """The statement was cancelled before it began."""


class _RefusedError(Exception):
    """The user may not log in, or the database is not there."""
