"""A procedure's variables, and their values put into SQL as literals, never as text that could be code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from lakeshift.redshift.binding import literal
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.tokens import Token, tokenize
from lakeshift.redshift.types import SqlType

__all__ = ["Record", "Scope", "Variable", "literal_of", "substituted"]

# A name behind one of these is never a variable's value.
_BEFORE: Final = frozenset({".", "AS", "INTO", "FROM", "JOIN", "UPDATE", "TABLE", "VIEW", "SCHEMA", "EXISTS", "CALL"})


@dataclass(slots=True)
class Variable:
    """A scalar of ``type`` (None: whatever is assigned), or a record, or a cursor's name."""

    name: str
    type: SqlType | None
    value: Any = None
    constant: bool = False
    not_null: bool = False


@dataclass(slots=True)
class Record:
    """A row: names and values, empty before it is assigned."""

    fields: dict[str, Any] = field(default_factory=dict)
    assigned: bool = False


@dataclass(slots=True)
class Scope:
    """Variables of a block, inside those of the blocks around it."""

    outer: Scope | None = None
    variables: dict[str, Variable] = field(default_factory=dict)

    def find(self, name: str) -> Variable | None:
        """The variable of that name, the innermost one."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.outer
        return None

    def need(self, name: str) -> Variable:
        """The variable; raises 42601."""
        found = self.find(name)
        if found is None:
            raise RedshiftError(f'"{name}" is not a known variable', "42601")
        return found


def literal_of(value: Any, kind: SqlType | None = None) -> str:
    """SQL that means exactly the value."""
    text = _plain(value)
    if kind is None or kind.name in ("unknown", "super"):
        return text
    if kind.name == "super" or isinstance(value, bool):
        return text
    return f"CAST({text} AS {kind})"


def _plain(value: Any) -> str:  # noqa: PLR0911 - a case for each kind of value
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | Decimal):
        return f"({value})"
    if isinstance(value, float):
        return f"CAST('{value!r}' AS DOUBLE PRECISION)"
    if isinstance(value, datetime):
        kind = "TIMESTAMPTZ" if value.tzinfo is not None else "TIMESTAMP"
        return f"{kind} '{value.isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, time):
        return f"TIME '{value.isoformat()}'"
    if isinstance(value, timedelta):
        return f"INTERVAL '{value.total_seconds()} seconds'"
    if isinstance(value, bytes):
        return f"FROM_HEX('{value.hex()}')"
    return literal(str(value))


def substituted(sql: str, scope: Scope, found: Mapping[str, Any]) -> str:
    """``sql`` with the values of its variables, and of ``found`` (FOUND, SQLERRM …), as literals."""
    tokens = tokenize(sql)
    skipped = _names_only(tokens)
    out, position, index = "", 0, 0
    while index < len(tokens):
        token = tokens[index]
        size, text = 1, None
        if token.kind == "word" and index not in skipped:
            size, text = _value(tokens, index, scope, found)
        if text is not None:
            out += sql[position : token.start] + text
            position = tokens[index + size - 1].end
        index += size
    return out + sql[position:]


def _value(tokens: list[Token], index: int, scope: Scope, found: Mapping[str, Any]) -> tuple[int, str | None]:
    """How many tokens a value takes, and its literal; None where the word is no variable."""
    token = tokens[index]
    before = tokens[index - 1].upper if index else ""
    after = tokens[index + 1].upper if index + 1 < len(tokens) else ""
    if before in _BEFORE or after == "(":
        return 1, None
    name = token.value
    variable = scope.find(name)
    if variable is None:
        return 1, (literal_of(found[name]) if name in found and after != "." else None)
    if isinstance(variable.value, Record):
        if after != "." or index + 2 >= len(tokens):
            return 1, None
        field_name = tokens[index + 2].value
        if field_name not in variable.value.fields:
            if not variable.value.assigned:
                raise RedshiftError(f'record "{name}" is not assigned yet', "55000")
            raise RedshiftError(f'record "{name}" has no field "{field_name}"', "42703")
        return 3, literal_of(variable.value.fields[field_name])
    if after == ".":
        return 1, None
    return 1, literal_of(variable.value, variable.type)


def _names_only(tokens: list[Token]) -> set[int]:
    """Places of column names that a variable never stands for: INSERT's list, the left side of SET."""
    words = [token.upper for token in tokens]
    skipped: set[int] = set()
    if words[:2] == ["INSERT", "INTO"] and "(" in words:
        start = words.index("(")
        if not set(words[:start]) & {"SELECT", "VALUES"}:
            end = words.index(")", start)
            skipped |= set(range(start, end))
    if words[:1] == ["UPDATE"] and "SET" in words:
        depth, left = 0, False
        for index, word in enumerate(words):
            depth += {"(": 1, ")": -1}.get(word, 0)
            if depth == 0 and word in ("SET", ","):
                left = True
            elif depth == 0 and word in ("=", "FROM", "WHERE"):
                left = False
                if word in ("FROM", "WHERE"):
                    break
            elif left:
                skipped.add(index)
    if words[:1] == ["CREATE"] and "AS" not in words:
        skipped |= set(range(len(words)))
    return skipped
