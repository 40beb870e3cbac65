"""A file of SQL as its statements, and the checksum of what it says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

__all__ = ["checksum", "quoted", "statements"]

# Line comment, block comment, text, quoted name, $tag$ body, end of statement, white space, anything else.
_TOKENS: Final = re.compile(
    r"""(?P<gone>--[^\n]*|/\*.*?\*/)|(?P<kept>'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"|\$(\w*)\$.*?\$\3\$)"""
    r"""|(?P<end>;)|(?P<space>\s+)|(?P<other>[^\s;'"$/-]+|.)""",
    re.DOTALL,
)


def statements(sql: str) -> list[str]:
    """The statements without comments and semicolons, white space outside quotes as one blank."""
    found: list[str] = []
    current: list[str] = []
    for token in _TOKENS.finditer(sql):
        if token.lastgroup == "end":
            found.append("".join(current).strip())
            current = []
        elif token["gone"] is not None or token["space"] is not None:
            if current and current[-1] != " ":
                current.append(" ")
        else:
            current.append(token.group())
    found.append("".join(current).strip())
    return [text for text in found if text]


def checksum(parts: Sequence[str]) -> str:
    """SHA-256 of statements, 64 hexadecimal digits; comments and white space do not count."""
    return hashlib.sha256(";\n".join(parts).encode()).hexdigest()


def quoted(text: str) -> str:
    """``text`` as a literal of SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
