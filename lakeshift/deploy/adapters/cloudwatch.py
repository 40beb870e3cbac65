"""Alarms and dashboards: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Operations.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from lakeshift.deploy.adapters import documents
from lakeshift.deploy.adapters.base import Adapter, Live, Properties, tag_list
from lakeshift.deploy.session import AwsSession

__all__ = ["Alarm", "CompositeAlarm", "Dashboard"]

_ACTIONS: Final = ("AlarmActions", "OKActions", "InsufficientDataActions")


class _Alarm(Adapter):
    """What both kinds of alarm share: Put replaces the whole alarm."""

    identity = ("AlarmName",)
    tagged = ("cloudwatch", "arn:aws:cloudwatch:{Region}:{Account}:alarm:{Name}")
    kind: ClassVar[str]

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """The API has CloudFormation's names."""
        told = aws.call("cloudwatch", "describe_alarms", AlarmNames=[want["AlarmName"]], AlarmTypes=[self.kind])
        found = told.get(f"{self.kind}s", [])
        return Live(found[0], {"Arn": found[0]["AlarmArn"]}) if found else None

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags."""
        aws.call("cloudwatch", self._put, Tags=tag_list(tags), **want)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Whole; its tags stay."""
        aws.call("cloudwatch", self._put, **want)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its name."""
        aws.call("cloudwatch", "delete_alarms", AlarmNames=[want["AlarmName"]])

    @property
    def _put(self) -> str:
        return "put_metric_alarm" if self.kind == "MetricAlarm" else "put_composite_alarm"

    def comparable(self, properties: Properties) -> Properties:
        """Dimensions by name, actions in order."""
        found: dict[str, Any] = dict(properties)
        for key in _ACTIONS:
            if key in found:
                found[key] = sorted(found[key], key=str)
        if "Dimensions" in found:
            found["Dimensions"] = sorted(found["Dimensions"], key=lambda one: str(one["Name"]))
        return found


class Alarm(_Alarm):
    """An alarm on a metric, or on metric math."""

    type = "AWS::CloudWatch::Alarm"
    kind = "MetricAlarm"


class CompositeAlarm(_Alarm):
    """An alarm on other alarms; each has to be there before."""

    type = "AWS::CloudWatch::CompositeAlarm"
    kind = "CompositeAlarm"


class Dashboard(Adapter):
    """A dashboard."""

    type = "AWS::CloudWatch::Dashboard"
    identity = ("DashboardName",)

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """Its body."""
        absent = ("ResourceNotFound", "DashboardNotFoundError", "ResourceNotFoundException")
        found = aws.find("cloudwatch", "get_dashboard", absent, DashboardName=want["DashboardName"])
        return None if found is None else Live({key: found[key] for key in ("DashboardName", "DashboardBody")})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """Put it."""
        body = documents.as_text(want["DashboardBody"])
        aws.call("cloudwatch", "put_dashboard", DashboardName=want["DashboardName"], DashboardBody=body)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Put it whole."""
        self.create(aws, want, {})

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its name."""
        aws.call("cloudwatch", "delete_dashboards", DashboardNames=[want["DashboardName"]])

    def comparable(self, properties: Properties) -> Properties:
        """The body as what it says."""
        return {**properties, "DashboardBody": documents.parsed(properties["DashboardBody"])}
