"""Which table a statement writes."""

from __future__ import annotations

from typing import Final

from lakeshift.redshift.statements import AlterTable, Copy, Drop, Merge, Name, Query, Statement, Truncate
from lakeshift.redshift.tokens import Reader

__all__ = ["written_table"]

_WORDS: Final = (("INSERT", "INTO"), ("UPDATE",), ("DELETE", "FROM"), ("DELETE",))


def written_table(statement: Statement) -> Name | None:
    """The name of the table the statement writes, None where it writes none that was there before."""
    match statement:
        case Copy():
            return statement.table
        case Merge():
            return statement.target
        case AlterTable() | Truncate():
            return statement.name
        case Drop():
            return statement.names[0] if statement.kind == "TABLE" else None
        case Query():
            return _of_query(statement.sql)
        case _:
            return None


def _of_query(sql: str) -> Name | None:
    reader = Reader(sql)
    if reader.peek() not in ("INSERT", "UPDATE", "DELETE"):
        return None  # Redshift has WITH only before SELECT
    for words in _WORDS:
        if reader.take(*words):
            break
    return reader.name() if not reader.done else None
