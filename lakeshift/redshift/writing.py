"""Which tables a statement writes."""

from __future__ import annotations

from typing import Final

from lakeshift.redshift.external_statements import ExternalStatement
from lakeshift.redshift.statements import AlterTable, Copy, Drop, Merge, Name, Query, Refresh, Statement, Truncate
from lakeshift.redshift.tokens import Reader

__all__ = ["written_tables"]

_WORDS: Final = (("INSERT", "INTO"), ("UPDATE",), ("DELETE", "FROM"), ("DELETE",))


def written_tables(statement: Statement | ExternalStatement) -> tuple[Name, ...]:
    """Names of the tables the statement writes that were there before."""
    match statement:
        case Copy():
            return (statement.table,)
        case Merge():
            return (statement.target,)
        case AlterTable() if statement.action == "append":
            return (statement.name, tuple((statement.to or "").split(".")))
        case AlterTable() | Truncate() | Refresh():
            return (statement.name,)
        case Drop():
            return statement.names[:1] if statement.kind == "TABLE" else ()
        case Query():
            return _of_query(statement.sql)
        case _:
            return ()


def _of_query(sql: str) -> tuple[Name, ...]:
    if sql[:7].split(maxsplit=1)[0].upper() in ("SELECT", "WITH"):
        return ()
    reader = Reader(sql)
    if reader.peek() not in ("INSERT", "UPDATE", "DELETE"):
        return ()  # Redshift has WITH only before SELECT
    for words in _WORDS:
        if reader.take(*words):
            break
    return (reader.name(),) if not reader.done else ()
