"""Procedures, functions, materialized views, cursors and prepared statements.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_PROCEDURE.html
https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_FUNCTION.html
"""

from __future__ import annotations

from typing import Final

from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.grammar_table import read_attributes
from lakeshift.redshift.statements import (
    Argument,
    Call,
    CreateMaterializedView,
    CreateRoutine,
    CreateTable,
    Cursor,
    DropRoutine,
    Prepared,
    Refresh,
)
from lakeshift.redshift.tokens import Reader
from lakeshift.redshift.types import SqlType, read_type

__all__ = [
    "read_arguments",
    "read_call",
    "read_create_routine",
    "read_cursor",
    "read_drop_routine",
    "read_materialized_view",
    "read_prepared",
    "read_refresh",
]

_MODES: Final = ("INOUT", "IN", "OUT")
_MOST_ARGUMENTS: Final = 32


def read_create_routine(reader: Reader) -> CreateRoutine:  # noqa: C901 - clauses in any order
    """CREATE [OR REPLACE] PROCEDURE or FUNCTION."""
    text = reader.sql
    reader.expect("CREATE")
    replace = reader.take("OR", "REPLACE")
    kind = reader.next().upper
    name = reader.name()
    arguments = read_arguments(reader)
    if len(arguments) > _MOST_ARGUMENTS:
        raise RedshiftError(f"functions cannot have more than {_MOST_ARGUMENTS} arguments", "54023")
    returns = None
    if kind == "FUNCTION":
        reader.expect("RETURNS")
        returns = read_type(reader)
    nonatomic, body, language = False, "", ""
    while not reader.done:
        if reader.take("NONATOMIC"):
            nonatomic = True
        elif reader.take("LANGUAGE"):
            token = reader.next()
            language = token.value.lower()
        elif reader.take("AS"):
            body = reader.string()
        elif reader.take("SECURITY"):
            if not (reader.take("INVOKER") or reader.take("DEFINER")):
                raise reader.error()
        elif not (kind == "FUNCTION" and any(map(reader.take, ("STABLE", "IMMUTABLE", "VOLATILE")))):
            raise reader.error()
    if not body:
        raise RedshiftError("no function body specified", "42P13")
    if not language:
        raise RedshiftError("no language specified", "42P13")
    return CreateRoutine(kind, name, arguments, body, language, replace, returns, nonatomic, text)


def read_arguments(reader: Reader) -> tuple[Argument, ...]:
    """A parenthesised list of arguments, with or without names."""
    reader.expect("(")
    found: list[Argument] = []
    while not reader.take(")"):
        found.append(_argument(reader))
        if reader.peek() != ")":
            reader.expect(",")
    return tuple(found)


def _argument(reader: Reader) -> Argument:
    mode = next((mode for mode in _MODES if reader.take(mode)), "IN")
    # A single word before the comma is a type; two are a name and its type.
    named = reader.peek(1) not in (",", ")", "(") and not (
        reader.peek() in ("DOUBLE", "CHARACTER", "BINARY") and reader.peek(1) in ("PRECISION", "VARYING")
    )
    name = reader.identifier() if named and reader.peek(1) not in ("WITH", "WITHOUT") else ""
    if not named and reader.peek(1) == "(" and reader.peek(2) == "":
        raise reader.error()
    mode = next((other for other in _MODES if name and reader.take(other)), mode)
    if reader.take("REFCURSOR"):
        return Argument(name, mode, None)
    return Argument(name, mode, read_type(reader))


def read_drop_routine(reader: Reader, kind: str) -> DropRoutine:
    """DROP PROCEDURE or FUNCTION; the verb was read."""
    if_exists = reader.take("IF", "EXISTS")
    name = reader.name()
    types = None
    if reader.peek() == "(":
        types = tuple(argument.type for argument in read_arguments(reader) if argument.mode != "OUT")
    reader.take("CASCADE")
    reader.take("RESTRICT")
    return DropRoutine(kind, name, types, if_exists)


