"""Jobs and crawlers: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from lakeshift.deploy.adapters import documents
from lakeshift.deploy.adapters.base import Adapter, Live, Properties
from lakeshift.deploy.retry import wait_until
from lakeshift.deploy.session import AwsSession, error_code

__all__ = ["Crawler", "Job"]

_ABSENT: Final = ("EntityNotFoundException",)


class Job(Adapter):
    """A job; UpdateJob takes the whole definition and resets what it is not given, so all of it is sent."""

    type = "AWS::Glue::Job"
    identity = ("Name",)
    tagged = ("glue", "arn:aws:glue:{Region}:{Account}:job/{Name}")

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """The API has CloudFormation's names."""
        found = aws.find("glue", "get_job", _ABSENT, JobName=want["Name"])
        return None if found is None else Live(found["Job"])

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags."""
        aws.call("glue", "create_job", Tags=dict(tags), **want)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateJob.html."""
        update = {key: value for key, value in want.items() if key != "Name"}
        aws.call("glue", "update_job", JobName=want["Name"], JobUpdate=update)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its name."""
        aws.call("glue", "delete_job", JobName=want["Name"])


class Crawler(Adapter):
    """A crawler; one that runs is waited for before it is changed."""

    type = "AWS::Glue::Crawler"
    identity = ("Name",)
    tagged = ("glue", "arn:aws:glue:{Region}:{Account}:crawler/{Name}")

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """The schedule as CloudFormation has it."""
        found = aws.find("glue", "get_crawler", _ABSENT, Name=want["Name"])
        return None if found is None else Live(found["Crawler"])

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags."""
        aws.call("glue", "create_crawler", Tags=dict(tags), **_parameters(want))

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Whole."""
        wait_until(lambda: _done(aws, "update_crawler", _parameters(want)), f"The crawler {want['Name']}")

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its name."""
        wait_until(lambda: _done(aws, "delete_crawler", {"Name": want["Name"]}), f"The crawler {want['Name']}")

    def comparable(self, properties: Properties) -> Properties:
        """Configuration as what it says; a role by its name, as GetCrawler answers either."""
        found: dict[str, Any] = dict(properties)
        if "Configuration" in found:
            found["Configuration"] = documents.parsed(found["Configuration"])
        if isinstance(found.get("Role"), str):
            found["Role"] = found["Role"].rpartition("/")[2]
        return found


def _parameters(want: Properties) -> dict[str, Any]:
    found = dict(want)
    if "Schedule" in found:
        found["Schedule"] = found["Schedule"].get("ScheduleExpression", "")
    if "Configuration" in found:
        found["Configuration"] = documents.as_text(found["Configuration"])
    return found


def _done(aws: AwsSession, operation: str, parameters: Mapping[str, Any]) -> bool:
    try:
        aws.call("glue", operation, **parameters)
    except ClientError as error:
        if error_code(error) != "CrawlerRunningException":
            raise
        return False
    return True
