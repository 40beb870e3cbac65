"""Filters of ListCrawls."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from moto.glue.exceptions import InvalidFilterFieldNameException, InvalidFilterOperatorException, InvalidInputException

from lakeshift.local.glue.crawlers.history import Crawl

__all__ = ["matching"]

_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "GT": operator.gt,
    "GE": operator.ge,
    "LT": operator.lt,
    "LE": operator.le,
    "EQ": operator.eq,
    "NE": operator.ne,
}
_FIELDS: Final[dict[str, Callable[[Crawl], Any]]] = {
    "CRAWL_ID": lambda crawl: crawl.crawl_id,
    "STATE": lambda crawl: crawl.state,
    "START_TIME": lambda crawl: crawl.start_time.timestamp() * 1000,
    "END_TIME": lambda crawl: crawl.end_time.timestamp() * 1000 if crawl.end_time else None,
    "DPU_HOUR": lambda crawl: crawl.as_dict()["DPUHour"],
}
_NUMERIC: Final = ("START_TIME", "END_TIME", "DPU_HOUR")


def matching(crawls: Sequence[Crawl], filters: Sequence[Mapping[str, str]]) -> list[Crawl]:
    """Crawls that pass every filter; times are epoch milliseconds as text."""
    tests = [_test(given, at + 1) for at, given in enumerate(filters)]
    return [crawl for crawl in crawls if all(test(crawl) for test in tests)]


def _test(given: Mapping[str, str], position: int) -> Callable[[Crawl], bool]:
    name, sign, text = given.get("FieldName", ""), given.get("FilterOperator", ""), given.get("FieldValue", "")
    if name not in _FIELDS:
        raise InvalidFilterFieldNameException(name, position)
    if sign not in _OPERATORS:
        raise InvalidFilterOperatorException(sign, position)
    wanted: Any = _number(text) if name in _NUMERIC else text

    def passes(crawl: Crawl) -> bool:
        value = _FIELDS[name](crawl)
        return value is not None and _OPERATORS[sign](value, wanted)

    return passes


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidInputException("ListCrawls", f"Invalid filter value: {text}") from None
