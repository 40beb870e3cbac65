"""Metric filters that make datapoints of the events that are put.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

from moto.logs.exceptions import InvalidParameterException

from lakeshift.local.cloudwatch.backend import put
from lakeshift.local.logs.filter_patterns import Matches, PatternError, compiled, value_at
from lakeshift.local.stepfunctions.symbols import replace

__all__ = ["datapoints", "install_filters", "measure"]

_LOG: Final = logging.getLogger(__name__)


def install_filters() -> None:
    """A pattern that cannot be evaluated is refused; the same name put again replaces the filter."""

    def put_metric_filter(
        self: Any, name: str, pattern: str, group: str, transformations: list[dict[str, Any]]
    ) -> None:
        try:
            compiled(pattern)
        except PatternError as error:
            raise InvalidParameterException(constraint=str(error), parameter="filterPattern", value=pattern) from error
        kept = self.filters.metric_filters
        self.filters.metric_filters = [one for one in kept if (one["filterName"], one["logGroupName"]) != (name, group)]
        always(self, name, pattern, group, transformations)

    always = replace("moto.logs.models:LogsBackend.put_metric_filter", put_metric_filter)


def measure(filters: Iterable[Mapping[str, Any]], messages: list[tuple[int, str]]) -> None:
    """Put what the filters make of new events ``(milliseconds, text)``; a fault there never loses an event."""
    for one in filters:
        try:
            for namespace, data in datapoints(one, messages).items():
                put(namespace, data)
        except Exception:
            _LOG.exception("The metric filter %s made no datapoint", one.get("filterName"))


def datapoints(one: Mapping[str, Any], messages: list[tuple[int, str]]) -> dict[str, list[dict[str, Any]]]:
    """Namespace → MetricData of a filter for a batch of events. Datapoints carry no time: they count when put."""
    matches: Matches = compiled(one["filterPattern"] or "")
    matched = [text for _, text in messages if matches(text)]
    found: dict[str, list[dict[str, Any]]] = {}
    for transformation in one["metricTransformations"]:
        data = [datum for text in matched if (datum := _datum(transformation, text)) is not None]
        default = transformation.get("defaultValue")
        if not matched and default is not None and messages:
            data = [{"MetricName": transformation["metricName"], "Value": float(default)}]
        if data:
            found.setdefault(transformation["metricNamespace"], []).extend(data)
    return found


def _datum(transformation: Mapping[str, Any], text: str) -> dict[str, Any] | None:
    value = _value(str(transformation["metricValue"]), text)
    if value is None:
        return None
    dimensions = [
        {"Name": name, "Value": str(found)}
        for name, path in (transformation.get("dimensions") or {}).items()
        if (found := _field(path, text)) is not None
    ]
    unit = transformation.get("unit") or "None"
    return {"MetricName": transformation["metricName"], "Value": value, "Unit": unit, "Dimensions": dimensions}


def _value(text: str, message: str) -> float | None:
    found = _field(text, message) if text.startswith("$") else text
    try:
        return float(found)
    except (TypeError, ValueError):
        return None


def _field(path: str, message: str) -> Any:
    try:
        return value_at(path, json.loads(message))
    except ValueError:
        return None
