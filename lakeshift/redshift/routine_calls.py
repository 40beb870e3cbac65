"""The part of a session that procedures, cursors and prepared statements need; :class:`Session` is made of it."""

from __future__ import annotations

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
from lakeshift.redshift.result import Result
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

    def _dispatch(self, statement: Statement | ExternalStatement, number: int) -> Result:
        raise NotImplementedError

    def _in_its_transaction(self, statement: Statement | ExternalStatement, number: int) -> Result:
        raise NotImplementedError

    def _transaction(self, statement: Transaction) -> Result:
        raise NotImplementedError

    def _rollback_quietly(self) -> None:
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
        if isinstance(statement, Truncate):
            self._ddl.truncate(statement.name)
            return Result("TRUNCATE")
        return self._dispatch(statement, self._number)

    def alone(self, statement: Statement | ExternalStatement) -> Result:
        """Run a statement of a procedure as a client would."""
        if isinstance(statement, Transaction):
            return self._transaction(statement)
        return self._in_its_transaction(statement, self._number)

    def restart(self, verb: str) -> None:
        """End the procedure's transaction and begin another."""
        self._connection.run(verb)
        self._connection.run("BEGIN")
        self._names.forget()

    def _find_function(self, name: Name, count: int) -> CreateRoutine | None:
        for schema in name[:-1] or self._names.search_path:
            found = self._routines.find(schema, name[-1], "FUNCTION", count)
            if found is not None:
                return found
        return None

    def _find_procedure(self, statement: Call) -> CreateRoutine:
        for schema in statement.name[:-1][-1:] or self._names.search_path:
            found = self._routines.find(schema, statement.name[-1], "PROCEDURE", len(statement.arguments))
            if found is not None:
                return found
        kinds = ", ".join('"unknown"' for _ in statement.arguments)
        raise RedshiftError(f"procedure {'.'.join(statement.name)}({kinds}) does not exist", "42883")

    def _call(self, statement: Call) -> Result:
        self._caller.notices.clear()
        self._caller.handled = False
        if self._in_transaction or self._find_procedure(statement).nonatomic:
            result = self._caller.call(statement, in_block=self._in_transaction)
        else:
            self._connection.run("BEGIN")
            try:
                result = self._caller.call(statement, in_block=False)
                self._connection.run("COMMIT")
            except LakeshiftError:
                # What the handler of the error wrote stays; without one there is nothing to keep.
                self._end_failed_call()
                raise
            except BaseException:
                self._rollback_quietly()
                raise
        return replace(result, notices=(*result.notices, *self._caller.notices))

    def _end_failed_call(self) -> None:
        try:
            self._connection.run("COMMIT" if self._caller.handled else "ROLLBACK")
        except RedshiftError:
            self._rollback_quietly()

    def _cursor(self, statement: Cursor, number: int) -> Result:
        if statement.verb == "DECLARE":
            if not self._in_transaction:
                raise RedshiftError("DECLARE CURSOR may only be used in transaction blocks", "25P01")
            self._cursors.open(statement.name, self._dispatch(Query(statement.query), number))
            return Result("DECLARE CURSOR")
        if statement.verb == "CLOSE":
            self._cursors.close(statement.name)
            return Result("CLOSE CURSOR")
        return self._cursors.fetch(statement.name, statement.count)

    def _prepare(self, statement: Prepared, number: int) -> Result:
        if statement.verb == "EXECUTE":
            return self._in_its_transaction(parse(self._prepared.bound(statement)), number)
        if statement.verb == "PREPARE":
            self._prepared.prepare(statement)
        else:
            self._prepared.deallocate(statement.name)
        return Result(statement.verb)
