"""Errors as Redshift words them, each with its SQLSTATE, and what the engine's own errors become."""

from __future__ import annotations

import re
from typing import Final

import duckdb

from lakeshift.errors import LakeshiftError

__all__ = ["RedshiftError", "from_engine", "from_text", "raised_in_sql", "syntax_error"]

_MARK: Final = re.compile(r"\[redshift (\w{5})\] (.*)", re.DOTALL)


class RedshiftError(LakeshiftError):
    """An error the warehouse answers with: ``message`` as Redshift prints it and the five-letter ``sqlstate``."""

    def __init__(self, message: str, sqlstate: str, detail: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.sqlstate = sqlstate
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        """The text a client prints below ``ERROR:``."""
        lines = [self.message]
        lines += [f"  Detail: {self.detail}"] if self.detail else []
        lines += [f"  Hint: {self.hint}"] if self.hint else []
        return "\n".join(lines)


def syntax_error(near: str | None) -> RedshiftError:
    """A statement outside the grammar; ``near`` is the offending token, None at the end of the text."""
    where = f'at or near "{near}"' if near else "at end of input"
    return RedshiftError(f"syntax error {where}", "42601")


def raised_in_sql(sqlstate: str, message: str) -> str:
    """Text for the engine's ``error()`` that :func:`from_engine` turns back into the same error."""
    return f"[redshift {sqlstate}] {message}"


def from_text(text: str) -> RedshiftError:
    """The error that :func:`raised_in_sql` marked in ``text``."""
    marked = _MARK.search(text)
    return RedshiftError(marked.group(2).strip(), marked.group(1)) if marked else RedshiftError(text, "58000")


# The engine's wording, Redshift's wording (a template for the match), SQLSTATE. The first match counts.
_KNOWN: Final = (
    ("Interrupted!", "Query cancelled on user's request", "57014"),
    ("Division by zero", "Division by zero", "22012"),
    (r"NOT NULL constraint failed: (?:.*\.)?(\S+)", r"Cannot insert a NULL value into column \1", "23502"),
    ("can(?:not| not) affect the same target row", "Found multiple matches to update the same tuple.", "21000"),
    ('Referenced column "(?s:(.+?))" (?:was )?not found', r'column "\1" does not exist', "42703"),
    ('Table "[^"]*" does not have a column named "([^"]+)"', r'column "\1" does not exist', "42703"),
    ('does not have a column (?:named|with name) "([^"]+)"', r'column "\1" does not exist', "42703"),
    ('Referenced table "([^"]+)" not found', r'missing FROM-clause entry for table "\1"', "42P01"),
    ('Ambiguous reference to column name "([^"]+)"', r'column reference "\1" is ambiguous', "42702"),
    (
        'column "([^"]+)" must appear in the GROUP BY clause',
        r'column "\1" must appear in the GROUP BY clause or be used in an aggregate function',
        "42803",
    ),
    ("WHERE clause cannot contain aggregates", "aggregates not allowed in WHERE clause", "42803"),
    ("More than one row returned by a subquery", "single-row subquery returns more than one row", "21000"),
    (
        r"Could not convert string '([^']*)' to (?:INT|BIGINT|SMALLINT)\w*",
        r'invalid input syntax for integer: "\1"',
        "22P02",
    ),
    (
        "Could not convert string '([^']*)' to (?:DOUBLE|FLOAT|DECIMAL)",
        r'invalid input syntax for type numeric: "\1"',
        "22P02",
    ),
    (r"invalid (?:date|timestamp) field format: \"([^\"]*)\"", r'invalid input syntax for type date: "\1"', "22007"),
    (r"date field value out of range: \"([^\"]*)\"", r'date/time field value out of range: "\1"', "22008"),
    ("out of range for the destination type INT16|range of INT16", "Value out of range for 2 bytes.", "22003"),
    (
        "out of range for the destination type INT32|range of INT32|Overflow in .* of INT32",
        "Value out of range for 4 bytes.",
        "22003",
    ),
    (
        "out of range for the destination type INT64|range of INT64|Overflow in .* of INT64",
        "Value out of range for 8 bytes.",
        "22003",
    ),
    ("Overflow in .* of INT16", "Value out of range for 2 bytes.", "22003"),
    ("(?:Could not cast|cannot be cast|Casting).*DECIMAL", "Numeric data overflow", "22003"),
    ("Conflict on|write-write conflict|Transaction conflict", "1023", "XX000"),
    ("No function matches the given name and argument types '([^']+)'", r"function \1 does not exist", "42883"),
)


def from_engine(error: duckdb.Error) -> RedshiftError:
    """What Redshift says where the engine said ``error``; an unknown one keeps the engine's first line, as 58000."""
    text = str(error)
    marked = _MARK.search(text)
    if marked:
        return RedshiftError(marked.group(2).strip(), marked.group(1))
    for pattern, message, state in _KNOWN:
        found = re.search(pattern, text)
        if found:
            detail = "Serializable isolation violation on table in Redshift" if message == "1023" else None
            return RedshiftError(found.expand(message), state, detail)
    return RedshiftError(text.splitlines()[0], "58000")
