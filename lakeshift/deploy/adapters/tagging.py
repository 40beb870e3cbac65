"""How each service reads and writes the tags of a resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from lakeshift.deploy.session import AwsSession

__all__ = ["BY_SERVICE", "Tagging"]

Form = Literal["Key", "key", "TagKey", "map"]
_VALUES: Final = {"Key": "Value", "key": "value", "TagKey": "TagValue"}


@dataclass(frozen=True, slots=True)
class Tagging:
    """The call that reads tags and the one that adds them.

    ``names`` is the parameter that says whose; ``form`` how tags look: pairs of ``Key``, ``key`` or ``TagKey``, a map.
    """

    service: str
    read: str
    write: str
    names: str
    form: Form = "Key"
    told: str = "Tags"
    written: str = "Tags"
    written_as: Form | None = None  # where it is not ``form``

    def tags(self, aws: AwsSession, whose: str) -> dict[str, str]:
        """The tags of the resource."""
        found = aws.call(self.service, self.read, **{self.names: whose})
        told = found.get(self.told) or {}
        if self.form == "map":
            return dict(told)
        return {one[self.form]: one.get(_VALUES[self.form], "") for one in told}

    def add(self, aws: AwsSession, whose: str, tags: Mapping[str, str]) -> None:
        """Add ``tags``; those that are there stay."""
        given: Any = dict(tags)
        form = self.written_as or self.form
        if form != "map":
            given = [{form: key, _VALUES[form]: one} for key, one in tags.items()]
        aws.call(self.service, self.write, **{self.names: whose, self.written: given})


_ARN: Final = ("list_tags_for_resource", "tag_resource", "ResourceArn")

# https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
BY_SERVICE: Final[Mapping[str, Tagging]] = {
    "role": Tagging("iam", "list_role_tags", "tag_role", "RoleName"),
    "policy": Tagging("iam", "list_policy_tags", "tag_policy", "PolicyArn"),
    "glue": Tagging("glue", "get_tags", "tag_resource", "ResourceArn", "map", written="TagsToAdd"),
    "sns": Tagging("sns", *_ARN),
    "sqs": Tagging("sqs", "list_queue_tags", "tag_queue", "QueueUrl", "map"),
    "stepfunctions": Tagging(
        "stepfunctions", "list_tags_for_resource", "tag_resource", "resourceArn", "key", "tags", "tags"
    ),
    "firehose": Tagging("firehose", "list_tags_for_delivery_stream", "tag_delivery_stream", "DeliveryStreamName"),
    "datasync": Tagging("datasync", *_ARN),
    "redshift-serverless": Tagging(
        "redshift-serverless", "list_tags_for_resource", "tag_resource", "resourceArn", "key", "tags", "tags"
    ),
    "secretsmanager": Tagging("secretsmanager", "describe_secret", "tag_resource", "SecretId"),
    "logs": Tagging("logs", "list_tags_for_resource", "tag_resource", "resourceArn", "map", "tags", "tags"),
    "events": Tagging("events", "list_tags_for_resource", "tag_resource", "ResourceARN"),
    "scheduler": Tagging("scheduler", *_ARN),
    "cloudwatch": Tagging("cloudwatch", "list_tags_for_resource", "tag_resource", "ResourceARN"),
    "kms": Tagging("kms", "list_resource_tags", "tag_resource", "KeyId", "TagKey"),
    "kinesis": Tagging("kinesis", "list_tags_for_stream", "add_tags_to_stream", "StreamName", written_as="map"),
}
