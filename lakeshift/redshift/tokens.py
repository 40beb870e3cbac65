"""Redshift's tokens, statements of a script, and a reader over the tokens of one statement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lakeshift.redshift.errors import RedshiftError, syntax_error

__all__ = ["Reader", "Token", "split_statements", "tokenize"]

# "::" is one token, so that a cast is never taken for a named parameter; "#" begins a temporary table's name.
_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
      | (?P<string>'(?:\\.|''|[^'\\])*')
      | (?P<quoted>"(?:""|[^"])+")
      | (?P<dollar>\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$)
      | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<word>[^\W\d][\w$]*|\#[\w$]+)
      | (?P<symbol>::|<>|!=|<=|>=|\|\||.)""",
    re.DOTALL | re.VERBOSE,
)
_SHORT: Final = 20_000
# Without one of these a script is one statement, and its tokens are left to whoever reads it.
_MARKS: Final = (";", "--", "/*", "\0")
_ESCAPES: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its ``kind`` (string, quoted, dollar, number, word, symbol), ``text``, and where it lies."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        """The text in capitals for a bare word or symbol; empty for anything quoted."""
        return self.text.upper() if self.kind in ("word", "symbol", "number") else ""

    @property
    def value(self) -> str:
        """What the token means: a string's characters, an identifier folded to lower case."""
        if self.kind == "string":
            return _unescape(self.text[1:-1].replace("''", "'"))
        if self.kind == "quoted":
            return self.text[1:-1].replace('""', '"').lower()
        if self.kind == "dollar":
            tag = self.text.index("$", 1) + 1
            return self.text[tag:-tag]
        return self.text.lower() if self.kind == "word" else self.text


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text, flags=re.DOTALL)


def tokenize(sql: str) -> list[Token]:
    """Tokens of ``sql`` without comments; raises on an unterminated quote or comment, and on a NUL."""
    # Splitting, reading and binding ask for the tokens of the same statement, one after the other.
    return list(_tokens_again(sql) if len(sql) <= _SHORT else _tokens(sql))


def _tokens(sql: str) -> tuple[Token, ...]:
    tokens = []
    position = 0
    while position < len(sql):
        found = _TOKEN.match(sql, position)
        if found is None or sql[position] == "\0" or (sql[position] in "'\"" and found["symbol"]):
            raise RedshiftError(f'unterminated quoted string at or near "{sql[position : position + 20]}"', "42601")
        kind = str(found.lastgroup)
        if kind == "symbol" and sql.startswith("/*", position):
            raise RedshiftError("unterminated /* comment", "42601")
        if kind != "space":
            tokens.append(Token(kind, found[0], position, found.end()))
        position = found.end()
    return tuple(tokens)


_tokens_again: Final = lru_cache(maxsize=16)(_tokens)


def split_statements(sql: str) -> list[str]:
    """The statements of a script, without the semicolons; comments between them go, those inside stay."""
    lone = sql.strip().removesuffix(";").rstrip()
    if not any(mark in lone for mark in _MARKS):
        return [lone] if lone else []
    statements = []
    start = None
    end = 0
    for token in tokenize(sql):
        if token.text == ";" and token.kind == "symbol":
            if start is not None:
                statements.append(sql[start:end])
            start = None
            continue
        start = token.start if start is None else start
        end = token.end
    if start is not None:
        statements.append(sql[start:end])
    return statements


class Reader:
    """Reads the tokens of one statement from left to right."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.tokens = tokenize(sql)
        self.at = 0

    def peek(self, ahead: int = 0) -> str:
        """The coming token in capitals, empty at the end or when it is quoted."""
        index = self.at + ahead
        return self.tokens[index].upper if index < len(self.tokens) else ""

    @property
    def done(self) -> bool:
        """Whether every token was read."""
        return self.at >= len(self.tokens)

    def next(self) -> Token:
        """The coming token, consumed; a syntax error at the end."""
        if self.done:
            raise syntax_error(None)
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, *words: str) -> bool:
        """Consume the ``words`` if they come next, in this order."""
        if all(self.peek(offset) == word for offset, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def expect(self, *words: str) -> None:
        """Consume the ``words`` or raise the syntax error at the token that is there instead."""
        for word in words:
            if not self.take(word):
                raise self.error()

    def error(self) -> RedshiftError:
        """The syntax error at the coming token."""
        return syntax_error(None if self.done else self.tokens[self.at].text)

    def end(self) -> None:
        """Raise unless every token was read."""
        if not self.done:
            raise self.error()

    def identifier(self) -> str:
        """An identifier, folded to lower case."""
        token = self.next()
        if token.kind not in ("word", "quoted"):
            self.at -= 1
            raise self.error()
        return token.value

    def name(self) -> tuple[str, ...]:
        """A dotted name of one to three parts."""
        parts = [self.identifier()]
        while self.take("."):
            parts.append(self.identifier())
        return tuple(parts)

    def names(self) -> tuple[str, ...]:
        """A parenthesised list of identifiers."""
        self.expect("(")
        found = [self.identifier()]
        while self.take(","):
            found.append(self.identifier())
        self.expect(")")
        return tuple(found)

    def string(self) -> str:
        """A string literal's value."""
        token = self.next()
        if token.kind not in ("string", "dollar"):
            self.at -= 1
            raise self.error()
        return token.value

    def integer(self) -> int:
        """An optionally signed whole number."""
        sign = -1 if self.take("-") else 1
        token = self.next()
        if token.kind != "number" or not token.text.isdigit():
            self.at -= 1
            raise self.error()
        return sign * int(token.text)

    def rest(self) -> str:
        """The statement's text from the coming token on, consumed."""
        text = "" if self.done else self.sql[self.tokens[self.at].start : self.tokens[-1].end]
        self.at = len(self.tokens)
        return text

    def group(self) -> str:
        """The text between the coming parenthesis and its partner, both consumed."""
        self.expect("(")
        first = self.at
        depth = 1
        while depth:
            token = self.next()
            depth += {"(": 1, ")": -1}.get(token.upper, 0)
        last = self.at - 2
        return self.sql[self.tokens[first].start : self.tokens[last].end] if last >= first else ""

    def expression(self, stop: frozenset[str]) -> str:
        """Text of an expression that runs to a comma, a closing parenthesis or a word of ``stop``."""
        first = self.at
        while not self.done and self.peek() not in stop and self.peek() not in (",", ")"):
            if self.peek() == "(":
                self.group()
            else:
                self.at += 1
        if self.at == first:
            raise self.error()
        return self.sql[self.tokens[first].start : self.tokens[self.at - 1].end]
