"""Data streams: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_Operations.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.deploy.adapters.base import Adapter, Live, Properties, chosen
from lakeshift.deploy.retry import wait_until
from lakeshift.deploy.session import AwsSession

__all__ = ["Stream"]

_ABSENT: Final = ("ResourceNotFoundException",)
_RETENTION: Final = "RetentionPeriodHours"
_ENCRYPTION: Final = "StreamEncryption"


class Stream(Adapter):
    """A stream; each of its parts changes by a call of its own, and each change is waited for."""

    type = "AWS::Kinesis::Stream"
    identity = ("Name",)
    tagged = ("kinesis", "{Name}")
    holds_data = True

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """One that is being deleted is not there."""
        told = _summary(aws, want)
        if told is None or told["StreamStatus"] == "DELETING":
            return None
        encryption = {"EncryptionType": told.get("EncryptionType"), "KeyId": told.get("KeyId")}
        return Live(
            {
                "Name": told["StreamName"],
                "ShardCount": told["OpenShardCount"],
                _RETENTION: told["RetentionPeriodHours"],
                "StreamModeDetails": told.get("StreamModeDetails", {"StreamMode": "PROVISIONED"}),
                _ENCRYPTION: encryption if encryption["EncryptionType"] == "KMS" else None,
            },
            {"Arn": told["StreamARN"]},
        )

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """The stream, its tags, then what CreateStream does not take."""
        given = chosen(want, "ShardCount", "StreamModeDetails")
        aws.call("kinesis", "create_stream", StreamName=want["Name"], **given)
        _wait(aws, want)
        aws.call("kinesis", "add_tags_to_stream", StreamName=want["Name"], Tags=dict(tags))
        live = self.read(aws, want) or Live({_RETENTION: 24})
        later = {key for key in (_RETENTION, _ENCRYPTION) if key in want}
        self.update(aws, want, live, frozenset(later))

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Mode, shards, retention, encryption, one after the other."""
        name = {"StreamName": want["Name"]}
        if "StreamModeDetails" in changed:
            mode = want["StreamModeDetails"]
            _change(aws, want, "update_stream_mode", StreamARN=live.attributes["Arn"], StreamModeDetails=mode)
        if "ShardCount" in changed:
            count = want["ShardCount"]
            _change(aws, want, "update_shard_count", **name, TargetShardCount=count, ScalingType="UNIFORM_SCALING")
        if _RETENTION in changed and int(want[_RETENTION]) != live.properties[_RETENTION]:
            longer, hours = int(want[_RETENTION]) > live.properties[_RETENTION], want[_RETENTION]
            way = "increase_stream_retention_period" if longer else "decrease_stream_retention_period"
            _change(aws, want, way, **name, RetentionPeriodHours=hours)
        if _ENCRYPTION in changed:
            _change(aws, want, "start_stream_encryption", **name, **want[_ENCRYPTION])

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """With the records in it; gone once AWS no longer shows it."""
        aws.call("kinesis", "delete_stream", StreamName=want["Name"], EnforceConsumerDeletion=True)
        wait_until(lambda: _summary(aws, want) is None, f"The end of the stream {want['Name']}", 300)


def _summary(aws: AwsSession, want: Properties) -> dict[str, Any] | None:
    found = aws.find("kinesis", "describe_stream_summary", _ABSENT, StreamName=want["Name"])
    return None if found is None else found["StreamDescriptionSummary"]


def _change(aws: AwsSession, want: Properties, operation: str, **parameters: Any) -> None:
    aws.call("kinesis", operation, **parameters)
    _wait(aws, want)


def _wait(aws: AwsSession, want: Properties) -> None:
    def active() -> bool:
        told = _summary(aws, want)
        return told is not None and told["StreamStatus"] == "ACTIVE"

    wait_until(active, f"The stream {want['Name']}", 600)
