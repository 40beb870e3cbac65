"""A file of SQL as its statements, and the checksum of what it says."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from lakeshift.redshift.tokens import split_statements, tokenize

__all__ = ["checksum", "quoted", "statements"]


def statements(sql: str) -> list[str]:
    """The statements without comments and semicolons, white space outside quotes as one blank."""
    found: list[str] = []
    for statement in split_statements(sql):
        made, end = "", 0
        for token in tokenize(statement):
            made += (" " if end and token.start > end else "") + token.text
            end = token.end
        found.append(made)
    return found


def checksum(parts: Sequence[str]) -> str:
    """SHA-256 of statements, 64 hexadecimal digits; comments and white space do not count."""
    return hashlib.sha256(";\n".join(parts).encode()).hexdigest()


def quoted(text: str) -> str:
    """``text`` as a literal of SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
