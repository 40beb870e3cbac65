"""Log groups and metric filters: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeshift.deploy.adapters.base import Adapter, Live, Properties
from lakeshift.deploy.adapters.cases import lower, upper
from lakeshift.deploy.session import AwsSession

__all__ = ["LogGroup", "MetricFilter"]


class LogGroup(Adapter):
    """A log group and how long it keeps events."""

    type = "AWS::Logs::LogGroup"
    identity = ("LogGroupName",)
    tagged = ("logs", "arn:aws:logs:{Region}:{Account}:log-group:{Name}")
    fixed = frozenset({"KmsKeyId"})

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """By its exact name."""
        name = want["LogGroupName"]
        for one in aws.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=name):
            if one["logGroupName"] == name:
                told = {"RetentionInDays": one.get("retentionInDays"), "KmsKeyId": one.get("kmsKeyId")}
                return Live({"LogGroupName": name, **told})
        return None

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags, then its retention."""
        key = {"kmsKeyId": want["KmsKeyId"]} if "KmsKeyId" in want else {}
        aws.call("logs", "create_log_group", logGroupName=want["LogGroupName"], tags=dict(tags), **key)
        self.update(aws, want, Live({}), frozenset(want))

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Its retention; nothing else of it changes."""
        if "RetentionInDays" in changed and "RetentionInDays" in want:
            days = want["RetentionInDays"]
            aws.call("logs", "put_retention_policy", logGroupName=want["LogGroupName"], retentionInDays=days)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """With its events."""
        aws.call("logs", "delete_log_group", logGroupName=want["LogGroupName"])


class MetricFilter(Adapter):
    """A filter that makes a metric of the events it matches."""

    type = "AWS::Logs::MetricFilter"
    identity = ("LogGroupName", "FilterName")

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """By its exact name in its group."""
        given = {"logGroupName": want["LogGroupName"], "filterNamePrefix": want["FilterName"]}
        found = aws.find("logs", "describe_metric_filters", ("ResourceNotFoundException",), **given)
        for one in (found or {}).get("metricFilters", []):
            if one["filterName"] == want["FilterName"]:
                return Live({"LogGroupName": want["LogGroupName"], **upper(one)})
        return None

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """Put it; it takes no tags."""
        aws.call("logs", "put_metric_filter", **self._parameters(want))

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Put it whole."""
        self.create(aws, want, {})

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its name."""
        aws.call("logs", "delete_metric_filter", logGroupName=want["LogGroupName"], filterName=want["FilterName"])

    @staticmethod
    def _parameters(want: Properties) -> dict[str, Any]:
        """Dimensions are a mapping in the API, a list in CloudFormation."""
        given: dict[str, Any] = lower(dict(want))
        for one in given["metricTransformations"]:
            if isinstance(one.get("dimensions"), list):
                one["dimensions"] = {pair["key"]: pair["value"] for pair in one["dimensions"]}
        return given

    def comparable(self, properties: Properties) -> Properties:
        """Dimensions as a mapping."""
        listed = [
            {**one, "Dimensions": {pair["Key"]: pair["Value"] for pair in one["Dimensions"]}}
            if isinstance(one.get("Dimensions"), list)
            else one
            for one in properties["MetricTransformations"]
        ]
        return {**properties, "MetricTransformations": listed}
