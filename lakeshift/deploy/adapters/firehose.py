"""Delivery streams: https://docs.aws.amazon.com/firehose/latest/APIReference/API_Operations.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.deploy.adapters.base import Adapter, Live, Properties, tag_list
from lakeshift.deploy.retry import wait_until
from lakeshift.deploy.session import AwsSession

__all__ = ["DeliveryStream"]

_ABSENT: Final = ("ResourceNotFoundException",)
_CONFIGURATION: Final = "ExtendedS3DestinationConfiguration"
_SOURCE: Final = "KinesisStreamSourceConfiguration"


class DeliveryStream(Adapter):
    """A stream that delivers to S3."""

    type = "AWS::KinesisFirehose::DeliveryStream"
    identity = ("DeliveryStreamName",)
    tagged = ("firehose", "{Name}")
    fixed = frozenset({"DeliveryStreamType", _SOURCE})

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """Its first destination; Firehose allows no more."""
        found = _describe(aws, want)
        if found is None:
            return None
        first = found["Destinations"][0]
        source = found.get("Source", {}).get("KinesisStreamSourceDescription")
        return Live(
            {
                "DeliveryStreamName": want["DeliveryStreamName"],
                "DeliveryStreamType": found["DeliveryStreamType"],
                _CONFIGURATION: _backup(first.get("ExtendedS3DestinationDescription", {}), "Description"),
                _SOURCE: source,
            },
            {"version": found["VersionId"], "destination": first["DestinationId"]},
        )

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags; returns once it takes records."""
        aws.call("firehose", "create_delivery_stream", Tags=tag_list(tags), **want)
        wait_until(lambda: _is_active(aws, want), f"The delivery stream {want['DeliveryStreamName']}", 300)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """The destination, whole."""
        aws.call(
            "firehose",
            "update_destination",
            DeliveryStreamName=want["DeliveryStreamName"],
            CurrentDeliveryStreamVersionId=live.attributes["version"],
            DestinationId=live.attributes["destination"],
            ExtendedS3DestinationUpdate=_backup(want[_CONFIGURATION], "Configuration", "Update"),
        )

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its name."""
        aws.call("firehose", "delete_delivery_stream", DeliveryStreamName=want["DeliveryStreamName"])


def _describe(aws: AwsSession, want: Properties) -> dict[str, Any] | None:
    name = want["DeliveryStreamName"]
    found = aws.find("firehose", "describe_delivery_stream", _ABSENT, DeliveryStreamName=name)
    return None if found is None else found["DeliveryStreamDescription"]


def _is_active(aws: AwsSession, want: Properties) -> bool:
    found = _describe(aws, want)
    return found is not None and found["DeliveryStreamStatus"] == "ACTIVE"


def _backup(destination: Mapping[str, Any], named: str, becomes: str = "Configuration") -> dict[str, Any]:
    """The backup of the source has another name in each call."""
    return {f"S3Backup{becomes}" if key == f"S3Backup{named}" else key: value for key, value in destination.items()}
