"""Values of named parameters put into a statement as literals, never as text that could be code."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.tokens import tokenize

__all__ = ["bind_named", "literal"]


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
