"""The part of a session that begins and ends transactions and waits for tables.

https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html
"""

from __future__ import annotations

from lakeshift.errors import LakeshiftError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.external_statements import ExternalStatement
from lakeshift.redshift.locks import Locks, Work
from lakeshift.redshift.parameters import Parameters
from lakeshift.redshift.reading import CASE_SENSITIVE
from lakeshift.redshift.result import Result
from lakeshift.redshift.rewriting import Rewriter
from lakeshift.redshift.routine_calls import RoutineCalls
from lakeshift.redshift.sessions import Sessions
from lakeshift.redshift.statements import (
    Administer,
    AlterTable,
    Call,
    Cursor,
    Maintain,
    Prepared,
    Query,
    Statement,
    Transaction,
    Truncate,
)
from lakeshift.redshift.writing import written_tables

__all__ = ["Transactions"]


class Transactions(RoutineCalls):
    """Mixed into a session."""

    database: str
    pid: int
    _parameters: Parameters
    _rewriter: Rewriter
    _sessions: Sessions
    _locks: Locks
    _work: Work | None
    _version: int
    _changed_catalog: bool
    _failed: bool
    _serializable: bool
    _overtaken: bool
    _just_written: set[int]
    _views_known: tuple[int, bool]

    def _know_user(self) -> None:
        raise NotImplementedError

    def _in_its_transaction(self, statement: Statement | ExternalStatement, number: int) -> Result:
        self._number = number
        CASE_SENSITIVE.set(self._parameters.case_sensitive)
        if isinstance(statement, Call):
            return self._call(statement)
        if isinstance(statement, Prepared):
            return self._prepare(statement, number)
        if isinstance(statement, Cursor):
            return self._cursor(statement, number)
        if isinstance(statement, Truncate):
            return self._truncate(statement)
        if self._in_transaction:
            _refuse_in_block(statement)
            self._hold(statement)
            return self._dispatch(statement, number)
        # A query alone is the engine's transaction by itself, if what the catalog said is not asked for again.
        later = _only_reads(statement) and self._sessions.quiet
        result = self._as_transaction(statement, number, later=later)
        return self._as_transaction(statement, number, later=False) if self._overtaken else result

    def _as_transaction(self, statement: Statement | ExternalStatement, number: int, *, later: bool) -> Result:
        """A lone statement as a transaction of its own; its result is none if it was overtaken."""
        self._overtaken = False
        # It waits for its table before its snapshot is taken: it sees what it waited for.
        self._begin_work()
        try:
            self._hold(statement)
            result = self._between(statement, number, later=later)
        except BaseException:
            self._end_work(committed=False)
            raise
        self._end_work(committed=not self._overtaken)
        return result

    def _between(self, statement: Statement | ExternalStatement, number: int, *, later: bool) -> Result:
        """BEGIN, the statement, and COMMIT; ROLLBACK where it failed or was overtaken."""
        self._connection.begin(later=later)
        result = Result("")
        try:
            result = self._dispatch(statement, number)
            if self._connection.owes_begin:
                self._note_overtaking()
            if not self._overtaken:
                self._connection.commit()
                return result
        except BaseException as error:
            if self._connection.owes_begin:
                self._note_overtaking()
            if not (self._overtaken and isinstance(error, RedshiftError)):
                self._rollback_quietly()
                raise
        self._rollback_quietly()
        return result

    def _note_overtaking(self) -> None:
        """Whether the catalog was changed after the names of a query were found, and before its snapshot."""
        self._overtaken = self._version != self._sessions.version

    def _begin_work(self) -> None:
        # From before the snapshot: what a transaction finds in an older one is never taken for newer.
        self._catch_up()
        self._work = self._locks.begin(self.pid, serializable=self._serializable)
        self._rewriter.read = self._work.read

    def _catch_up(self) -> None:
        """Take the catalog as it is now, and who the user is in it."""
        version = self._sessions.version
        if version != self._version:
            self._know_user()
            self._version = version
        self._names.forget(version)

    def _validate(self) -> None:
        if self._work is not None:
            self._locks.validate(self._work)

    def _end_work(self, *, committed: bool) -> None:
        if self._work is not None:
            self._locks.end(self._work, committed=committed)
            self._work = None
        if self._changed_catalog:
            self._changed_catalog = False
            self._sessions.change_ends()

    def _hold(self, statement: Statement | ExternalStatement) -> None:
        """Wait until the tables the statement writes are ours."""
        for name in written_tables(statement):
            if len(name) == 3 and name[0] != self.database:
                raise RedshiftError("cross-database reference to database is not supported for this statement", "0A000")
            relation = self._names.find(name)
            if relation is None or self._work is None or relation.temporary or relation.kind == "EXTERNAL":
                continue
            self._locks.hold(self._work, relation.id, self._check_cancelled)
            self._work.written.add(relation.id)
            self._just_written.add(relation.id)
            self._names.forget()

    def _outdate_views(self) -> None:
        """Materialized views over what the statement wrote are stale from now on, in its own transaction."""
        written, self._just_written = self._just_written, set()
        if not written:
            return
        version = self._version
        if self._views_known[0] != version:
            self._views_known = (version, self._catalog.has_materialized())
        if self._views_known[1]:
            self._catalog.outdate(written)

    def _check_cancelled(self) -> None:
        if self._connection.cancelled:
            raise RedshiftError("Query cancelled on user's request", "57014")

    def _rollback_quietly(self) -> None:
        self._connection.cancelled = False
        if self._connection.owes_begin:
            self._connection.owes_begin = False
            return
        # A COMMIT that failed has ended the engine's transaction already.
        try:
            self._connection.run("ROLLBACK")
        except RedshiftError as error:
            if "no transaction is active" not in str(error):
                raise

    def _truncate(self, statement: Truncate) -> Result:
        """TRUNCATE ends the transaction it is in by committing it, then commits itself."""
        if not self._in_transaction:
            self._begin_work()
        try:
            self._hold(statement)
            if not self._in_transaction:
                self._connection.run("BEGIN")
            self._ddl.truncate(statement.name)
            self._outdate_views()
            self._connection.run("COMMIT")
        except LakeshiftError:
            if not self._in_transaction:
                self._rollback_quietly()
                self._end_work(committed=False)
            raise
        self._in_transaction = False
        self._end_work(committed=True)
        return Result("TRUNCATE")

    def _transaction(self, statement: Transaction) -> Result:
        if statement.verb == "BEGIN":
            if self._in_transaction:
                return Result("BEGIN", notices=("there is already a transaction in progress",))
            self._begin_work()
            self._connection.run("BEGIN")
            self._in_transaction = True
        elif self._in_transaction:
            self._cursors.close("")
            failed, self._in_transaction, self._failed = self._failed, False, False
            if failed or statement.verb == "ROLLBACK":
                self._rollback_quietly()
                self._end_work(committed=False)
                return Result("ROLLBACK")
            try:
                self._validate()
                self._connection.run("COMMIT")
            except RedshiftError:
                self._rollback_quietly()
                self._end_work(committed=False)
                raise
            self._end_work(committed=True)
        else:
            return Result(statement.verb, notices=("there is no transaction in progress",))
        return Result(statement.verb)


def _only_reads(statement: Statement | ExternalStatement) -> bool:
    """Whether it may be run again where it came to nothing; one that stops another session may not."""
    return (
        isinstance(statement, Query)
        and statement.sql[:7].split(maxsplit=1)[0].upper() in ("SELECT", "WITH")
        and "_backend" not in statement.sql
    )


def _refuse_in_block(statement: Statement | ExternalStatement) -> None:
    """Raise 25001 for a statement that must be a transaction of its own."""
    what = None
    if isinstance(statement, AlterTable) and statement.action == "append":
        what = "ALTER TABLE APPEND"
    elif isinstance(statement, Maintain) and statement.verb == "VACUUM":
        what = "VACUUM"
    elif isinstance(statement, Administer) and statement.kind == "DATABASE":
        what = f"{statement.verb} DATABASE"
    if what is not None:
        raise RedshiftError(f"{what} cannot run inside a transaction block", "25001")
