"""Calls of intrinsic functions: ``States.Format('{} of {}', $.a, States.ArrayLength($.b))``."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from lakeshift.local.stepfunctions.language.failure import StateFailure
from lakeshift.local.stepfunctions.language.functions import FUNCTIONS
from lakeshift.local.stepfunctions.language.paths import Data, value_at

__all__ = ["call", "problem"]

_NAME: Final = re.compile(r"\s*States\.(\w+)\s*\(\s*")
_TEXT: Final = re.compile(r"'((?:[^'\\]|\\.)*)'")
_PLAIN: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_DEPTH: Final = 10  # calls inside calls


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Path:
    text: str


def call(text: str, data: Data) -> Any:
    """The value of the call; raises StateFailure (States.IntrinsicFailure) and PathMissing."""
    try:
        return _value(_parse(text), data)
    except (ValueError, TypeError, StopIteration) as error:
        cause = f"The function '{text}' had the following error: {error}"
        raise StateFailure("States.IntrinsicFailure", cause) from error


def problem(text: str) -> str | None:
    """Why ``text`` is no call of an intrinsic function, or None."""
    try:
        _parse(text)
    except ValueError as error:
        return str(error)
    return None


def _value(node: Any, data: Data) -> Any:
    if isinstance(node, _Path):
        return value_at(node.text, data)
    if isinstance(node, _Call):
        return FUNCTIONS[node.name](*(_value(argument, data) for argument in node.arguments))
    return node


@functools.lru_cache(maxsize=512)
def _parse(text: str) -> _Call:
    node, end = _call_at(text, 0, 1)
    if text[end:].strip():
        raise ValueError(f"something follows the call: {text[end:]!r}")
    return node


def _call_at(text: str, at: int, depth: int) -> tuple[_Call, int]:
    match = _NAME.match(text, at)
    if match is None or match[1] not in FUNCTIONS:
        raise ValueError(f"{text[at:]!r} does not begin with an intrinsic function")
    if depth > _DEPTH:
        raise ValueError(f"calls are nested more than {_DEPTH} deep")
    arguments: list[Any] = []
    at = match.end()
    while not text.startswith(")", at):
        argument, at = _argument_at(text, at, depth)
        arguments.append(argument)
        at = _blank(text, at)
        if text.startswith(",", at):
            at = _blank(text, at + 1)
        elif not text.startswith(")", at):
            raise ValueError(f"a comma or a closing parenthesis is missing at {at}")
    return _Call(match[1], tuple(arguments)), at + 1


def _argument_at(text: str, at: int, depth: int) -> tuple[Any, int]:
    if quoted := _TEXT.match(text, at):
        return quoted[1].replace("\\'", "'"), quoted.end()
    if plain := _PLAIN.match(text, at):
        return json.loads(plain[0]), plain.end()
    if text.startswith("$", at):
        end = _end_of_path(text, at)
        return _Path(text[at:end].strip()), end
    return _call_at(text, at, depth + 1)


def _end_of_path(text: str, at: int) -> int:
    """Where the path ends: the comma or parenthesis that is not inside its own brackets or quotes."""
    depth, quote = 0, ""
    for place in range(at, len(text)):
        letter = text[place]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "[(":
            depth += 1
        elif depth and letter in "])":
            depth -= 1
        elif not depth and letter in ",)":
            return place
    raise ValueError("the call does not end")


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
