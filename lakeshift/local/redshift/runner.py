"""Runs statements in the background, as the Data API does."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from lakeshift.errors import LakeshiftError
from lakeshift.local.redshift.clusters import Caller, Clusters
from lakeshift.local.redshift.failures import ValidationException
from lakeshift.local.redshift.fields import column_metadata, field_rows
from lakeshift.local.redshift.records import FINAL_STATES, Record, Records
from lakeshift.redshift import Result, Session

__all__ = ["Runner"]

_WORKERS: Final = 8
_READS: Final = ("SELECT", "WITH", "SHOW", "EXPLAIN", "(")


class _Kept:
    """A session that outlives its statement (SessionKeepAliveSeconds)."""

    def __init__(self, session: Session, caller: Caller, seconds: int) -> None:
        self.session = session
        self.caller = caller
        self.seconds = seconds
        self.until = time.monotonic() + seconds
        self.busy = False


class Runner:
    """Workers, running sessions, and one lock a cluster that makes writers wait for each other as table locks do."""

    def __init__(self, clusters: Clusters, records: Records) -> None:
        self._clusters = clusters
        self._records = records
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="redshift-data")
        self._lock = threading.Lock()
        self._running: dict[str, Session] = {}
        self._cancelled: set[str] = set()
        self._kept: dict[str, _Kept] = {}
        self._writers: dict[str, threading.Lock] = {}

    def submit(self, record: Record, caller: Caller, keep: int) -> None:
        """Run the record's statement, or its children as one transaction, soon."""
        if keep and record.session is None:
            record.session = str(uuid.uuid4())
        self._records.write(record)
        self._pool.submit(self._run, record, caller, keep)

    def claim(self, identifier: str) -> Caller:
        """The caller of a kept session, which is busy from now on; raises ValidationException."""
        with self._lock:
            self._expire()
            kept = self._kept.get(identifier)
            if kept is None:
                raise ValidationException("Session is not available.")
            if kept.busy:
                raise ValidationException("Session is busy.")
            kept.busy = True
            return kept.caller

    def _expire(self) -> None:
        for identifier, kept in list(self._kept.items()):
            if not kept.busy and kept.until < time.monotonic():
                kept.session.close()
                del self._kept[identifier]

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

    def _writer(self, cluster: str) -> threading.Lock:
        with self._lock:
            return self._writers.setdefault(cluster, threading.Lock())

    def _run(self, record: Record, caller: Caller, keep: int) -> None:
        begun = time.monotonic_ns()
        record.status = "STARTED"
        children = [child for child in map(self._records.get, record.children) if child]
        try:
            self._stop_if_cancelled(record)
            session = self._session(record, caller)
            with self._lock:
                self._running[record.id] = session
            record.pid = session.pid
            self._records.write(record)
            try:
                self._work(record, children, session, caller)
            finally:
                with self._lock:
                    self._running.pop(record.id, None)
                self._release(record, session, caller, keep)
            record.status = "FINISHED"
        except _CancelledError:
            record.status = "ABORTED"
        except LakeshiftError as error:
            record.status = "ABORTED" if record.id in self._cancelled else "FAILED"
            record.error = f"ERROR: {error}"
        except Exception as error:
            record.status, record.error = "FAILED", f"ERROR: {type(error).__name__}: {error}"
            raise
        finally:
            for child in children:
                if child.status not in FINAL_STATES:
                    child.status = "ABORTED"
                    self._records.write(child)
            record.duration = time.monotonic_ns() - begun
            with self._lock:
                self._cancelled.discard(record.id)
            self._records.write(record)

    def _stop_if_cancelled(self, record: Record) -> None:
        with self._lock:
            if record.id in self._cancelled:
                raise _CancelledError

    def _session(self, record: Record, caller: Caller) -> Session:
        with self._lock:
            kept = self._kept.get(record.session or "")
        return kept.session if kept else self._clusters.warehouse(caller.cluster).session(caller.database, caller.user)

    def _release(self, record: Record, session: Session, caller: Caller, keep: int) -> None:
        with self._lock:
            kept = self._kept.get(record.session or "")
            if kept is None and keep and record.session:
                self._kept[record.session] = kept = _Kept(session, caller, keep)
            if kept is not None:
                kept.busy = False
                kept.until = time.monotonic() + (keep or kept.seconds)
                return
        session.close()

    def _work(self, record: Record, children: list[Record], session: Session, caller: Caller) -> None:
        texts = [child.sql for child in children] or [record.sql]
        if all(text.lstrip().upper().startswith(_READS) for text in texts):
            self._statements(record, children, session)
            return
        with self._writer(caller.cluster):
            self._stop_if_cancelled(record)
            self._statements(record, children, session)

    def _statements(self, record: Record, children: list[Record], session: Session) -> None:
        if not children:
            self._one(record, session)
            return
        session.execute("BEGIN")
        try:
            for child in children:
                self._stop_if_cancelled(record)
                self._child(child, session)
            session.execute("COMMIT")
        except BaseException:
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
            record.result_size = self._records.put_result(record.id, column_metadata(result), field_rows(result))

    def close(self) -> None:
        """Stop what runs and wait for it to be written down."""
        with self._lock:
            running = list(self._running.values())
            kept = [entry.session for entry in self._kept.values() if not entry.busy]
        for session in running:
            session.interrupt()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for session in kept:
            session.close()


class _CancelledError(Exception):
    """The statement was cancelled before it began."""
