"""Alarms, dashboards and logs."""

from __future__ import annotations

from typing import Final

from lakeshift.definitions.resource_type import ResourceType, resource_type

__all__ = ["TYPES"]

TYPES: Final[tuple[ResourceType, ...]] = (
    resource_type(
        "AWS::CloudWatch::Alarm",
        "AlarmName ComparisonOperator EvaluationPeriods",
        "ActionsEnabled AlarmActions AlarmDescription DatapointsToAlarm Dimensions EvaluateLowSampleCountPercentile "
        "ExtendedStatistic InsufficientDataActions MetricName Metrics Namespace OKActions Period Statistic "
        "Threshold ThresholdMetricId TreatMissingData Unit",
        "AlarmName",
        "{Name}",
        {"Arn": "arn:aws:cloudwatch:{Region}:{Account}:alarm:{Name}"},
    ),
    resource_type(
        "AWS::CloudWatch::CompositeAlarm",
        "AlarmName AlarmRule",
        "ActionsEnabled ActionsSuppressor ActionsSuppressorExtensionPeriod ActionsSuppressorWaitPeriod AlarmActions "
        "AlarmDescription InsufficientDataActions OKActions",
        "AlarmName",
        "{Name}",
        {"Arn": "arn:aws:cloudwatch:{Region}:{Account}:alarm:{Name}"},
    ),
    resource_type(
        "AWS::CloudWatch::Dashboard",
        "DashboardName DashboardBody",
        "",
        "DashboardName",
        "{Name}",
    ),
    resource_type(
        "AWS::Logs::LogGroup",
        "LogGroupName",
        "RetentionInDays KmsKeyId",
        "LogGroupName",
        "{Name}",
        {"Arn": "arn:aws:logs:{Region}:{Account}:log-group:{Name}:*"},
    ),
    resource_type(
        "AWS::Logs::MetricFilter",
        "FilterName FilterPattern LogGroupName MetricTransformations",
        "",
        "FilterName",
        "{Name}",
    ),
)
