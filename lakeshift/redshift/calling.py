"""CALL: a procedure's arguments, its transaction, and what it answers.

https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-transaction-management.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from lakeshift.redshift.cursors import Cursors
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.external_statements import ExternalStatement
from lakeshift.redshift.grammar import parse
from lakeshift.redshift.naming import Names
from lakeshift.redshift.plpgsql import parse_body, run_procedure
from lakeshift.redshift.plpgsql.variables import Variable
from lakeshift.redshift.result import Result, ResultColumn
from lakeshift.redshift.statements import Argument, Call, CreateRoutine, Statement, Transaction, Truncate
from lakeshift.redshift.types import SqlType

__all__ = ["Caller", "Engine"]

_DEPTH: Final = 16
_NAME: Final = SqlType("character varying", length=256)


class Engine(Protocol):
    """What a call needs of its session."""

    def dispatch(self, statement: Statement | ExternalStatement) -> Result:
        """Run a statement inside the open transaction."""

    def alone(self, statement: Statement | ExternalStatement) -> Result:
        """Run a statement as a client would: in a transaction of its own unless one was begun."""

    def restart(self, verb: str) -> None:
        """COMMIT or ROLLBACK, and begin again."""

    @property
    def in_block(self) -> bool:
        """Whether the client began a transaction."""


class Caller:
    """Calls procedures for one session."""

    def __init__(self, engine: Engine, names: Names, cursors: Cursors, find: Callable[[Call], CreateRoutine]) -> None:
        self._engine = engine
        self._names = names
        self._cursors = cursors
        self._find = find
        self.notices: list[str] = []
        self.handled = False

    def call(self, statement: Call, *, in_block: bool, depth: int = 0) -> Result:
        """Run a procedure; one row of its OUT and INOUT arguments where it has some."""
        if depth > _DEPTH:
            raise RedshiftError("stored procedure nested call depth limit of 16 exceeded", "54001")
        routine = self._find(statement)
        host = _Host(self, routine.nonatomic and not in_block, in_block=in_block, depth=depth)
        variables = self._variables(host, routine, statement)
        scope = run_procedure(host, parse_body(routine.body), variables)
        outputs = _outputs(routine)
        if not outputs:
            return Result("CALL")
        columns = _columns(outputs)
        row = tuple(scope.variables[_key(place, item)].value for place, item in outputs)
        inputs = [place for place, item in enumerate(routine.arguments) if item.mode != "OUT"]
        places = tuple(inputs.index(place) if place in inputs else place for place, _ in outputs)
        return Result("CALL", columns, [row], 1, places=places)

    def columns(self, statement: Call) -> tuple[ResultColumn, ...]:
        """Columns of the row the call will answer, empty where it has none."""
        return _columns(_outputs(self._find(statement)))

    @staticmethod
    def _variables(host: _Host, routine: CreateRoutine, statement: Call) -> list[Variable]:
        given = list(statement.arguments)
        found = []
        for place, argument in enumerate(routine.arguments):
            value = None
            if argument.mode != "OUT":
                text = given.pop(0)
                plain = argument.type is None or argument.type.name == "super"
                value = host.run(f"SELECT {text if plain else f'CAST(({text}) AS {argument.type})'}").rows[0][0]
            variable = Variable(_key(place, argument), argument.type or _NAME, value)
            found.append(variable)
            found.append(Variable(f"${place + 1}", argument.type, value))
        return found


def _outputs(routine: CreateRoutine) -> list[tuple[int, Argument]]:
    return [(place, argument) for place, argument in enumerate(routine.arguments) if argument.mode in ("OUT", "INOUT")]


def _columns(outputs: list[tuple[int, Argument]]) -> tuple[ResultColumn, ...]:
    return tuple(ResultColumn(item.name or f"column{place + 1}", item.type or _NAME) for place, item in outputs)


def _key(place: int, argument: Argument) -> str:
    return argument.name or f"${place + 1}"


class _Host:
    """A procedure's hold on the session."""

    def __init__(self, caller: Caller, nonatomic: bool, *, in_block: bool, depth: int) -> None:
        self.nonatomic = nonatomic
        self._caller = caller
        self._engine = caller._engine
        self._in_block = in_block
        self._depth = depth

    def run(self, sql: str) -> Result:
        statement = parse(sql)
        self._caller._names.forget()
        if isinstance(statement, Call):
            inside = self._in_block or (self.nonatomic and self._engine.in_block)
            return self._caller.call(statement, in_block=inside or not self.nonatomic, depth=self._depth + 1)
        if self.nonatomic:
            return self._engine.alone(statement)
        if isinstance(statement, Transaction):
            return self._end(statement)
        result = self._engine.dispatch(statement)
        if isinstance(statement, Truncate):
            self._engine.restart("COMMIT")
        return result

    def _end(self, statement: Transaction) -> Result:
        if statement.verb == "BEGIN":
            raise RedshiftError("START TRANSACTION is only allowed in a NONATOMIC procedure", "0A000")
        if self._engine.in_block:
            raise RedshiftError("invalid transaction termination", "2D000")
        self._engine.restart(statement.verb)
        return Result(statement.verb)

    def rollback(self) -> None:
        if self._engine.in_block:
            # The client's transaction is not the procedure's to undo: the error ends it.
            return
        self._engine.restart("ROLLBACK")
        self._caller.handled = True

    def notice(self, level: str, text: str) -> None:
        self._caller.notices.append(f"{level}:  {text}")

    def type_of(self, text: str) -> SqlType:
        *table, column = text.split(".")
        found = self._caller._names.need(tuple(table)).column(column)
        if found is None:
            raise RedshiftError(f'column "{column}" does not exist', "42703")
        return found.type

    def open_cursor(self, name: str, query: str) -> None:
        self._caller._cursors.open(name, self.run(query))

    def fetch_cursor(self, name: str) -> tuple[list[str], tuple[Any, ...] | None]:
        found = self._caller._cursors.fetch(name, 1)
        return [column.name for column in found.columns], found.rows[0] if found.rows else None

    def close_cursor(self, name: str) -> None:
        self._caller._cursors.close(name)
