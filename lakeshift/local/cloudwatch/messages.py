"""What a change of an alarm's state says: the SNS message, its subject, and the event. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from lakeshift.local.cloudwatch.alarms import Alarm, CompositeAlarm, MetricAlarm
from lakeshift.local.context import ACCOUNT

__all__ = ["alarm_event", "notification", "reason_data", "subject"]

_REGIONS: Final = {"us-east-1": "US East (N. Virginia)"}
_LONGEST_SUBJECT: Final = 100


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}+0000"


def subject(alarm: Alarm, region: str) -> str:
    """The e-mail's subject."""
    return f'{alarm.state}: "{alarm.name}" in {_REGIONS.get(region, region)}'[:_LONGEST_SUBJECT]


def notification(alarm: Alarm, before: str, region: str, triggering: list[dict[str, Any]]) -> dict[str, Any]:
    """The JSON that a topic is sent; ``triggering`` are the children that made a composite alarm change."""
    found = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.definition.get("AlarmDescription"),
        "AWSAccountId": ACCOUNT,
        "AlarmConfigurationUpdatedTimestamp": _moment(alarm.updated),
        "NewStateValue": alarm.state,
        "NewStateReason": alarm.reason,
        "StateChangeTime": _moment(alarm.state_updated),
        "Region": _REGIONS.get(region, region),
        "AlarmArn": alarm.arn,
        "OldStateValue": before,
        "OKActions": alarm.definition.get("OKActions") or [],
        "AlarmActions": alarm.definition.get("AlarmActions") or [],
        "InsufficientDataActions": alarm.definition.get("InsufficientDataActions") or [],
    }
    if isinstance(alarm, CompositeAlarm):
        return found | {"AlarmRule": alarm.definition["AlarmRule"], "TriggeringChildren": triggering}
    return found | {"Trigger": _trigger(alarm)}


def _trigger(alarm: Alarm) -> dict[str, Any]:
    definition = alarm.definition
    found: dict[str, Any] = {
        "Period": definition.get("Period"),
        "EvaluationPeriods": definition["EvaluationPeriods"],
        "DatapointsToAlarm": definition.get("DatapointsToAlarm") or definition["EvaluationPeriods"],
        "ComparisonOperator": definition["ComparisonOperator"],
        "Threshold": float(definition["Threshold"]),
        "TreatMissingData": definition.get("TreatMissingData") or "missing",
        "EvaluateLowSampleCountPercentile": definition.get("EvaluateLowSampleCountPercentile") or "",
    }
    if definition.get("Metrics"):
        return found | {"Metrics": [_query(one) for one in definition["Metrics"]]}
    statistic = definition.get("Statistic")
    told = {"StatisticType": "Statistic", "Statistic": _upper(statistic)} if statistic else {
        "StatisticType": "ExtendedStatistic", "ExtendedStatistic": definition["ExtendedStatistic"],
    }  # fmt: skip
    dimensions = [{"value": one["Value"], "name": one["Name"]} for one in definition.get("Dimensions") or []]
    named = {"MetricName": definition["MetricName"], "Namespace": definition["Namespace"]}
    return named | told | {"Unit": definition.get("Unit"), "Dimensions": dimensions} | found


def _upper(statistic: str) -> str:
    return {"SampleCount": "SAMPLE_COUNT"}.get(statistic, statistic.upper())


def _query(query: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in query.items() if value is not None}


def reason_data(alarm: MetricAlarm, points: tuple[tuple[float, float], ...], moment: datetime) -> dict[str, Any]:
    """StateReasonData: what was looked at."""
    from datetime import UTC

    started = datetime.fromtimestamp(points[-1][0], UTC) if points else None
    return {
        "version": "1.0",
        "queryDate": _moment(moment),
        **({"startDate": _moment(started)} if started else {}),
        **({"statistic": alarm.definition["Statistic"]} if alarm.definition.get("Statistic") else {}),
        "period": alarm.period,
        "recentDatapoints": [value for _, value in reversed(points)],
        "threshold": alarm.threshold.value,
    }


def alarm_event(alarm: Alarm, previous: dict[str, Any]) -> dict[str, Any]:
    """The ``detail`` of "CloudWatch Alarm State Change"."""
    state = {"value": alarm.state, "reason": alarm.reason, "timestamp": _moment(alarm.state_updated)}
    if alarm.reason_data:
        state["reasonData"] = alarm.reason_data
    configuration: dict[str, Any] = {"description": alarm.definition.get("AlarmDescription") or ""}
    if isinstance(alarm, MetricAlarm):
        configuration["metrics"] = [_event_query(one) for one in alarm.queries]
    else:
        configuration["alarmRule"] = alarm.definition["AlarmRule"]
    return {
        "alarmName": alarm.name,
        "state": state,
        "previousState": {
            "value": previous["state"],
            "reason": previous["reason"],
            "timestamp": _moment(previous["moment"]),
        },
        "configuration": configuration,
    }


def _event_query(query: dict[str, Any]) -> dict[str, Any]:
    found = {"id": query["Id"], "returnData": query.get("ReturnData", True) is not False}
    if "Expression" in query:
        return found | {"expression": query["Expression"]}
    stat = query["MetricStat"]
    metric = stat["Metric"]
    return found | {
        "metricStat": {
            "metric": {
                "namespace": metric["Namespace"],
                "name": metric["MetricName"],
                "dimensions": {one["Name"]: one["Value"] for one in metric.get("Dimensions") or []},
            },
            "period": stat["Period"],
            "stat": stat["Stat"],
        }
    }
