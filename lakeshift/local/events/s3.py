"""S3's events: to the bus of a bucket with EventBridge on, and to the queues and topics it names.

moto's own have constants for sequencer, requester and reason, and tell of tags on every PUT.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import itertools
import json
import time
import uuid
from typing import Any, Final
from urllib.parse import quote_plus

from lakeshift.local import clock, state
from lakeshift.local.events import bus
from lakeshift.local.stepfunctions.clients import instant
from lakeshift.local.stepfunctions.symbols import replace, symbol

__all__ = ["install_s3"]

_REASONS: Final = {
    "Put": "PutObject",
    "Post": "POST Object",
    "Copy": "CopyObject",
    "CompleteMultipartUpload": "CompleteMultipartUpload",
    "Delete": "DeleteObject",
    "DeleteMarkerCreated": "DeleteObject",
}
_numbers = itertools.count()


def install_s3() -> None:
    """Put our messages in the place of moto's."""
    detail_type = symbol("moto.s3.notifications:_detail_type")

    def send(account_id: str, bucket: Any, event_name: Any, key: Any) -> None:
        name = _name(event_name)
        kind = detail_type(name)
        bus.emit("aws.s3", kind, _detail(account_id, bucket, name, key, kind), [bucket.arn])

    def send_event(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        if bucket.notification_configuration is not None and not _is_bogus(event_name, key):
            send_always(account_id, event_name, bucket, key)
            state.changed("sqs")
            state.changed("sns")

    replace("moto.s3.notifications:_send_event_bridge_message", send)
    replace("moto.s3.notifications:_get_s3_event", _record)
    send_always = replace("moto.s3.notifications:send_event", send_event)


def _name(event_name: Any) -> str:
    return str(getattr(event_name, "value", event_name))


def _is_bogus(event_name: Any, key: Any) -> bool:
    """Whether it tells of tags that came with a PUT: moto says so of every one, AWS tells of the PUT alone."""
    if "ObjectTagging:Put" not in _name(event_name):
        return False
    from flask import has_request_context, request

    return not (has_request_context() and "tagging" in request.args) or key is None


def _sequencer() -> str:
    """Grows with each event, also of one object within one tick of the clock."""
    return f"{time.time_ns() + next(_numbers) % 1000:016X}"


def _version(key: Any) -> str | None:
    version = getattr(key, "version_id", None)
    return str(version) if version and version != "null" else None


def _detail(account: str, bucket: Any, event_name: str, key: Any, kind: str) -> dict[str, Any]:
    object_: dict[str, Any] = {"key": getattr(key, "name", key), "sequencer": _sequencer()}
    if kind == "Object Created":
        object_ |= {"size": key.size, "etag": key.etag.strip('"')}
    version = _version(key)
    if version is not None:
        object_["version-id"] = version
    cause = event_name.rpartition(":")[2]
    detail = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": object_,
        "request-id": uuid.uuid4().hex[:16].upper(),
        "requester": account,
        "source-ip-address": "127.0.0.1",
    }
    if kind in ("Object Created", "Object Deleted"):
        detail["reason"] = _REASONS.get(cause, cause)
    if kind == "Object Deleted":
        marker = cause == "DeleteMarkerCreated"
        detail["deletion-type"] = "Delete Marker Created" if marker else "Permanently Deleted"
    return detail


def _record(event_name: str, bucket: Any, key: Any, notification_id: str) -> dict[str, Any]:
    """The message that a queue or a topic gets."""
    name = _name(event_name).removeprefix("s3:")
    object_: dict[str, Any] = {"key": quote_plus(key.name, safe="/"), "sequencer": _sequencer()}
    if name.startswith("ObjectCreated"):
        object_ |= {"size": key.size, "eTag": key.etag.strip('"')}
    version = _version(key)
    if version is not None:
        object_["versionId"] = version
    owner = {"principalId": "local"}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": instant(clock.now()),
        "eventName": name,
        "userIdentity": owner,
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": uuid.uuid4().hex[:16].upper(), "x-amz-id-2": "local"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": notification_id,
            "bucket": {"name": bucket.name, "ownerIdentity": owner, "arn": bucket.arn},
            "object": object_,
        },
    }
    document: dict[str, Any] = json.loads(json.dumps({"Records": [record]}))
    return document
