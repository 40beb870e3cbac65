"""Log groups: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html."""

from __future__ import annotations

from collections.abc import Mapping

from lakeshift.deploy.adapters.base import Adapter, Live, Properties
from lakeshift.deploy.session import AwsSession

__all__ = ["LogGroup"]


class LogGroup(Adapter):
    """A log group and how long it keeps events."""

    type = "AWS::Logs::LogGroup"
    identity = ("LogGroupName",)
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
