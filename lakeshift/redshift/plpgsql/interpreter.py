"""Runs a procedure's statements over a :class:`Host`, the session that has the data and the transaction.

https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-statements.html
https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-trapping-errors.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from lakeshift.errors import LakeshiftError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.plpgsql import syntax
from lakeshift.redshift.plpgsql.variables import Record, Scope, Variable, literal_of, substituted
from lakeshift.redshift.result import Result
from lakeshift.redshift.tables import as_text
from lakeshift.redshift.types import SqlType, parse_type

__all__ = ["Host", "run_procedure"]

_MOST_STEPS: Final = 10_000_000


class Host(Protocol):
    """What a procedure needs of its session."""

    nonatomic: bool

    def run(self, sql: str) -> Result:
        """Run a statement inside the procedure's transaction."""

    def rollback(self) -> None:
        """Undo what the procedure's transaction did, and go on in a new one."""

    def notice(self, level: str, text: str) -> None:
        """Tell the client."""

    def type_of(self, text: str) -> SqlType:
        """The type that ``table.column%TYPE`` means."""

    def open_cursor(self, name: str, query: str) -> None:
        """Open a cursor of the session."""

    def fetch_cursor(self, name: str) -> tuple[list[str], tuple[Any, ...] | None]:
        """Names and values of a cursor's next row, None at its end."""

    def close_cursor(self, name: str) -> None:
        """Close a cursor of the session."""


class _Jump(Exception):  # noqa: N818 - control flow, no error
    """EXIT and CONTINUE on their way to their loop."""

    def __init__(self, label: str | None, *, again: bool) -> None:
        super().__init__()
        self.label = label
        self.again = again


class _Done(Exception):  # noqa: N818 - control flow, no error
    """RETURN."""


def run_procedure(host: Host, block: syntax.Block, variables: Sequence[Variable]) -> Scope:
    """Run the block with its parameters as ``variables``; the scope afterwards holds what OUT parameters answer."""
    scope = Scope(None, {variable.name: variable for variable in variables})
    try:
        _Run(host).block(block, scope)
    except _Done:
        pass
    except _Jump:
        raise RedshiftError("EXIT cannot be used outside a loop", "42601") from None
    return scope


