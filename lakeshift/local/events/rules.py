"""EventBridge made to act: rules deliver, S3 speaks, targets that would not be reached are refused."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any, Final

from moto.events.exceptions import ValidationException

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.events import bus, targets
from lakeshift.local.stepfunctions.symbols import replace, symbol

__all__ = ["install_rules", "install_s3"]

_REASONS: Final = {
    "Put": "PutObject",
    "Post": "POST Object",
    "Copy": "CopyObject",
    "CompleteMultipartUpload": "CompleteMultipartUpload",
    "Delete": "DeleteObject",
    "DeleteMarkerCreated": "DeleteObject",
}


def install_rules() -> None:
    """Rules send to every target, asynchronously; PutTargets refuses what cannot be sent to."""

    def send_to_targets(self: Any, original_event: dict[str, Any], transform_input: bool = True) -> None:  # noqa: ARG001
        event = {**original_event, "time": _iso(original_event.get("time"))}
        event.pop("ingestion-time", None)
        bus.send(self, event)

    def put_targets(self: Any, name: str, event_bus_arn: str | None, targets_: list[dict[str, Any]]) -> None:
        for target in targets_:
            try:
                targets.check(target["Arn"])
            except NotSupportedLocallyError as refused:
                raise ValidationException(str(refused)) from refused
        put_always(self, name, event_bus_arn, targets_)

    replace("moto.events.models:Rule.send_to_targets", send_to_targets)
    put_always = replace("moto.events.models:EventsBackend.put_targets", put_targets)


def _iso(moment: Any) -> str:
    when = datetime.fromtimestamp(float(moment), UTC) if isinstance(moment, int | float) else None
    return f"{when:%Y-%m-%dT%H:%M:%SZ}" if when else str(moment or f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")


def install_s3() -> None:
    """S3's events, for buckets with EventBridge on; moto's own have constants for sequencer, requester and reason.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    detail_type = symbol("moto.s3.notifications:_detail_type")

    def send(account_id: str, bucket: Any, event_name: str, key: Any) -> None:
        name = str(getattr(event_name, "value", event_name))
        if "ObjectTagging" in name:
            return  # moto says so on every PUT, tags or none
        kind = detail_type(name)
        bus.emit("aws.s3", kind, _detail(account_id, bucket, name, key, kind), [bucket.arn])

    replace("moto.s3.notifications:_send_event_bridge_message", send)


def _detail(account: str, bucket: Any, event_name: str, key: Any, kind: str) -> dict[str, Any]:
    object_: dict[str, Any] = {"key": getattr(key, "name", key), "sequencer": f"{time.time_ns():016X}"}
    if kind == "Object Created":
        object_ |= {"size": key.size, "etag": key.etag.strip('"')}
    version = getattr(key, "version_id", None)
    if version and version != "null":
        object_["version-id"] = version
    cause = event_name.rpartition(":")[2]
    detail = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": object_,
        "requester": account,
        "reason": _REASONS.get(cause, cause),
    }
    if kind == "Object Deleted":
        marker = cause == "DeleteMarkerCreated"
        detail["deletion-type"] = "Delete Marker Created" if marker else "Permanently Deleted"
    return detail
