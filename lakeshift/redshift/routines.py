"""Procedures and functions in the catalog, and calls of SQL functions written out.

https://docs.aws.amazon.com/redshift/latest/dg/user-defined-functions.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from sqlglot import expressions as exp

from lakeshift.redshift.catalog import Catalog
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.functions import FUNCTIONS, is_not_yet
from lakeshift.redshift.plpgsql import parse_body
from lakeshift.redshift.reading import parse_query
from lakeshift.redshift.statements import Argument, CreateRoutine, DropRoutine, Name, ShowDefinition
from lakeshift.redshift.types import SqlType, parse_type
from lakeshift.redshift.walking import Nodes

__all__ = ["Routines", "inline_functions"]

_DEPTH: Final = 32
_REFCURSOR: Final = "refcursor"


class Routines:
    """Creates, finds and drops routines for one session."""

    def __init__(self, connection: Connection, catalog: Catalog, user: str) -> None:
        self._connection = connection
        self._catalog = catalog
        self._user = user

    def create(self, statement: CreateRoutine, schema: str) -> None:
        """CREATE PROCEDURE and CREATE FUNCTION: the body is read now, so that a wrong one is refused now."""
        if statement.kind == "FUNCTION":
            _check_function(statement)
        elif statement.language != "plpgsql":
            raise RedshiftError(f'language "{statement.language}" is not supported for procedures', "0A000")
        else:
            parse_body(statement.body)
        old = self.find(schema, statement.name[-1], statement.kind, len(_inputs(statement.arguments)))
        if old is not None:
            if not statement.replace:
                raise RedshiftError(f'function "{statement.name[-1]}" already exists with same argument types', "42723")
            self._remove(schema, statement.name[-1], statement.kind, old.arguments)
        self._connection.run(
            "INSERT INTO _lakeshift.routines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                self._catalog.database, schema, statement.name[-1], statement.kind, _dump(statement.arguments),
                str(statement.returns) if statement.returns else None, statement.language, statement.body,
                statement.nonatomic, self._user, statement.text,
            ],
        )  # fmt: skip

    def find(self, schema: str, name: str, kind: str, count: int) -> CreateRoutine | None:
        """The routine of that many inputs."""
        return next((item for item in self.all(schema, name, kind) if len(_inputs(item.arguments)) == count), None)

    def all(self, schema: str, name: str, kind: str) -> list[CreateRoutine]:
        """Every routine of that name."""
        rows = self._connection.rows(
            "SELECT arguments, returns, language, body, nonatomic, definition, owner FROM _lakeshift.routines "
            "WHERE database = ? AND schema = ? AND name = ? AND kind = ?",
            [self._catalog.database, schema, name, kind],
        )
        return [
            CreateRoutine(
                kind, (schema, name), _load(str(arguments)), str(body), str(language), True,
                parse_type(str(returns)) if returns else None, bool(nonatomic), str(text), str(owner),
            )
            for arguments, returns, language, body, nonatomic, text, owner in rows
        ]  # fmt: skip

    def one(self, statement: DropRoutine | ShowDefinition, schemas: tuple[str, ...]) -> CreateRoutine:
        """The routine a name means; raises 42883 where there is none, 42725 where it may be several."""
        kind, name = statement.kind, statement.name[-1]
        for schema in schemas if len(statement.name) == 1 else (statement.name[-2],):
            found = self.all(schema, name, kind)
            if statement.types is not None:
                found = [item for item in found if _types(item.arguments) == list(statement.types)]
            if len(found) > 1:
                raise RedshiftError(f'function name "{name}" is not unique', "42725", hint="Specify the argument list.")
            if found:
                return found[0]
        raise RedshiftError(f"{kind.lower()} {'.'.join(statement.name)} does not exist", "42883")

    def drop(self, statement: DropRoutine, schemas: tuple[str, ...]) -> None:
        """DROP PROCEDURE and DROP FUNCTION."""
        try:
            found = self.one(statement, schemas)
        except RedshiftError as error:
            if error.sqlstate == "42883" and statement.if_exists:
                return
            raise
        self._remove(found.name[0], found.name[1], statement.kind, found.arguments)
        self._connection.run(
            "DELETE FROM _lakeshift.grants WHERE database = ? AND kind = ? AND object = ?",
            [self._catalog.database, statement.kind, found.signature],
        )

    def in_schema(self, schema: str, kind: str) -> list[CreateRoutine]:
        """Every routine of the kind in the schema."""
        rows = self._connection.rows(
            "SELECT DISTINCT name FROM _lakeshift.routines WHERE database = ? AND schema = ? AND kind = ? ORDER BY 1",
            [self._catalog.database, schema, kind],
        )
        return [routine for (name,) in rows for routine in self.all(schema, str(name), kind)]

    def _remove(self, schema: str, name: str, kind: str, arguments: tuple[Argument, ...]) -> None:
        self._connection.run(
            "DELETE FROM _lakeshift.routines WHERE database = ? AND schema = ? AND name = ? AND kind = ? "
            "AND arguments = ?",
            [self._catalog.database, schema, name, kind, _dump(arguments)],
        )


def _inputs(arguments: tuple[Argument, ...]) -> list[Argument]:
    return [argument for argument in arguments if argument.mode != "OUT"]


def _types(arguments: tuple[Argument, ...]) -> list[SqlType | None]:
    return [argument.type for argument in _inputs(arguments)]


def _dump(arguments: tuple[Argument, ...]) -> str:
    return json.dumps([[item.name, item.mode, str(item.type) if item.type else _REFCURSOR] for item in arguments])


def _load(text: str) -> tuple[Argument, ...]:
    return tuple(
        Argument(name, mode, None if kind == _REFCURSOR else parse_type(kind)) for name, mode, kind in json.loads(text)
    )


def _check_function(statement: CreateRoutine) -> None:
    if statement.language == "plpythonu":
        raise RedshiftError(
            "Creation of new Python UDFs is no longer supported",
            "0A000",
            hint="Write the function in SQL, or as a Lambda UDF.",
        )
    if statement.language != "sql":
        raise RedshiftError(f'language "{statement.language}" is not supported for functions', "0A000")
    if statement.name[-1] in FUNCTIONS or is_not_yet(statement.name[-1]):
        raise RedshiftError(f'function "{statement.name[-1]}" is a built-in function', "42723")
    _expression(statement)


def _expression(routine: CreateRoutine) -> Any:
    tree = parse_query(routine.body.strip().rstrip(";"))
    if not isinstance(tree, exp.Select) or tree.args.get("from_") is not None or len(tree.expressions) != 1:
        raise RedshiftError(
            "The body of a SQL function must be one SELECT of one expression without a FROM clause", "42P13"
        )
    item = tree.expressions[0]
    return item.this if isinstance(item, exp.Alias) else item


def inline_functions(
    tree: Any, seen: Nodes, find: Callable[[Name, int], CreateRoutine | None], depth: int = 0
) -> Nodes:
    """Write the calls of user's functions out in place: arguments and result cast to the declared types.

    ``seen`` are the tree's nodes; those it has afterwards come back.
    """
    if depth > _DEPTH:
        raise RedshiftError("stack depth limit exceeded: a function calls itself", "54001")
    again = False
    for call in seen.of(exp.Anonymous):
        name = call.name.lower()
        if name in FUNCTIONS:
            continue
        holder = call.parent if isinstance(call.parent, exp.Dot) and call.parent.expression is call else call
        schema = (holder.this.name,) if holder is not call else ()
        routine = find((*schema, name), len(call.expressions))
        if routine is None:
            continue
        holder.replace(_written_out(routine, call))
        again = True
    return inline_functions(tree, Nodes(tree), find, depth + 1) if again else seen


def _cast(node: Any, kind: SqlType | None) -> Any:
    return exp.Cast(this=node, to=exp.DataType.build(str(kind), dialect="redshift")) if kind else node


def _written_out(routine: CreateRoutine, call: Any) -> Any:
    values = [
        exp.Paren(this=_cast(value.copy(), argument.type))
        for value, argument in zip(call.expressions, routine.arguments, strict=True)
    ]
    body = exp.Paren(this=_expression(routine))
    for parameter in list(body.find_all(exp.Parameter)):
        index = int(parameter.this.name) - 1
        if not 0 <= index < len(values):
            raise RedshiftError(f"there is no parameter ${index + 1}", "42P02")
        parameter.replace(values[index].copy())
    return exp.Paren(this=_cast(body, routine.returns))
