"""Buckets and their policies: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from lakeshift.deploy.adapters import documents, s3_notifications
from lakeshift.deploy.adapters.base import Adapter, Live, Properties, tag_list
from lakeshift.deploy.adapters.s3_lifecycle import from_api, to_api
from lakeshift.deploy.session import AwsSession
from lakeshift.errors import LakeshiftError

__all__ = ["Bucket", "BucketPolicy"]

_NO_BUCKET: Final = ("404", "NoSuchBucket", "NotFound")
_NOT_SET: Final = (
    "ServerSideEncryptionConfigurationNotFoundError",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchLifecycleConfiguration",
)
_BLOCK: Final = "PublicAccessBlockConfiguration"


class Bucket(Adapter):
    """A bucket and its configurations, each of which has a call of its own."""

    type = "AWS::S3::Bucket"
    identity = ("BucketName",)
    holds_data = True

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """Only the configurations that ``want`` has are read."""
        name = want["BucketName"]
        if aws.find("s3", "head_bucket", _NO_BUCKET, Bucket=name) is None:
            return None
        found = {key: read(aws, name) for key, (read, _) in _PARTS.items() if key in want}
        return Live({"BucketName": name, **{key: value for key, value in found.items() if value is not None}})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """The bucket, its tags, then every configuration."""
        place = {} if aws.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
        aws.call("s3", "create_bucket", Bucket=want["BucketName"], **place)
        aws.call("s3", "put_bucket_tagging", Bucket=want["BucketName"], Tagging={"TagSet": tag_list(tags)})
        self.update(aws, want, Live({}), frozenset(want))

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Write the configurations that differ, whole."""
        for key, (_, write) in _PARTS.items():
            if key in changed and key in want:
                write(aws, want["BucketName"], want[key])

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """Delete an empty bucket; S3 refuses one that is not."""
        aws.call("s3", "delete_bucket", Bucket=want["BucketName"])

    def tags(self, aws: AwsSession, want: Properties, live: Live) -> Mapping[str, str]:
        """None is an error of S3's."""
        found = aws.find("s3", "get_bucket_tagging", ("NoSuchTagSet",), Bucket=want["BucketName"]) or {}
        return {one["Key"]: one["Value"] for one in found.get("TagSet", [])}

    def tag(self, aws: AwsSession, want: Properties, live: Live, tags: Mapping[str, str]) -> None:
        """S3 replaces all tags, so those that are there are sent again."""
        listed = {**self.tags(aws, want, live), **tags}
        aws.call("s3", "put_bucket_tagging", Bucket=want["BucketName"], Tagging={"TagSet": tag_list(listed)})

    def empty(self, aws: AwsSession, want: Properties) -> None:
        """Every version of every object."""
        name = want["BucketName"]
        for kind in ("Versions", "DeleteMarkers"):
            listed = aws.pages("s3", "list_object_versions", kind, Bucket=name)
            keys = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed]
            for start in range(0, len(keys), 1000):
                batch = {"Objects": keys[start : start + 1000], "Quiet": True}
                failed = aws.call("s3", "delete_objects", Bucket=name, Delete=batch).get("Errors")
                if failed:
                    told = f"{failed[0]['Key']}: {failed[0].get('Message')}"
                    raise LakeshiftError(f"{name} was not emptied: {len(failed)} objects stay, the first {told}")

    def comparable(self, properties: Properties) -> Properties:
        """Notifications in order."""
        found: dict[str, Any] = dict(properties)
        if isinstance(found.get("NotificationConfiguration"), dict):
            given = found["NotificationConfiguration"]
            found["NotificationConfiguration"] = {
                key: sorted(value, key=str) if isinstance(value, list) else value for key, value in given.items()
            }
        return found


