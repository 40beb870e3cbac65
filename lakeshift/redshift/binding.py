"""Values of named parameters put into a statement as literals, never as text that could be code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.tokens import tokenize

__all__ = ["bind_named", "bind_positional", "literal", "positions"]


def literal(value: str | None) -> str:
    """A string literal that means exactly ``value``."""
    if value is None:
        return "NULL"
    if "\0" in value:
        raise RedshiftError('invalid byte sequence for encoding "UTF8": 0x00', "22021")
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def bind_named(sql: str, values: Mapping[str, str | None]) -> str:
    """Put each ``:name`` outside of quotes and comments in as a literal; every parameter must be used and be given."""
    tokens = tokenize(sql)
    used = set()
    out = ""
    position = 0
    for colon, name in pairwise(tokens):
        if colon.text != ":" or name.kind != "word" or colon.end != name.start:
            continue
        if name.text not in values:
            raise RedshiftError(f"Parameter {name.text} is used in the statement but was not given", "42P02")
        used.add(name.text)
        out += sql[position : colon.start] + literal(values[name.text])
        position = name.end
    unused = sorted(set(values) - used)
    if unused:
        raise RedshiftError(f"Parameters list contains unused parameters. Unused parameters: {unused}", "42P02")
    return out + sql[position:]


def _places(sql: str) -> list[tuple[int, int, int]]:
    """Start, end and number of each ``$n`` outside of quotes and comments."""
    return [
        (dollar.start, number.end, int(number.text))
        for dollar, number in pairwise(tokenize(sql))
        if dollar.text == "$" and number.kind == "number" and number.text.isdigit() and dollar.end == number.start
    ]


def positions(sql: str) -> int:
    """How many parameters the statement has: the highest ``$n``."""
    if _keeps_places(sql):
        return 0
    return max((number for *_, number in _places(sql)), default=0)


def _keeps_places(sql: str) -> bool:
    """Whether ``$n`` is the statement's own: PREPARE names the parameters of a later EXECUTE."""
    return sql.lstrip()[:7].upper() == "PREPARE"


def bind_positional(sql: str, literals: Sequence[str]) -> str:
    """Put the ``literals``, each SQL that is safe already, in for ``$1``, ``$2``…; raises 42P02 for one too many."""
    if _keeps_places(sql):
        return sql
    out = ""
    position = 0
    for start, end, number in _places(sql):
        if not 1 <= number <= len(literals):
            raise RedshiftError(f"there is no parameter ${number}", "42P02")
        out += sql[position:start] + literals[number - 1]
        position = end
    return out + sql[position:]
