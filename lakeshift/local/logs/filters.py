"""Metric filters: another one of the same name takes the place of the first.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
"""

from __future__ import annotations

from typing import Any

from moto.logs.metric_filters import MetricFilters

__all__ = ["install"]

_add = MetricFilters.add_filter


def _replace(
    self: Any, filter_name: str, filter_pattern: str, log_group_name: str, metric_transformations: Any
) -> None:
    same = (filter_name, log_group_name)
    self.metric_filters = [one for one in self.metric_filters if (one["filterName"], one["logGroupName"]) != same]
    _add(self, filter_name, filter_pattern, log_group_name, metric_transformations)


def install() -> None:
    """Put ours in the place of moto's, which keeps both."""
    MetricFilters.add_filter = _replace
