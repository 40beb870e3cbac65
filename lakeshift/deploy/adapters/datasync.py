"""Locations and tasks: https://docs.aws.amazon.com/datasync/latest/userguide/API_Operations.html.

A location has no name: it is known by its URI. Another host or folder is another location.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from lakeshift.deploy.adapters.base import Adapter, Live, Properties, chosen, tag_list
from lakeshift.deploy.adapters.secrets import resolved
from lakeshift.deploy.session import AwsSession

__all__ = ["LocationNFS", "LocationS3", "LocationSMB", "Task"]

_TASK: Final = ("Name", "Options", "Includes", "Excludes", "Schedule", "CloudWatchLogGroupArn")
_ENDS: Final = ("SourceLocationArn", "DestinationLocationArn")


class _Location(Adapter):
    """What both kinds of location share."""

    tagged = ("datasync", "{LocationArn}")
    operation: ClassVar[str]
    changeable: ClassVar[tuple[str, ...]]

    def uri(self, want: Properties) -> str:
        """The URI that DataSync gives the location."""
        raise NotImplementedError

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """By its URI."""
        uri = self.uri(want)
        for one in aws.pages("datasync", "list_locations", "Locations"):
            if one["LocationUri"] == uri:
                arn = one["LocationArn"]
                told = aws.call("datasync", f"describe_location_{self.operation}", LocationArn=arn)
                properties = {**chosen(want, *self.identity), **chosen(told, *self.changeable)}
                return Live(properties, {"Ref": arn, "LocationArn": arn, "LocationUri": uri})
        return None

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags."""
        aws.call("datasync", f"create_location_{self.operation}", Tags=tag_list(tags), **want)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """What is not part of its URI."""
        given = {name: want[name] for name in changed}
        aws.call("datasync", f"update_location_{self.operation}", LocationArn=live.attributes["Ref"], **given)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its ARN."""
        aws.call("datasync", "delete_location", LocationArn=live.attributes["Ref"])


class LocationNFS(_Location):
    """A folder on a file server."""

    type = "AWS::DataSync::LocationNFS"
    identity = ("ServerHostname", "Subdirectory")
    operation = "nfs"
    changeable = ("OnPremConfig", "MountOptions")

    def uri(self, want: Properties) -> str:
        """``nfs://host/folder/``."""
        return f"nfs://{want['ServerHostname']}/{_folder(want)}"


class LocationSMB(_Location):
    """A folder of a Windows share."""

    type = "AWS::DataSync::LocationSMB"
    identity = ("ServerHostname", "Subdirectory")
    write_only = frozenset({"Password"})
    operation = "smb"
    changeable = ("AgentArns", "MountOptions", "User", "Domain")

    def uri(self, want: Properties) -> str:
        """``smb://host/folder/``."""
        return f"smb://{want['ServerHostname']}/{_folder(want)}"

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """The password may be a secret's."""
        super().create(aws, {**want, "Password": resolved(aws, want["Password"])}, tags)


class LocationS3(_Location):
    """A folder of a bucket."""

    type = "AWS::DataSync::LocationS3"
    identity = ("S3BucketArn", "Subdirectory")
    operation = "s3"
    changeable = ("S3Config", "S3StorageClass")

    def uri(self, want: Properties) -> str:
        """``s3://bucket/folder/``."""
        return f"s3://{want['S3BucketArn'].rpartition(':')[2]}/{_folder(want)}"


class Task(Adapter):
    """A transfer between two locations."""

    type = "AWS::DataSync::Task"
    identity = ("Name",)
    tagged = ("datasync", "{TaskArn}")
    fixed = frozenset(_ENDS)

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """By its name."""
        for one in aws.pages("datasync", "list_tasks", "Tasks"):
            if one.get("Name") == want["Name"]:
                arn = one["TaskArn"]
                return Live(aws.call("datasync", "describe_task", TaskArn=arn), {"Ref": arn, "TaskArn": arn})
        return None

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags."""
        aws.call("datasync", "create_task", Tags=tag_list(tags), **want)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """The parts that differ."""
        given: dict[str, Any] = {name: want[name] for name in changed if name in _TASK}
        aws.call("datasync", "update_task", TaskArn=live.attributes["Ref"], **given)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its ARN."""
        aws.call("datasync", "delete_task", TaskArn=live.attributes["Ref"])


def _folder(want: Properties) -> str:
    inside = str(want.get("Subdirectory", "")).strip("/")
    return f"{inside}/" if inside else ""
