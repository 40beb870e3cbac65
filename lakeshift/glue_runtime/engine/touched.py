"""Which fields of its record a Python function can touch, read off its byte code.

Only the plainest uses count: ``r["x"]``, ``r.x``, ``r["x"] = …``, ``del r["x"]``, ``"x" in r``, ``r.get("x", …)`` and
``return r``. Anything else (the record is passed on, iterated, captured, rebound) gives no answer, and the function is
then given whole records.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Final

__all__ = ["Touched", "touched_by"]

_SEES_EVERYTHING: Final = {"locals", "eval", "exec", "vars", "dir", "_getframe"}
_WITH_KEY: Final = {"BINARY_SUBSCR", "STORE_SUBSCR", "DELETE_SUBSCR"}
_CHANGES: Final = {"STORE_SUBSCR", "DELETE_SUBSCR", "STORE_ATTR", "DELETE_ATTR"}
_METHODS: Final = {"get": False, "pop": True, "setdefault": True}
"""Methods of a dict whose first argument is a key, and whether they change the record."""


@dataclass(frozen=True)
class Touched:
    """The fields a function looks at; those it may set or take away; whether it returns the very record."""

    fields: frozenset[str]
    changed: frozenset[str]
    returns_record: bool


class _UnknownUseError(Exception):
    """The record is used in a way that is not understood."""


def touched_by(function: Callable[..., Any]) -> Touched | None:
    """Return what ``function`` touches of its first argument, or None where that cannot be told."""
    if not isinstance(function, FunctionType):
        return None
    code = function.__code__
    plain = code.co_argcount - len(function.__defaults__ or ()) <= 1 <= code.co_argcount and not code.co_kwonlyargcount
    # Generators, coroutines and *args give other things than a record's answer.
    if not plain or code.co_flags & 0x2AC or _SEES_EVERYTHING & set(code.co_names):
        return None
    record = code.co_varnames[0]
    if record in code.co_cellvars:
        return None
    try:
        uses = list(_uses(list(dis.get_instructions(code)), record))
    except _UnknownUseError:
        return None
    returns = {use for use in uses if use[0] == "return"}
    if returns and not _only_returns(code, record):
        return None
    fields = frozenset(key for use, key in uses if use != "return")
    changed = frozenset(key for use, key in uses if use == "change")
    return Touched(fields, changed, bool(returns))


def _only_returns(code: Any, record: str) -> bool:
    """Whether every return gives the record itself."""
    found = [i for i in dis.get_instructions(code) if i.opname != "CACHE"]
    returns = [at for at, i in enumerate(found) if i.opname == "RETURN_VALUE"]
    return all(
        found[at - 1].opname == "LOAD_FAST" and found[at - 1].argval == record and not found[at].is_jump_target
        for at in returns
    )


def _uses(instructions: list[dis.Instruction], record: str) -> Iterator[tuple[str, str]]:
    found = [i for i in instructions if i.opname != "CACHE"]
    for at, instruction in enumerate(found):
        named = instruction.argval == record or (isinstance(instruction.argval, tuple) and record in instruction.argval)
        if "FAST" not in instruction.opname or not named:
            continue
        if instruction.opname != "LOAD_FAST":
            raise _UnknownUseError
        yield _use(found, at)


def _constant(instruction: dis.Instruction) -> bool:
    return instruction.opname == "LOAD_CONST" and isinstance(instruction.argval, str) and not instruction.is_jump_target


def _use(found: list[dis.Instruction], at: int) -> tuple[str, str]:
    """What the record that is loaded at ``at`` is used for."""
    one, two, three, four = [*found[at + 1 : at + 5], *[found[-1]] * 4][:4]
    straight = not (one.is_jump_target or two.is_jump_target)
    if one.opname == "RETURN_VALUE" and not one.is_jump_target:
        return ("return", "")
    if one.opname == "CONTAINS_OP" and _constant(found[at - 1]) and not found[at].is_jump_target:
        return ("read", found[at - 1].argval)
    if one.opname in ("LOAD_ATTR", "STORE_ATTR", "DELETE_ATTR") and one.argval not in dir(dict):
        return ("change" if one.opname in _CHANGES else "read", one.argval)
    if straight and _constant(one) and two.opname in _WITH_KEY:
        return ("change" if two.opname in _CHANGES else "read", one.argval)
    if straight and _constant(one) and two.opname == three.opname == "COPY" and four.opname == "BINARY_SUBSCR":
        return ("change", one.argval)  # r["x"] += …
    if straight and one.opname == "LOAD_METHOD" and one.argval in _METHODS and _constant(two):
        after = four if three.opname == "LOAD_CONST" else three
        if after.opname in ("PRECALL", "CALL") and not three.is_jump_target and not after.is_jump_target:
            return ("change" if _METHODS[one.argval] else "read", two.argval)
    raise _UnknownUseError
