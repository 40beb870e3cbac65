"""The rule of a composite alarm: ALARM("a") AND NOT OK(b). Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

__all__ = ["Rule", "RuleError", "parse"]

_TOKEN: Final = re.compile(r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<sign>[(),])|(?P<word>[^\s(),"]+))""")
_STATES: Final = ("ALARM", "OK", "INSUFFICIENT_DATA")
_LONGEST: Final = 10_240

Test: TypeAlias = Callable[[Callable[[str], str]], bool]


class RuleError(ValueError):
    """The rule cannot be read; the text says where."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read: ``holds(state_of)`` tells whether it is true; ``names`` are the alarms it asks about."""

    holds: Test
    names: tuple[str, ...]


def parse(text: str) -> Rule:
    """Read a rule; raises RuleError."""
    if len(text) > _LONGEST:
        raise RuleError(f"an alarm rule has at most {_LONGEST:,} characters, this one {len(text):,}")
    reader = _Reader(_tokens(text))
    test = reader.either()
    if reader.tokens:
        raise RuleError(f"nothing is expected at {reader.tokens[0]!r}")
    return Rule(test, tuple(dict.fromkeys(reader.names)))


def _tokens(text: str) -> list[str]:
    found, at = list[str](), 0
    while text[at:].strip():
        token = _TOKEN.match(text, at)
        if token is None:
            raise RuleError(f"nothing can be read at {text[at : at + 20]!r}")
        found.append(token.group().strip())
        at = token.end()
    return found


class _Reader:
    """Recursive descent: OR binds weaker than AND, AND weaker than NOT."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.names = tokens, list[str]()

    def _take(self, wanted: str | None = None) -> str:
        if not self.tokens or (wanted is not None and self.tokens[0] != wanted):
            found = repr(self.tokens[0]) if self.tokens else "the end"
            raise RuleError(f"{wanted or 'an expression'} is expected at {found}")
        return self.tokens.pop(0)

    def either(self) -> Test:
        test = self._both()
        while self.tokens and self.tokens[0] == "OR":
            self._take()
            test = _or(test, self._both())
        return test

    def _both(self) -> Test:
        test = self._single()
        while self.tokens and self.tokens[0] == "AND":
            self._take()
            test = _and(test, self._single())
        return test

    def _single(self) -> Test:
        word = self._take()
        if word == "NOT":
            return _not(self._single())
        if word == "(":
            inner = self.either()
            self._take(")")
            return inner
        if word in ("TRUE", "FALSE"):
            return lambda _: word == "TRUE"
        if word == "AT_LEAST":
            raise RuleError("AT_LEAST is not evaluated locally: write the combinations with AND and OR")
        if word not in _STATES:
            raise RuleError(f"{word!r} is none of {', '.join(_STATES)}, NOT, TRUE, FALSE and (")
        self._take("(")
        name = self._name()
        self._take(")")
        self.names.append(name)
        return lambda state_of: state_of(name) == word

    def _name(self) -> str:
        parts = [self._take()]
        while self.tokens and self.tokens[0] not in (")", "("):
            parts.append(self._take())  # a name without quotes may have blanks
        name = " ".join(parts)
        if name.startswith('"'):
            name = name[1:-1].replace('\\"', '"')
        return name.split(":alarm:", 1)[1] if name.startswith("arn:") and ":alarm:" in name else name


def _or(left: Test, right: Test) -> Test:
    return lambda state_of: left(state_of) or right(state_of)


def _and(left: Test, right: Test) -> Test:
    return lambda state_of: left(state_of) and right(state_of)


def _not(test: Test) -> Test:
    return lambda state_of: not test(state_of)
