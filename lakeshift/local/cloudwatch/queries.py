"""MetricDataQueries evaluated over stored datapoints: statistics first, then what is computed from them. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from lakeshift.local.cloudwatch import expressions
from lakeshift.local.cloudwatch.expressions import MathError, Series, Value
from lakeshift.local.cloudwatch.store import Metric
from lakeshift.local.cloudwatch.values import Sample, StatisticError, check_statistic, series

__all__ = ["Fetch", "QueryError", "Result", "check", "period_of", "run"]

Query: TypeAlias = Mapping[str, Any]
Fetch: TypeAlias = Callable[[Metric, float, float, "str | None"], list[Sample]]

_ID: Final = re.compile(r"[a-z][A-Za-z0-9_]{0,254}")
_DEFAULT_PERIOD: Final = 300
_MOST_QUERIES: Final = 500


class QueryError(ValueError):
    """A query is not valid; the text is what CloudWatch would say, or names what is not supported here."""


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the answer."""

    id: str
    label: str
    series: Series


def check(queries: Sequence[Query]) -> None:
    """Raise QueryError for what no evaluation could answer."""
    if len(queries) > _MOST_QUERIES:
        raise QueryError(f"The collection MetricDataQueries must not have a size greater than {_MOST_QUERIES}.")
    ids = [str(query.get("Id", "")) for query in queries]
    for number, query in enumerate(queries, 1):
        at = f"MetricDataQueries.member.{number}"
        if not _ID.fullmatch(ids[number - 1]):
            raise QueryError(f'The value {ids[number - 1]} in "{at}.Id" must start with a lowercase letter.')
        if ids.count(ids[number - 1]) > 1:
            raise QueryError(f'The values for parameter id in "MetricDataQueries" are not unique: {ids[number - 1]}.')
        _check_one(query, at)
    if not any(query.get("ReturnData", True) is not False for query in queries):
        raise QueryError("At least one query must have ReturnData set to true.")


def _check_one(query: Query, at: str) -> None:
    if ("MetricStat" in query) == ("Expression" in query):
        raise QueryError(f"The parameter {at} must have either MetricStat or Expression.")
    try:
        if "Expression" in query:
            expressions.names_in(query["Expression"])
            return
        check_statistic(query["MetricStat"]["Stat"])
    except (StatisticError, MathError) as error:
        raise QueryError(f"Error in {at}: {error}") from error
    check_period(int(query["MetricStat"]["Period"]), f"{at}.MetricStat.Period")


def check_period(period: int, at: str) -> None:
    """Raise QueryError unless CloudWatch takes the period (seconds)."""
    if period not in (1, 5, 10, 20, 30) and (period < 60 or period % 60):
        raise QueryError(f"The parameter {at} must be 1, 5, 10, 20, 30 or a multiple of 60.")


def period_of(queries: Sequence[Query]) -> int:
    """The longest period that a query names, in seconds."""
    named = [int(query["MetricStat"]["Period"]) for query in queries if "MetricStat" in query]
    named += [int(query["Period"]) for query in queries if query.get("Period")]
    return max(named, default=_DEFAULT_PERIOD)


def run(queries: Sequence[Query], fetch: Fetch, start: float, end: float) -> list[Result]:
    """The series of every query with ReturnData, in the order asked; raises QueryError."""
    run_ = _Run(queries, fetch, start, end)
    found: list[Result] = []
    for query in queries:
        if query.get("ReturnData", True) is not False:
            value = run_.value(query["Id"])
            several = value if isinstance(value, list) else [value]
            found += [Result(query["Id"], _label(query), run_.constant(query, one)) for one in several]
    return found


def _label(query: Query) -> str:
    metric = query.get("MetricStat", {}).get("Metric", {}).get("MetricName")
    return str(query.get("Label") or metric or query["Id"])


class _Run:
    def __init__(self, queries: Sequence[Query], fetch: Fetch, start: float, end: float) -> None:
        self._queries = {query["Id"]: query for query in queries}
        self._fetch, self._start, self._end = fetch, start, end
        self._known: dict[str, Value] = {}
        self._open: list[str] = []

    def value(self, name: str) -> Value:
        if name not in self._known:
            if name in self._open:
                raise QueryError(f"Circular dependency between expressions: {' -> '.join([*self._open, name])}.")
            self._open.append(name)
            query = self._queries[name]
            self._known[name] = self._stat(query) if "MetricStat" in query else self._computed(query)
            self._open.pop()
        return self._known[name]

    def constant(self, query: Query, value: Value) -> Series:
        """A number as a series over the whole range."""
        if isinstance(value, dict):
            return value
        return {time: float(value) for time in self._times(self._period(query))}  # type: ignore[arg-type]

    def _stat(self, query: Query) -> Series:
        stat = query["MetricStat"]
        named = stat["Metric"]
        metric = Metric.of(named["Namespace"], named["MetricName"], named.get("Dimensions"))
        samples = self._fetch(metric, self._start, self._end, stat.get("Unit"))
        return series(samples, stat["Stat"], self._start, self._end, int(stat["Period"]))

    def _computed(self, query: Query) -> Value:
        text = query["Expression"]
        try:
            named = expressions.names_in(text)
            wanted = set(self._queries) if any(one.upper() == "METRICS" for one in named) else named
            known = {
                name: self.value(name)
                for name, other in self._queries.items()
                if name in wanted and (name in named or "MetricStat" in other)
            }
            period = self._period(query)
            answer: Value = expressions.evaluate(text, known, period, self._times(period))
            return answer
        except MathError as error:
            raise QueryError(f'Error in expression "{query["Id"]}": {error}.') from error

    def _period(self, query: Query) -> int:
        if query.get("Period"):
            return int(query["Period"])
        if "MetricStat" in query:
            return int(query["MetricStat"]["Period"])
        named = expressions.names_in(query.get("Expression", ""))
        asked = [self._queries[name] for name in named if name in self._queries and name != query["Id"]]
        return period_of(asked or list(self._queries.values()))

    def _times(self, period: int) -> list[float]:
        return [self._start + at for at in range(0, max(0, int(self._end - self._start)), period)]
