"""Filter patterns of metric filters: terms and JSON comparisons. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, Final, TypeAlias

__all__ = ["PatternError", "compiled", "value_at"]

Matches: TypeAlias = Callable[[str], bool]
_TERM: Final = re.compile(r"""([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))""")
_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<path>\$(?:\.[\w-]+|\[\d+\])+)|(?P<sign>&&|\|\||!=|<=|>=|[=<>()])|"(?P<text>[^"]*)"|(?P<word>[^\s()&|]+))"""
)
_ORDER: Final = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_PAGE: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html"


class PatternError(ValueError):
    """The pattern cannot be read, or is of a kind that is not evaluated here."""


def compiled(pattern: str) -> Matches:
    """Whether a message matches; raises PatternError."""
    text = pattern.strip()
    if text.startswith("["):
        raise PatternError(f"Space-delimited patterns ([…]) are not evaluated locally: use terms or JSON. See {_PAGE}")
    if "%" in text:
        raise PatternError(f"Regular expressions (%…%) are not evaluated locally: use terms or JSON. See {_PAGE}")
    if text.startswith("{"):
        if not text.endswith("}"):
            raise PatternError("Invalid filter pattern: } is missing")
        return _json(text[1:-1])
    return _terms(text)


def _terms(text: str) -> Matches:
    found = [(sign, quoted.replace('\\"', '"') or word) for sign, quoted, word in _TERM.findall(text)]
    every = [term for sign, term in found if not sign]
    some = [term for sign, term in found if sign == "?"]
    none = [term for sign, term in found if sign == "-"]

    def matches(message: str) -> bool:
        return (
            all(term in message for term in every)
            and (not some or bool(every) or any(term in message for term in some))
            and not any(term in message for term in none)
        )

    return matches


def value_at(path: str, document: Any) -> Any:
    """The value at ``$.a.b[0]``, or None."""
    for name, index in re.findall(r"\.([\w-]+)|\[(\d+)\]", path):
        if name:
            document = document.get(name) if isinstance(document, dict) else None
        else:
            document = document[int(index)] if isinstance(document, list) and int(index) < len(document) else None
    return document


def _json(text: str) -> Matches:
    reader = _Reader(text)
    test = reader.either()
    if reader.tokens:
        raise PatternError(f"Invalid filter pattern at {reader.tokens[0][1]!r}")

    def matches(message: str) -> bool:
        try:
            document = json.loads(message)
        except ValueError:
            return False
        return isinstance(document, dict) and test(document)

    return matches


class _Reader:
    """Recursive descent: || binds weaker than &&."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                raise PatternError(f"Invalid filter pattern at {text[at:].strip()[:20]!r}")
            kind = str(found.lastgroup)
            self.tokens.append((kind, found.group(kind)))
            at = found.end()

    def _take(self) -> tuple[str, str]:
        if not self.tokens:
            raise PatternError("Invalid filter pattern: it ends too soon")
        return self.tokens.pop(0)

    def either(self) -> Callable[[Any], bool]:
        tests = [self._both()]
        while self.tokens and self.tokens[0][1] == "||":
            self._take()
            tests.append(self._both())
        return lambda document: any(test(document) for test in tests)

    def _both(self) -> Callable[[Any], bool]:
        tests = [self._single()]
        while self.tokens and self.tokens[0][1] == "&&":
            self._take()
            tests.append(self._single())
        return lambda document: all(test(document) for test in tests)

    def _single(self) -> Callable[[Any], bool]:
        kind, path = self._take()
        if path == "(":
            inner = self.either()
            if self._take()[1] != ")":
                raise PatternError("Invalid filter pattern: ) is missing")
            return inner
        if kind != "path":
            raise PatternError(f"Invalid filter pattern: a selector such as $.level is expected at {path!r}")
        sign = self._take()[1]
        if sign.upper() in ("IS", "NOT"):
            return _of_presence(path, sign.upper(), self._take()[1].upper())
        kind, wanted = self._take()
        return _comparison(path, sign, wanted, quoted=kind == "text")


def _of_presence(path: str, sign: str, word: str) -> Callable[[Any], bool]:
    if (sign, word) == ("NOT", "EXISTS"):
        return lambda document: value_at(path, document) is None
    wanted = {"TRUE": True, "FALSE": False, "NULL": None}
    if sign != "IS" or word not in wanted:
        raise PatternError(f"Invalid filter pattern: {sign} {word}")
    return lambda document: value_at(path, document) is wanted[word]


def _comparison(path: str, sign: str, wanted: str, quoted: bool) -> Callable[[Any], bool]:
    if sign in _ORDER:
        try:
            limit = float(wanted)
        except ValueError as error:
            raise PatternError(f"Invalid filter pattern: {wanted!r} is no number") from error
        return lambda document: _is_number(value_at(path, document)) and _ORDER[sign](value_at(path, document), limit)
    if sign not in ("=", "!="):
        raise PatternError(f"Invalid filter pattern at {sign!r}")

    def same(document: Any) -> bool:
        value = value_at(path, document)
        if _is_number(value) and not quoted:
            return str(value) == wanted or _number(wanted) == value
        return isinstance(value, str) and fnmatchcase(value, wanted.replace("[", "[[]"))

    return same if sign == "=" else lambda document: value_at(path, document) is not None and not same(document)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