def read_call(reader: Reader) -> Call:
    """CALL."""
    reader.expect("CALL")
    name = reader.name()
    reader.expect("(")
    arguments = []
    while not reader.take(")"):
        arguments.append(reader.expression(frozenset()))
        if reader.peek() != ")":
            reader.expect(",")
    return Call(name, tuple(arguments))


def read_materialized_view(reader: Reader) -> CreateMaterializedView:
    """CREATE MATERIALIZED VIEW."""
    reader.expect("CREATE", "MATERIALIZED", "VIEW")
    name = reader.name()
    columns = reader.names() if reader.peek() == "(" else ()
    automatic, parts = False, []
    # AUTO REFRESH may stand among the attributes of a table.
    start = reader.at
    while not reader.done and reader.peek() != "AS":
        if reader.take("AUTO", "REFRESH"):
            automatic = reader.next().upper == "YES"
            continue
        parts.append(reader.next().text)
    attributes = (
        read_attributes(Reader(" ".join(parts))) if reader.at > start and parts else read_attributes(Reader(""))
    )
    reader.expect("AS")
    table = CreateTable(name, False, False, attributes=attributes, query=reader.rest(), query_columns=columns)
    return CreateMaterializedView(table, automatic)


def read_refresh(reader: Reader) -> Refresh:
    """REFRESH MATERIALIZED VIEW."""
    reader.expect("REFRESH", "MATERIALIZED", "VIEW")
    name = reader.name()
    if not reader.take("CASCADE"):
        reader.take("RESTRICT")
    return Refresh(name)


def read_cursor(reader: Reader) -> Cursor:  # noqa: C901 - three statements, each with its words
    """DECLARE, FETCH and CLOSE."""
    verb = reader.next().upper
    if verb == "CLOSE":
        return Cursor(verb, "" if reader.take("ALL") else reader.identifier())
    if verb == "DECLARE":
        name = reader.identifier()
        for refused in ("BINARY", "INSENSITIVE", "SCROLL"):
            if reader.peek() == refused:
                raise RedshiftError(f"{refused} cursors are not supported", "0A000")
        reader.expect("CURSOR")
        if reader.take("WITH"):
            raise RedshiftError("DECLARE CURSOR ... WITH HOLD is not supported", "0A000")
        reader.take("WITHOUT", "HOLD")
        reader.expect("FOR")
        return Cursor(verb, name, reader.rest())
    count: int | None = 1
    if reader.peek() in ("PRIOR", "BACKWARD", "FIRST", "LAST", "ABSOLUTE", "RELATIVE"):
        raise RedshiftError("Fetch type not supported: cursors only move forward", "0A000")
    forward = reader.take("FORWARD")
    if reader.take("ALL"):
        count = None
    elif not reader.done and reader.tokens[reader.at].kind == "number":
        count = reader.integer()
    elif not forward:
        reader.take("NEXT")
    if not reader.take("FROM"):
        reader.take("IN")
    return Cursor(verb, reader.identifier(), count=count)


def read_prepared(reader: Reader) -> Prepared:
    """PREPARE, EXECUTE and DEALLOCATE."""
    verb = reader.next().upper
    if verb == "DEALLOCATE":
        reader.take("PREPARE")
        return Prepared(verb, "" if reader.take("ALL") else reader.identifier())
    name = reader.identifier()
    if verb == "EXECUTE":
        arguments = []
        if reader.take("("):
            while not reader.take(")"):
                arguments.append(reader.expression(frozenset()))
                if reader.peek() != ")":
                    reader.expect(",")
        return Prepared(verb, name, arguments=tuple(arguments))
    types: list[SqlType] = []
    if reader.take("("):
        while not reader.take(")"):
            types.append(read_type(reader))
            if reader.peek() != ")":
                reader.expect(",")
    reader.expect("AS")
    if reader.peek() not in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
        raise reader.error()
    return Prepared(verb, name, tuple(types), reader.rest())
