"""What PutMetricAlarm and PutCompositeAlarm refuse, by AWS's rules or because it does not act here. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.local.cloudwatch import queries
from lakeshift.local.cloudwatch.alarm_state import OPERATORS
from lakeshift.local.cloudwatch.values import STATISTICS, StatisticError, check_statistic

__all__ = ["AlarmError", "check_actions", "check_metric_alarm"]

_MISSING: Final = ("breaching", "notBreaching", "ignore", "missing")
_ACTIONS: Final = ("AlarmActions", "OKActions", "InsufficientDataActions")
_MOST_ACTIONS: Final = 5
_DAY: Final = 86_400
_PAGE: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/"


class AlarmError(ValueError):
    """The alarm is refused; the text is the ValidationError's."""


def check_actions(definition: Mapping[str, Any]) -> None:
    """Raise AlarmError for an action that would never be taken."""
    for key in _ACTIONS:
        arns = definition.get(key) or []
        if len(arns) > _MOST_ACTIONS:
            raise AlarmError(f"{key} has at most {_MOST_ACTIONS} actions.")
        for arn in arns:
            parts = arn.split(":")
            if len(parts) < 6 or parts[0] != "arn":
                raise AlarmError(f"Invalid arn syntax: {arn}")
            if parts[2] != "sns":
                raise AlarmError(
                    f"The action {arn} is not taken locally: only an SNS topic is. Use a rule on the event "
                    f'"CloudWatch Alarm State Change" instead. See {_PAGE}alarm-actions.html'
                )


def check_metric_alarm(definition: Mapping[str, Any]) -> None:
    """Raise AlarmError for a definition that AWS refuses or that is not evaluated here."""
    if definition.get("ThresholdMetricId"):
        raise AlarmError(
            "Anomaly detection (ThresholdMetricId) is not evaluated locally: set Threshold. "
            f"See {_PAGE}CloudWatch_Anomaly_Detection.html"
        )
    if definition.get("EvaluateLowSampleCountPercentile") == "ignore":
        raise AlarmError("EvaluateLowSampleCountPercentile=ignore is not evaluated locally: leave it out.")
    _check_comparison(definition)
    if definition.get("Metrics"):
        _check_queries(definition)
    else:
        _check_metric(definition)
    _check_range(definition)
    check_actions(definition)


def _check_comparison(definition: Mapping[str, Any]) -> None:
    comparison = definition.get("ComparisonOperator")
    if comparison not in OPERATORS:
        if str(comparison) in (
            "LessThanLowerOrGreaterThanUpperThreshold",
            "LessThanLowerThreshold",
            "GreaterThanUpperThreshold",
        ):
            raise AlarmError(
                f"Anomaly detection ({comparison}) is not evaluated locally. Known: {', '.join(OPERATORS)}."
            )
        raise AlarmError(
            f"1 validation error detected: Value '{comparison}' at 'comparisonOperator' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(OPERATORS)}]"
        )
    if definition.get("Threshold") is None:
        raise AlarmError("Threshold must be specified for a static threshold alarm.")
    missing = definition.get("TreatMissingData")
    if missing is not None and missing not in _MISSING:
        raise AlarmError(
            f"The value {missing} is not supported for TreatMissingData parameter. Supported values are "
            "[breaching, notBreaching, ignore, missing]."
        )


def _check_queries(definition: Mapping[str, Any]) -> None:
    if any(
        definition.get(key)
        for key in ("MetricName", "Namespace", "Period", "Statistic", "ExtendedStatistic", "Dimensions")
    ):
        raise AlarmError(
            "MetricName, Namespace, Dimensions, Period, Statistic and ExtendedStatistic go without Metrics."
        )
    asked = definition["Metrics"]
    try:
        queries.check(asked)
    except queries.QueryError as error:
        raise AlarmError(str(error)) from error
    returned = [one for one in asked if one.get("ReturnData", True) is not False]
    if len(returned) != 1:
        raise AlarmError("Exactly one element of the metrics list should return data.")


def _check_metric(definition: Mapping[str, Any]) -> None:
    for key in ("MetricName", "Namespace", "Period"):
        if not definition.get(key):
            raise AlarmError(f"The parameter {key} must be specified.")
    statistic, extended = definition.get("Statistic"), definition.get("ExtendedStatistic")
    if bool(statistic) == bool(extended):
        raise AlarmError("Exactly one of Statistic and ExtendedStatistic must be specified.")
    if statistic and statistic not in STATISTICS:
        raise AlarmError(
            f"1 validation error detected: Value '{statistic}' at 'statistic' failed to satisfy constraint: Member "
            f"must satisfy enum value set: [{', '.join(STATISTICS)}]"
        )
    try:
        check_statistic(str(statistic or extended))
        queries.check_period(int(definition["Period"]), "Period")
    except (StatisticError, queries.QueryError) as error:
        raise AlarmError(str(error)) from error


def _check_range(definition: Mapping[str, Any]) -> None:
    of = int(definition.get("EvaluationPeriods") or 0)
    if of < 1:
        raise AlarmError("EvaluationPeriods must be at least 1.")
    needed = definition.get("DatapointsToAlarm")
    if needed is not None and not 1 <= int(needed) <= of:
        raise AlarmError("DatapointsToAlarm must be between 1 and EvaluationPeriods.")
    period = int(definition.get("Period") or queries.period_of(definition.get("Metrics") or []))
    longest = 7 * _DAY if period >= 3600 else _DAY
    if period * of > longest:
        raise AlarmError(
            f"Metrics cannot be checked across more than {'seven days' if longest > _DAY else 'a day'} "
            f"(EvaluationPeriods * Period must be <= {longest})."
        )
