"""The part of a session that procedures, cursors and prepared statements need; :class:`Session` is made of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from lakeshift.errors import LakeshiftError
from lakeshift.redshift.calling import Caller
from lakeshift.redshift.catalog import Catalog
from lakeshift.redshift.cursors import Cursors, PreparedStatements
from lakeshift.redshift.ddl import Ddl
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.external_statements import ExternalStatement
from lakeshift.redshift.grammar import parse
from lakeshift.redshift.naming import Names
from lakeshift.redshift.result import Result, ResultColumn
from lakeshift.redshift.routines import Routines
from lakeshift.redshift.statements import (
    Call,
    CreateRoutine,
    Cursor,
    Name,
    Prepared,
    Query,
    Statement,
    Transaction,
    Truncate,
)

__all__ = ["RoutineCalls"]


class RoutineCalls:
    """Mixed into a session."""

    user: str
    _connection: Connection
    _catalog: Catalog
    _names: Names
    _ddl: Ddl
    _in_transaction: bool
    bulk: bool

    def _dispatch(self, statement: Statement | ExternalStatement, number: int) -> Result:
        raise NotImplementedError

    def _in_its_transaction(self, statement: Statement | ExternalStatement, number: int) -> Result:
        raise NotImplementedError

    def _transaction(self, statement: Transaction) -> Result:
        raise NotImplementedError

    def _rollback_quietly(self) -> None:
        raise NotImplementedError

    def _begin_work(self) -> None:
        raise NotImplementedError

    def _end_work(self, *, committed: bool) -> None:
        raise NotImplementedError

    def _validate(self) -> None:
        raise NotImplementedError

    def _hold(self, statement: Statement | ExternalStatement) -> None:
        raise NotImplementedError

    def _outdate_views(self) -> None:
        raise NotImplementedError

    def _start_routines(self) -> None:
        self._number = 0
        self._cursors = Cursors()
        self._prepared = PreparedStatements()
        self._routines = Routines(self._connection, self._catalog, self.user)
        self._names.find_function = self._find_function
        self._caller = Caller(self, self._names, self._cursors, self._find_procedure)

    # What a procedure needs of the session it runs in.

    @property
    def in_block(self) -> bool:
        """Whether the client began a transaction."""
        return self._in_transaction

    def dispatch(self, statement: Statement | ExternalStatement) -> Result:
        """Run a statement of a procedure inside the open transaction."""
        self._hold(statement)
        if isinstance(statement, Truncate):
            self._ddl.truncate(statement.name)
            self._outdate_views()
            return Result("TRUNCATE")
        return self._dispatch(statement, self._number)

    def alone(self, statement: Statement | ExternalStatement) -> Result:
        """Run a statement of a procedure as a client would."""
        if isinstance(statement, Transaction):
            return self._transaction(statement)
        return self._in_its_transaction(statement, self._number)

    def restart(self, verb: str) -> None:
        """End the procedure's transaction and begin another."""
        if verb == "COMMIT":
            self._validate()
            self._connection.run(verb)
        else:
            self._rollback_quietly()
        self._end_work(committed=verb == "COMMIT")
        self._begin_work()
        self._connection.run("BEGIN")
        self._names.forget()

    def _find_function(self, name: Name, count: int) -> CreateRoutine | None:
        for schema in name[:-1] or self._names.search_path:
            found = self._routines.find(schema, name[-1], "FUNCTION", count)
            if found is not None:
                self._ddl.privileges.routine(found)
                return found
        return None

    def _find_procedure(self, statement: Call) -> CreateRoutine:
        for schema in statement.name[:-1][-1:] or self._names.search_path:
            found = self._routines.find(schema, statement.name[-1], "PROCEDURE", len(statement.arguments))
            if found is not None:
                self._ddl.privileges.routine(found)
                return found
        kinds = ", ".join('"unknown"' for _ in statement.arguments)
        raise RedshiftError(f"procedure {'.'.join(statement.name)}({kinds}) does not exist", "42883")

    def _call(self, statement: Call) -> Result:
        self._caller.notices.clear()
        self._caller.handled = False
        with self._rows_at_hand():
            if self._in_transaction or self._find_procedure(statement).nonatomic:
                result = self._caller.call(statement, in_block=self._in_transaction)
            else:
                result = self._call_alone(statement)
        return replace(result, notices=(*result.notices, *self._caller.notices))

    def _call_alone(self, statement: Call) -> Result:
        committed = False
        self._begin_work()
        try:
            self._connection.run("BEGIN")
            result = self._caller.call(statement, in_block=False)
            self._validate()
            self._connection.run("COMMIT")
            committed = True
        except LakeshiftError:
            # What the handler of the error wrote stays; without one there is nothing to keep.
            committed = self._end_failed_call()
            raise
        except BaseException:
            self._rollback_quietly()
            raise
        finally:
            self._end_work(committed=committed)
        return result

    def _end_failed_call(self) -> bool:
        try:
            if self._caller.handled:
                self._connection.run("COMMIT")
                return True
        except RedshiftError:
            pass
        self._rollback_quietly()
        return False

    @contextmanager
    def _rows_at_hand(self) -> Iterator[None]:
        """What a procedure or a cursor reads is wanted as rows, whatever the client asked for."""
        bulk, self.bulk = self.bulk, False
        try:
            yield
        finally:
            self.bulk = bulk

    def _cursor(self, statement: Cursor, number: int) -> Result:
        if statement.verb == "DECLARE":
            if not self._in_transaction:
                raise RedshiftError("DECLARE CURSOR may only be used in transaction blocks", "25P01")
            with self._rows_at_hand():
                self._cursors.open(statement.name, self._dispatch(Query(statement.query), number))
            return Result("DECLARE CURSOR")
        if statement.verb == "CLOSE":
            self._cursors.close(statement.name)
            return Result("CLOSE CURSOR")
        return self._cursors.fetch(statement.name, statement.count)

    def _routine_columns(self, statement: Statement | ExternalStatement) -> tuple[ResultColumn, ...]:
        """Columns of what a FETCH or a CALL will give."""
        if isinstance(statement, Cursor) and statement.verb == "FETCH":
            return self._cursors.columns(statement.name)
        return self._caller.columns(statement) if isinstance(statement, Call) else ()

    def _prepare(self, statement: Prepared, number: int) -> Result:
        if statement.verb == "EXECUTE":
            return self._in_its_transaction(parse(self._prepared.bound(statement)), number)
        if statement.verb == "PREPARE":
            self._prepared.prepare(statement)
        else:
            self._prepared.deallocate(statement.name)
        return Result(statement.verb)