class BucketPolicy(Adapter):
    """The policy of a bucket."""

    type = "AWS::S3::BucketPolicy"
    identity = ("Bucket",)

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """The policy as a document."""
        absent = (*_NO_BUCKET, "NoSuchBucketPolicy")
        found = aws.find("s3", "get_bucket_policy", absent, Bucket=want["Bucket"])
        return None if found is None else Live({"Bucket": want["Bucket"], "PolicyDocument": found["Policy"]})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """Put it; a policy takes no tags."""
        text = documents.as_text(want["PolicyDocument"])
        aws.call("s3", "put_bucket_policy", Bucket=want["Bucket"], Policy=text)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Put it whole."""
        self.create(aws, want, {})

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """Take it off the bucket."""
        aws.call("s3", "delete_bucket_policy", Bucket=want["Bucket"])

    def comparable(self, properties: Properties) -> Properties:
        """The document in one form."""
        return {**properties, "PolicyDocument": documents.policy(properties["PolicyDocument"])}


def _read_versioning(aws: AwsSession, name: str) -> Any:
    status = aws.call("s3", "get_bucket_versioning", Bucket=name).get("Status")
    return None if status is None else {"Status": status}


def _write_versioning(aws: AwsSession, name: str, value: Any) -> None:
    aws.call("s3", "put_bucket_versioning", Bucket=name, VersioningConfiguration=value)


def _read_encryption(aws: AwsSession, name: str) -> Any:
    found = aws.find("s3", "get_bucket_encryption", _NOT_SET, Bucket=name)
    if found is None:
        return None
    rules = found["ServerSideEncryptionConfiguration"]["Rules"]
    return {
        "ServerSideEncryptionConfiguration": [
            {
                "ServerSideEncryptionByDefault": rule.get("ApplyServerSideEncryptionByDefault"),
                "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
            }
            for rule in rules
        ]
    }


def _write_encryption(aws: AwsSession, name: str, value: Any) -> None:
    names = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
    rules = [
        {names.get(key, key): one for key, one in rule.items()} for rule in value["ServerSideEncryptionConfiguration"]
    ]
    configuration = {"Rules": rules}
    aws.call("s3", "put_bucket_encryption", Bucket=name, ServerSideEncryptionConfiguration=configuration)


def _read_block(aws: AwsSession, name: str) -> Any:
    found = aws.find("s3", "get_public_access_block", _NOT_SET, Bucket=name)
    return None if found is None else found[_BLOCK]


def _write_block(aws: AwsSession, name: str, value: Any) -> None:
    aws.call("s3", "put_public_access_block", Bucket=name, **{_BLOCK: value})


def _read_notification(aws: AwsSession, name: str) -> Any:
    return s3_notifications.from_api(aws.call("s3", "get_bucket_notification_configuration", Bucket=name))


def _write_notification(aws: AwsSession, name: str, value: Any) -> None:
    configuration = s3_notifications.to_api(value, name)
    aws.call("s3", "put_bucket_notification_configuration", Bucket=name, NotificationConfiguration=configuration)


_SMALLEST: Final = "TransitionDefaultMinimumObjectSize"


def _read_lifecycle(aws: AwsSession, name: str) -> Any:
    found = aws.find("s3", "get_bucket_lifecycle_configuration", _NOT_SET, Bucket=name)
    if found is None:
        return None
    smallest = found.get(_SMALLEST)
    return {"Rules": [from_api(rule) for rule in found["Rules"]]} | ({_SMALLEST: smallest} if smallest else {})


def _write_lifecycle(aws: AwsSession, name: str, value: Any) -> None:
    configuration = {"Rules": [to_api(rule) for rule in value["Rules"]]}
    more = {_SMALLEST: value[_SMALLEST]} if _SMALLEST in value else {}
    aws.call("s3", "put_bucket_lifecycle_configuration", Bucket=name, LifecycleConfiguration=configuration, **more)


_Read = Callable[[AwsSession, str], Any]
_Write = Callable[[AwsSession, str, Any], None]
_PARTS: Final[Mapping[str, tuple[_Read, _Write]]] = {
    "VersioningConfiguration": (_read_versioning, _write_versioning),
    "BucketEncryption": (_read_encryption, _write_encryption),
    _BLOCK: (_read_block, _write_block),
    "NotificationConfiguration": (_read_notification, _write_notification),
    "LifecycleConfiguration": (_read_lifecycle, _write_lifecycle),
}
