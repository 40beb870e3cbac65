"""Schedules and their groups: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeshift.deploy.adapters import documents
from lakeshift.deploy.adapters.base import Properties
from lakeshift.deploy.adapters.plain import Plain
from lakeshift.deploy.retry import wait_until
from lakeshift.deploy.session import AwsSession

__all__ = ["Schedule", "ScheduleGroup"]


class Schedule(Plain):
    """A schedule; it takes no tags, its group does. UpdateSchedule resets what it is not given, so all is sent."""

    type = "AWS::Scheduler::Schedule"
    identity = ("Name", "GroupName")
    service = "scheduler"
    operation = "schedule"
    key = {"Name": "Name", "GroupName": "GroupName"}
    absent = ("ResourceNotFoundException",)
    tags_as = None

    def parameters(self, want: Properties) -> dict[str, Any]:
        """The target's input is a text."""
        target = dict(want["Target"])
        if "Input" in target:
            target["Input"] = documents.as_text(target["Input"])
        return {**want, "Target": target}

    def comparable(self, properties: Properties) -> Properties:
        """The input as what it says; times without their zone's name."""
        found: dict[str, Any] = dict(properties)
        target = found.get("Target")
        if isinstance(target, dict) and "Input" in target:
            found["Target"] = {**target, "Input": documents.parsed(target["Input"])}
        for key in ("StartDate", "EndDate"):
            if key in found:
                found[key] = documents.moment(found[key])
        return found


class ScheduleGroup(Plain):
    """A group of schedules."""

    type = "AWS::Scheduler::ScheduleGroup"
    identity = ("Name",)
    tagged = ("scheduler", "arn:aws:scheduler:{Region}:{Account}:schedule-group/{Name}")
    service = "scheduler"
    operation = "schedule_group"
    absent = ("ResourceNotFoundException",)
    tags_as = "list"

    def delete(self, aws: AwsSession, want: Properties, live: Any) -> None:
        """With its schedules; gone once AWS no longer shows it."""
        super().delete(aws, want, live)
        wait_until(lambda: self.read(aws, want) is None, f"The end of the schedule group {want['Name']}", 300)

    def shown(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Its name is all there is of it."""
        return {"Name": told["Name"]}
