"""The Expression of GetPartitions: a filter over partition keys.

https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from moto.glue.exceptions import InvalidInputException, InvalidStateException

from lakeshift.local.glue.catalog.tokens import Token, tokens
from lakeshift.local.glue.catalog.values import INTEGRAL, TEXT, base_type, cast

__all__ = ["Keys", "partition_filter"]

Keys = Sequence[tuple[str, str]]
Values = Sequence[str]
Test = Callable[[Values], bool | None]  # None is SQL's unknown

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_RESERVED: Final = ("AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "NULL")


def partition_filter(expression: str | None, keys: Keys) -> Callable[[Values], bool]:
    """The filter over a partition's values; ``keys`` are the table's (name, type).

    Blank means no filter. Raises InvalidInputException for what is no expression over these keys; the filter itself
    raises InvalidStateException for a value that is not of its key's type.
    """
    if expression is None or not expression.strip():
        return lambda _: True
    try:
        test = _Parser(tokens(expression), keys).parse()
    except ValueError:
        raise InvalidInputException("GetPartitions", f"Unsupported expression '{expression}'") from None
    return lambda values: test(values) is True


class _Parser:
    """Recursive descent: OR, AND, NOT, then one condition."""

    def __init__(self, words: list[Token], keys: Keys) -> None:
        self.words, self.at = words, 0
        self.keys = {name.lower(): (place, kind) for place, (name, kind) in enumerate(keys)}

    def parse(self) -> Test:
        test = self._or()
        if self.at < len(self.words):
            raise ValueError("words follow the expression")
        return test

    def _or(self) -> Test:
        tests = [self._and()]
        while self._take("OR"):
            tests.append(self._and())
        return tests[0] if len(tests) == 1 else _any(tests)

    def _and(self) -> Test:
        tests = [self._not()]
        while self._take("AND"):
            tests.append(self._not())
        return tests[0] if len(tests) == 1 else _all(tests)

    def _not(self) -> Test:
        if self._take("NOT"):
            return _negated(self._not())
        start = self.at
        if self._take("("):
            try:
                inner = self._or()
                self._expect(")")
            except ValueError:
                self.at = start  # it encloses an operand: (year) = 2020
            else:
                return inner
        return self._condition()

    def _condition(self) -> Test:
        left = self._operand()
        if left.kind != "name":
            sign = self._sign()
            return self._compared(self._operand(), _FLIPPED.get(sign, sign), left)
        if self._take("IS"):
            return self._is_null(left)
        negative = self._take("NOT")
        test = self._set_or_range(left) if self._peek() in ("IN", "BETWEEN", "LIKE") else None
        if test is None:
            if negative:
                raise ValueError("NOT before a comparison")
            return self._compared(left, self._sign(), self._operand())
        return _negated(test) if negative else test

    def _is_null(self, name: Token) -> Test:
        negative = self._take("NOT")
        self._expect("NULL")
        value = self._value(name)[0]
        return lambda values: (value(values) is None) != negative

    def _set_or_range(self, name: Token) -> Test:
        value, kind = self._value(name)
        if self._take("LIKE"):
            return _like(value, kind, self._text())
        if self._take("IN"):
            self._expect("(")
            members = [_literal(kind, self._operand())]
            while self._take(","):
                members.append(_literal(kind, self._operand()))
            self._expect(")")
            return _known(value, lambda found: found in members)
        self._expect("BETWEEN")
        low = _literal(kind, self._operand())
        self._expect("AND")
        high = _literal(kind, self._operand())
        return _known(value, lambda found: low <= found <= high)

    def _compared(self, name: Token, sign: str, literal: Token) -> Test:
        value, kind = self._value(name)
        wanted, compare = _literal(kind, literal), _COMPARE[sign]
        return _known(value, lambda found: compare(found, wanted))

    def _value(self, name: Token) -> tuple[Callable[[Values], Any], str]:
        """How to get the key's value of a partition, and the key's type."""
        if name.kind != "name" or name.value.lower() not in self.keys:
            raise InvalidInputException("GetPartitions", "Invalid partition expression!")
        place, kind = self.keys[name.value.lower()]

        def value(values: Values) -> Any:
            try:
                return cast(kind, values[place])
            except ValueError as error:
                raise InvalidStateException("GetPartitions", str(error)) from None
            except LookupError as error:
                raise InvalidInputException("GetPartitions", str(error)) from None

        return value, kind

    def _operand(self) -> Token:
        if self._take("("):
            inner = self._operand()
            self._expect(")")
            return inner
        if self._peek() in ("DATE", "TIMESTAMP") and self._next_is_text():
            self.at += 1
        found = self._next()
        if found.kind == "sign" or (found.kind == "name" and found.word in _RESERVED):
            raise ValueError(f"an operand is missing at {found.value}")
        return found

    def _text(self) -> Token:
        found = self._operand()
        if found.kind != "text":
            raise ValueError("a text is expected")
        return found

    def _next_is_text(self) -> bool:
        return self.at + 1 < len(self.words) and self.words[self.at + 1].kind == "text"

    def _sign(self) -> str:
        found = self._next().value
        if found not in _COMPARE:
            raise ValueError(f"a comparison is missing at {found}")
        return found

    def _next(self) -> Token:
        if self.at >= len(self.words):
            raise ValueError("the expression ends too early")
        self.at += 1
        return self.words[self.at - 1]

    def _peek(self) -> str:
        return self.words[self.at].word if self.at < len(self.words) else ""

    def _take(self, word: str) -> bool:
        taken = self._peek() == word
        self.at += taken
        return taken

    def _expect(self, word: str) -> None:
        if not self._take(word):
            raise ValueError(f"{word} expected")


def _literal(kind: str, token: Token) -> Any:
    if token.kind == "name":
        raise ValueError("a key is compared with a literal, not with a name")
    try:
        return cast(kind, token.value)
    except (ValueError, LookupError) as error:
        raise InvalidInputException("GetPartitions", str(error)) from None


def _like(value: Callable[[Values], Any], kind: str, pattern: Token) -> Test:
    base = base_type(kind)
    if base not in TEXT:
        name = "Integral" if base in INTEGRAL else base.capitalize()
        raise InvalidInputException("GetPartitions", f"{name} data type doesn't support operation 'LIKE'")
    parts = {"%": ".*", "_": "."}
    form = re.compile("".join(parts.get(char) or re.escape(char) for char in pattern.value), re.DOTALL)
    return _known(value, lambda found: form.fullmatch(found) is not None)


def _known(value: Callable[[Values], Any], test: Callable[[Any], bool]) -> Test:
    """Unknown where the value is null, as in SQL."""

    def found(values: Values) -> bool | None:
        one = value(values)
        return None if one is None else test(one)

    return found


def _negated(test: Test) -> Test:
    def found(values: Values) -> bool | None:
        one = test(values)
        return None if one is None else not one

    return found


def _all(tests: list[Test]) -> Test:
    def found(values: Values) -> bool | None:
        seen = [test(values) for test in tests]
        return False if False in seen else None if None in seen else True

    return found


def _any(tests: list[Test]) -> Test:
    def found(values: Values) -> bool | None:
        seen = [test(values) for test in tests]
        return True if True in seen else None if None in seen else False

    return found
