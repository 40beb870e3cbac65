"""The outer form of a DQDL document: its sections and how many rules it has; what a rule may say is not judged here.

https://docs.aws.amazon.com/glue/latest/dg/dqdl.html#dqdl-syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["DqdlError", "rule_count"]

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)|(?P<text>"(?:\\.|[^"\\])*")|(?P<name>[A-Za-z][\w.]*)|(?P<mark>.)""", re.DOTALL
)
_CLOSES: Final = {"[": "]", "(": ")", "{": "}"}
_LISTS: Final = ("Rules", "Analyzers")


class DqdlError(ValueError):
    """The text is no DQDL document; the message says where."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "text", "name" or "mark"
    text: str
    line: int

    def at(self) -> str:
        return f"line {self.line}: {self.text!r}"


def rule_count(document: str) -> int:
    """How many rules the document has; none where it has analyzers only. Raises DqdlError for what is no DQDL."""
    tokens = list(_tokens(document))
    counts: dict[str, int] = {}
    at = 0
    while at < len(tokens):
        name, end = _section(tokens, at)
        if name in counts:
            raise DqdlError(f"{tokens[at].at()} is there twice")
        counts[name] = _items(tokens[at + 3 : end]) if name in _LISTS else 0
        at = end + 1
    if not any(counts.get(name) for name in _LISTS):
        raise DqdlError("No rules or analyzers provided: Rules = [ ... ] is expected")
    return counts.get("Rules", 0)


def _tokens(document: str) -> Iterator[_Token]:
    line = 1
    for found in _TOKEN.finditer(document):
        kind, text = str(found.lastgroup), found.group()
        if text == '"':
            raise DqdlError(f"line {line}: a quote is not closed")
        if kind != "space":
            yield _Token(kind, text, line)
        line += text.count("\n")


def _section(tokens: list[_Token], start: int) -> tuple[str, int]:
    """The name of the section that begins at ``start``, and where its value ends."""
    head = [one.text for one in tokens[start : start + 3]]
    if tokens[start].kind != "name" or len(head) < 3 or head[1] != "=":
        raise DqdlError(f"{tokens[start].at()}: a section such as Rules = [ ... ] is expected")
    name, opening = head[0], head[2]
    if name in _LISTS and opening != "[":
        raise DqdlError(f"{tokens[start + 2].at()}: {name} = [ is expected")
    if opening not in _CLOSES:  # a variable of one word or number
        return name, start + 2
    return name, _end(tokens, start + 2)


def _end(tokens: list[_Token], start: int) -> int:
    """Where the bracket that opens at ``start`` is closed."""
    opened: list[_Token] = []
    for at in range(start, len(tokens)):
        one = tokens[at]
        if one.kind != "mark":
            continue
        if one.text in _CLOSES:
            opened.append(one)
        elif one.text in _CLOSES.values():
            if _CLOSES[opened.pop().text] != one.text:
                raise DqdlError(f"{one.at()} closes no bracket")
            if not opened:
                return at
    raise DqdlError(f"{opened[-1].at()} is not closed")


def _items(inside: list[_Token]) -> int:
    """How many items stand between the commas of a list; each begins as a rule does, with a name or a bracket."""
    depth, count, begins = 0, 0, True
    for one in inside:
        if one.kind == "mark" and one.text == "," and not depth:
            if begins:
                raise DqdlError(f"{one.at()}: a rule is expected")
            begins = True
            continue
        if begins and one.kind != "name" and one.text != "(":
            raise DqdlError(f"{one.at()}: a rule is expected")
        count, begins = count + begins, False
        if one.kind == "mark":
            depth += (one.text in _CLOSES) - (one.text in _CLOSES.values())
    if begins and inside:
        raise DqdlError(f"{inside[-1].at()}: a rule is expected after it")
    return count
