"""Regular expressions with position, occurrence and parameters; SIMILAR TO.

Redshift's POSIX classes are rewritten; ``p`` asks for Perl's dialect, which Python's is for what the pages show.
https://docs.aws.amazon.com/redshift/latest/dg/REGEXP_SUBSTR.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from lakeshift.redshift.errors import raised_in_sql
from lakeshift.redshift.scalars.registry import scalar

__all__ = ["similar_pattern"]

_CLASSES: Final = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "xdigit": "0-9A-Fa-f",
    "word": r"\w",
    "cntrl": r"\x00-\x1f\x7f",
    "print": r"\x20-\x7e",
    "graph": r"\x21-\x7e",
}
_LETTERS: Final = frozenset("ceip")


@lru_cache(maxsize=512)
def _compiled(pattern: str, parameters: str) -> re.Pattern[str]:
    unknown = set(parameters) - _LETTERS
    if unknown:
        raise ValueError(raised_in_sql("22023", f"invalid regular expression parameter: {parameters}"))
    for name, letters in _CLASSES.items():
        pattern = pattern.replace(f"[:{name}:]", letters)
    try:
        return re.compile(pattern, re.IGNORECASE if "i" in parameters else 0)
    except re.error as error:
        raise ValueError(raised_in_sql("2201B", f"invalid regular expression: {error}")) from None


def _matches(text: str, pattern: str, position: int, parameters: str) -> Iterator[re.Match[str]]:
    if position < 1:
        raise ValueError(raised_in_sql("22023", "position must be positive"))
    for found in _compiled(pattern, parameters).finditer(text, position - 1):
        if found[0] or not pattern:
            yield found


def _nth(text: str, pattern: str, position: int, occurrence: int, parameters: str) -> re.Match[str] | None:
    if occurrence < 1:
        raise ValueError(raised_in_sql("22023", "occurrence must be positive"))
    for count, found in enumerate(_matches(text, pattern, position, parameters), start=1):
        if count == occurrence:
            return found
    return None


@scalar("ls_regexp_count", "VARCHAR", "VARCHAR", "INTEGER", "VARCHAR", returns="INTEGER")
def regexp_count(text: str, pattern: str, position: int, parameters: str) -> int:
    """How often the pattern occurs from ``position`` on."""
    return sum(1 for _ in _matches(text, pattern, position, parameters))


@scalar("ls_regexp_substr", "VARCHAR", "VARCHAR", "INTEGER", "INTEGER", "VARCHAR", returns="VARCHAR")
def regexp_substr(text: str, pattern: str, position: int, occurrence: int, parameters: str) -> str:
    """An occurrence, or with ``e`` its first group; empty where there is none."""
    found = _nth(text, pattern, position, occurrence, parameters)
    if found is None:
        return ""
    return (found[1] or "") if "e" in parameters and found.re.groups else found[0]


@scalar("ls_regexp_instr", "VARCHAR", "VARCHAR", "INTEGER", "INTEGER", "INTEGER", "VARCHAR", returns="INTEGER")
def regexp_instr(text: str, pattern: str, position: int, occurrence: int, behind: int, parameters: str) -> int:
    """Where an occurrence begins, or with ``behind`` where the text goes on; 0 where there is none."""
    found = _nth(text, pattern, position, occurrence, parameters)
    if found is None:
        return 0
    group = 1 if "e" in parameters and found.re.groups else 0
    return (found.end(group) if behind else found.start(group)) + 1


@scalar("ls_regexp_replace", "VARCHAR", "VARCHAR", "VARCHAR", "INTEGER", "VARCHAR", returns="VARCHAR")
def regexp_replace(text: str, pattern: str, by: str, position: int, parameters: str) -> str:
    """Every occurrence from ``position`` on replaced; a dollar or backslash and a digit stand for a group."""
    if position < 1:
        raise ValueError(raised_in_sql("22023", "position must be positive"))

    def put(found: re.Match[str]) -> str:
        return re.sub(
            r"[$\\](\d)", lambda mark: (found[int(mark[1])] or "") if int(mark[1]) <= found.re.groups else "", by
        )

    return text[: position - 1] + _compiled(pattern, parameters).sub(put, text[position - 1 :])


@scalar("ls_regexp_like", "VARCHAR", "VARCHAR", "VARCHAR", returns="BOOLEAN")
def regexp_like(text: str, pattern: str, parameters: str) -> bool:
    """Whether the pattern occurs."""
    return _compiled(pattern, parameters).search(text) is not None


@lru_cache(maxsize=512)
def similar_pattern(pattern: str, escape: str = "\\") -> str:
    """SIMILAR TO's pattern as a regular expression: ``%`` and ``_`` are its own, ``|*+?{}()[]`` are shared."""
    made, inside, at = "", False, 0
    while at < len(pattern):
        letter = pattern[at]
        if letter == escape and at + 1 < len(pattern):
            at += 1
            made += re.escape(pattern[at])
        elif inside:
            made += letter
            inside = letter != "]"
        elif letter == "[":
            made, inside = made + letter, True
        else:
            made += {"%": ".*", "_": "."}.get(letter, letter if letter in "|*+?{}()" else re.escape(letter))
        at += 1
    return made


@scalar("ls_similar", "VARCHAR", "VARCHAR", "VARCHAR", returns="BOOLEAN")
def similar(text: str, pattern: str, escape: str) -> bool:
    """SIMILAR TO: the whole text is what the pattern says."""
    try:
        return re.fullmatch(similar_pattern(pattern, escape), text, re.DOTALL) is not None
    except re.error as error:
        raise ValueError(raised_in_sql("2201B", f"invalid regular expression: {error}")) from None
