"""Metric math: an expression read once, and evaluated over the series it names. Pure.

A value is a number, a series (time → number) or a list of series, as in CloudWatch (S, TS, TS[]).
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from lakeshift.local.cloudwatch.math_functions import FUNCTIONS, MathError, Series, Value, combine

__all__ = ["MathError", "Series", "Value", "evaluate", "names_in"]

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<name>[A-Za-z_]\w*)|(?P<text>"[^"]*"|'[^']*')"""
    r"""|(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/^()<>,\[\]]))"""
)
_BINARY: Final[dict[str, tuple[int, Callable[[float, float], float | bool]]]] = {
    "||": (1, lambda a, b: bool(a) or bool(b)),
    "OR": (1, lambda a, b: bool(a) or bool(b)),
    "&&": (2, lambda a, b: bool(a) and bool(b)),
    "AND": (2, lambda a, b: bool(a) and bool(b)),
    "==": (3, operator.eq),
    "!=": (3, operator.ne),
    "<": (3, operator.lt),
    "<=": (3, operator.le),
    ">": (3, operator.gt),
    ">=": (3, operator.ge),
    "+": (4, operator.add),
    "-": (4, operator.sub),
    "*": (5, operator.mul),
    "/": (5, operator.truediv),
    "^": (6, operator.pow),
}
_REFUSED: Final = {
    "SEARCH": "name the metrics in MetricStat queries",
    "ANOMALY_DETECTION_BAND": "use a static threshold",
    "SERVICE_QUOTA": "write the quota as a number",
    "DB_PERF_INSIGHTS": "ask the database",
    "LAMBDA": "put the values as a metric",
    "INSIGHT_RULE_METRIC": "put the values as a metric",
}
_PAGE: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html"

Token: TypeAlias = tuple[str, str]


@dataclass
class _Reader:
    """Recursive descent over the tokens, evaluating as it goes; ``known`` are the queries by id."""

    tokens: list[Token]
    known: Mapping[str, Value]
    period: int
    times: list[float]
    at: int = field(default=0)

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, wanted: str | None = None) -> Token:
        if self.at >= len(self.tokens) or (wanted is not None and self.peek() != wanted):
            raise MathError(f"Syntax error at {self.peek() or 'the end'!r}: {wanted or 'a value'} is expected")
        self.at += 1
        return self.tokens[self.at - 1]

    def expression(self, least: int = 1) -> Value:
        left = self.operand()
        while (found := _BINARY.get(self.peek().upper())) and found[0] >= least:
            self.take()
            left = combine(found[1], left, self.expression(found[0] + 1))
        return left

    def operand(self) -> Value:
        kind, text = self.take()
        if text == "-":
            return combine(operator.mul, -1.0, self.expression(6))
        if text == "(":
            inner = self.expression()
            self.take(")")
            return inner
        if text == "[":
            return self.array()
        if kind == "number":
            return float(text)
        if kind == "name":
            return self.call(text) if self.peek() == "(" else self.named(text)
        raise MathError(f"Syntax error at {text!r}")

    def array(self) -> Value:
        several: list[Series] = []
        while self.peek() != "]":
            value = self.expression()
            several += value if isinstance(value, list) else [value] if isinstance(value, dict) else []
            if self.peek() != "]":
                self.take(",")
        self.take("]")
        return several

    def named(self, name: str) -> Value:
        if name not in self.known:
            raise MathError(f"The expression names the id {name!r}, which no query has")
        return self.known[name]

    def call(self, name: str) -> Value:
        upper = name.upper()
        if upper in _REFUSED:
            raise MathError(f"The function {upper} is not evaluated locally: {_REFUSED[upper]}. See {_PAGE}")
        self.take("(")
        if upper == "METRICS":
            return self.metrics()
        given: list[Value | str] = []
        while self.peek() != ")":
            given.append(self.argument(upper))
            if self.peek() != ")":
                self.take(",")
        self.take(")")
        if upper == "PERIOD":
            return float(self.period)
        function = FUNCTIONS.get(upper)
        if function is None:
            raise MathError(
                f"Unsupported function: {name}. Known here: {', '.join(sorted(FUNCTIONS))}, METRICS, PERIOD"
            )
        return function(given, self.period, self.times)

    def argument(self, function: str) -> Value | str:
        if function == "FILL" and self.peek().upper() in ("REPEAT", "LINEAR"):
            return self.take()[1].upper()
        return self.expression()

    def metrics(self) -> Value:
        part = self.take()[1][1:-1] if self.peek() != ")" else ""
        self.take(")")
        return [value for name, value in self.known.items() if isinstance(value, dict) and part in name]


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while text[at:].strip():
        token = _TOKEN.match(text, at)
        if token is None:
            raise MathError(f"Syntax error at {text[at:].strip()[:20]!r}")
        found.append((str(token.lastgroup), token.group().strip()))
        at = token.end()
    return found


def names_in(expression: str) -> set[str]:
    """Ids that the expression may name, and METRICS where it asks for all; raises MathError."""
    tokens = _tokens(expression)
    return {text for kind, text in tokens if kind == "name"}


def evaluate(expression: str, known: Mapping[str, Value], period: int, times: list[float]) -> Any:
    """The value of ``expression`` over ``known`` (id → series); ``times`` are all periods of the range.

    Raises MathError, whose text says what is not supported and what to do instead.
    """
    if expression.lstrip().upper().startswith("SELECT"):
        raise MathError(f"Metrics Insights (SELECT …) is not evaluated locally: use MetricStat queries. See {_PAGE}")
    reader = _Reader(_tokens(expression), known, period, times)
    value = reader.expression()
    if reader.at != len(reader.tokens):
        raise MathError(f"Syntax error at {reader.peek()!r}")
    return value