class _Run:
    def __init__(self, host: Host) -> None:
        self._host = host
        self._found: dict[str, Any] = {"found": False}
        self._row_count = 0
        self._cursors: dict[str, syntax.Declaration] = {}
        self._steps = 0

    # Expressions

    def _sql(self, text: str, scope: Scope) -> str:
        return substituted(text, scope, self._found)

    def _value(self, text: str, scope: Scope) -> Any:
        rows = self._host.run(f"SELECT {self._sql(text, scope)}").rows
        if len(rows) > 1:
            raise RedshiftError("query returned more than one row", "21000")
        return rows[0][0] if rows else None

    def _true(self, text: str, scope: Scope) -> bool:
        return self._value(text, scope) is True

    def _set(self, scope: Scope, target: str, text: str) -> None:
        name, _, part = target.partition(".")
        variable = scope.need(name)
        if part and isinstance(variable.value, Record):
            variable.value.fields[part] = self._value(text, scope)
            return
        if variable.constant:
            raise RedshiftError(f'"{name}" is declared CONSTANT', "22005")
        self._put(variable, self._cast(text, variable.type, scope))

    def _cast(self, text: str, kind: SqlType | None, scope: Scope) -> Any:
        plain = kind is None or kind.name == "super"
        return self._value(text if plain else f"CAST(({text}) AS {kind})", scope)

    @staticmethod
    def _put(variable: Variable, value: Any) -> None:
        if value is None and variable.not_null:
            raise RedshiftError(
                f'null value cannot be assigned to variable "{variable.name}" declared NOT NULL', "22004"
            )
        variable.value = value

    def _into(self, scope: Scope, targets: tuple[str, ...], names: list[str], row: tuple[Any, ...] | None) -> None:
        first = scope.find(targets[0])
        if first is not None and isinstance(first.value, Record) and len(targets) == 1:
            values = row if row is not None else (None,) * len(names)
            first.value = Record(dict(zip(names, values, strict=True)), assigned=True)
            return
        for index, target in enumerate(targets):
            value = row[index] if row is not None and index < len(row) else None
            self._set(scope, target, literal_of(value))

    # Statements

    def block(self, block: syntax.Block, outer: Scope) -> None:
        """A block: its variables, its statements, its handler."""
        scope = Scope(outer)
        for declaration in block.declarations:
            self._declare(declaration, scope)
        try:
            self.body(block.body, scope)
        except LakeshiftError as error:
            if not block.handlers:
                raise
            self._handle(block, scope, error)
        except _Jump as jump:
            if jump.label is None or jump.label != block.label or jump.again:
                raise

    def _handle(self, block: syntax.Block, scope: Scope, error: LakeshiftError) -> None:
        """OTHERS runs after the transaction was undone; an atomic procedure then fails all the same."""
        handler = block.handlers[0]
        if handler.condition != "others":
            raise RedshiftError(f'unrecognized exception condition "{handler.condition}": only OTHERS is', "42704")
        if not self._host.nonatomic:
            self._host.rollback()
        kept = dict(self._found)
        message = error.message if isinstance(error, RedshiftError) else str(error)
        state = error.sqlstate if isinstance(error, RedshiftError) else "0A000"
        self._found |= {"sqlerrm": message, "sqlstate": state}
        self.body(handler.body, scope)
        self._found = kept
        if not self._host.nonatomic:
            raise error

    def body(self, statements: tuple[syntax.Statement, ...], scope: Scope) -> None:
        """Statements one after the other."""
        for statement in statements:
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise RedshiftError("the procedure ran for too many statements", "54001")
            self._RUN[type(statement)](self, statement, scope)

    def _declare(self, found: syntax.Declaration, scope: Scope) -> None:
        name = found.name
        if found.kind == "alias":
            scope.variables[name] = scope.need(f"${found.default}")
        elif found.kind == "cursor":
            self._cursors[name] = found
            scope.variables[name] = Variable(name, None, name)
        elif found.kind == "record" or found.kind.endswith("%rowtype"):
            scope.variables[name] = Variable(name, None, Record())
        elif found.kind == "refcursor":
            scope.variables[name] = Variable(name, SqlType("character varying", length=256), name)
        else:
            kind = self._host.type_of(found.kind[:-5]) if found.kind.endswith("%type") else parse_type(found.kind)
            value = self._cast(found.default, kind, scope) if found.default is not None else None
            variable = Variable(name, kind, None, found.constant, found.not_null)
            self._put(variable, value)
            scope.variables[name] = variable

    def _assign(self, statement: syntax.Assign, scope: Scope) -> None:
        self._set(scope, statement.target, statement.expression)

    def _if(self, statement: syntax.If, scope: Scope) -> None:
        for branch in statement.branches:
            if self._true(branch.condition, scope):
                self.body(branch.body, scope)
                return
        self.body(statement.otherwise, scope)

    def _case(self, statement: syntax.Case, scope: Scope) -> None:
        for branch in statement.branches:
            test = branch.condition if statement.subject is None else f"({statement.subject}) IN ({branch.condition})"
            if self._true(test, scope):
                self.body(branch.body, scope)
                return
        if statement.otherwise is None:
            raise RedshiftError("case not found", "20000", hint="CASE statement is missing ELSE part.")
        self.body(statement.otherwise, scope)

    def _turn(self, body: tuple[syntax.Statement, ...], label: str | None, scope: Scope) -> bool:
        """One turn of a loop; False where it is to end."""
        try:
            self.body(body, scope)
        except _Jump as jump:
            if jump.label is not None and jump.label != label:
                raise
            return jump.again
        return True

    def _loop(self, statement: syntax.Loop, scope: Scope) -> None:
        while self._turn(statement.body, statement.label, scope):
            pass

    def _while(self, statement: syntax.While, scope: Scope) -> None:
        while self._true(statement.condition, scope) and self._turn(statement.body, statement.label, scope):
            pass

    def _for_range(self, statement: syntax.ForRange, scope: Scope) -> None:
        first, last = self._whole(statement.first, scope), self._whole(statement.last, scope)
        step = self._whole(statement.step, scope) if statement.step else 1
        if step <= 0:
            raise RedshiftError("BY value of FOR loop must be greater than zero", "22023")
        inner = Scope(scope, {statement.name: Variable(statement.name, SqlType("integer"))})
        numbers = range(first, last - 1, -step) if statement.reverse else range(first, last + 1, step)
        for number in numbers:
            inner.variables[statement.name].value = number
            if not self._turn(statement.body, statement.label, inner):
                break
        self._found["found"] = len(numbers) > 0

    def _whole(self, text: str, scope: Scope) -> int:
        value = self._value(f"CAST(({text}) AS INTEGER)", scope)
        if value is None:
            raise RedshiftError("a bound of FOR loop cannot be null", "22004")
        return int(value)

    def _for_query(self, statement: syntax.ForQuery, scope: Scope) -> None:
        sql = str(self._value(statement.query, scope)) if statement.dynamic else self._sql(statement.query, scope)
        result = self._host.run(sql)
        names = [column.name for column in result.columns]
        for row in result.rows:
            self._into(scope, statement.names, names, row)
            if not self._turn(statement.body, statement.label, scope):
                break
        self._found["found"] = bool(result.rows)

    def _exit(self, statement: syntax.Exit, scope: Scope) -> None:
        if statement.condition is None or self._true(statement.condition, scope):
            raise _Jump(statement.label, again=statement.again)

    def _return(self, _statement: syntax.Return, _scope: Scope) -> None:
        raise _Done

    def _nothing(self, _statement: syntax.Nothing, _scope: Scope) -> None:
        return

    def _raise(self, statement: syntax.Raise, scope: Scope) -> None:
        values = [as_text(self._value(argument, scope)) or "<NULL>" for argument in statement.arguments]
        pieces = statement.message.replace("%%", "\0").split("%")
        if len(pieces) - 1 != len(values):
            few = len(values) < len(pieces) - 1
            raise RedshiftError(f"too {'few' if few else 'many'} parameters specified for RAISE", "42601")
        text = pieces[0] + "".join(value + piece for value, piece in zip(values, pieces[1:], strict=True))
        text = text.replace("\0", "%")
        if statement.level == "EXCEPTION":
            options = {name: str(self._value(value, scope)) for name, value in statement.options}
            raise RedshiftError(text, options.get("errcode", "P0001"), options.get("detail"), options.get("hint"))
        self._host.notice(statement.level, text)

    def _execute(self, statement: syntax.Execute, scope: Scope) -> None:
        sql = self._value(statement.expression, scope)
        if sql is None:
            raise RedshiftError("cannot EXECUTE a null querystring", "22004")
        self._ran(self._host.run(str(sql)), statement.into, scope)

    def _run_sql(self, statement: syntax.Sql, scope: Scope) -> None:
        if statement.text.split(maxsplit=1)[0].upper() == "CALL":
            self._call(statement, scope)
            return
        self._ran(self._host.run(self._sql(statement.text, scope)), statement.into, scope)

    def _call(self, statement: syntax.Sql, scope: Scope) -> None:
        """A nested CALL: what its OUT and INOUT parameters answer goes into the variables given for them."""
        result = self._host.run(self._sql(statement.text, scope))
        if not result.columns:
            return
        inside = statement.text[statement.text.index("(") + 1 : statement.text.rindex(")")]
        given = [part.strip().lower() for part in inside.split(",")]
        targets = [name for name in given if scope.find(name) is not None]
        for place, value in zip(result.places, result.rows[0], strict=True):
            name = given[place] if place < len(given) else ""
            if name in targets:
                self._set(scope, name, literal_of(value))

    def _ran(self, result: Result, into: tuple[str, ...], scope: Scope) -> None:
        self._row_count = max(result.row_count, 0)
        self._found["found"] = self._row_count > 0
        if into:
            row = result.rows[0] if result.rows else None
            self._into(scope, into, [column.name for column in result.columns], row)

    def _open(self, statement: syntax.OpenCursor, scope: Scope) -> None:
        variable = scope.need(statement.name)
        declared = self._cursors.get(statement.name)
        query = statement.query
        inner = scope
        if query is None:
            if declared is None or declared.query is None:
                raise RedshiftError(f'cursor "{statement.name}" has no query', "42601")
            query = declared.query
            values = {
                name: Variable(name, parse_type(kind), self._value(text, scope))
                for (name, kind), text in zip(declared.arguments, statement.arguments, strict=True)
            }
            inner = Scope(scope, values)
        sql = str(self._value(query, scope)) if statement.dynamic else self._sql(query, inner)
        self._host.open_cursor(str(variable.value), sql)

    def _fetch(self, statement: syntax.Fetch, scope: Scope) -> None:
        names, row = self._host.fetch_cursor(str(scope.need(statement.name).value))
        self._found["found"] = row is not None
        if row is not None or not isinstance(scope.need(statement.into[0].partition(".")[0]).value, Record):
            self._into(scope, statement.into, names, row)

    def _close(self, statement: syntax.CloseCursor, scope: Scope) -> None:
        self._host.close_cursor(str(scope.need(statement.name).value))

    def _diagnostics(self, statement: syntax.GetDiagnostics, scope: Scope) -> None:
        for target, item in statement.items:
            if item not in ("row_count", "integer_var"):
                raise RedshiftError(f"unrecognized GET DIAGNOSTICS item {item}", "42601")
            self._set(scope, target, literal_of(self._row_count))

    _RUN: Final[dict[type, Callable[[Any, Any, Scope], None]]] = {
        syntax.Assign: _assign,
        syntax.Block: block,
        syntax.Case: _case,
        syntax.CloseCursor: _close,
        syntax.Execute: _execute,
        syntax.Exit: _exit,
        syntax.Fetch: _fetch,
        syntax.ForQuery: _for_query,
        syntax.ForRange: _for_range,
        syntax.GetDiagnostics: _diagnostics,
        syntax.If: _if,
        syntax.Loop: _loop,
        syntax.Nothing: _nothing,
        syntax.OpenCursor: _open,
        syntax.Raise: _raise,
        syntax.Return: _return,
        syntax.Sql: _run_sql,
        syntax.While: _while,
    }
