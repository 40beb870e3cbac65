"""Put the folder-backed S3 under moto."""

from __future__ import annotations

from typing import Any

from moto.s3 import models, notifications, responses
from moto.s3.models import s3_backends

from lakeshift.local import clock, events
from lakeshift.local.context import LocalContext
from lakeshift.local.s3.backend import LocalBucket, LocalS3Backend
from lakeshift.local.s3.crc import compute_checksum
from lakeshift.local.s3.journal import Change, JournalReader
from lakeshift.local.s3.ledger import Ledger
from lakeshift.local.s3.lifecycle_sweep import Sweeper
from lakeshift.local.s3.objects import FileKey
from lakeshift.local.s3.responses import LocalS3Response
from lakeshift.local.s3.restores import Restores
from lakeshift.local.s3.storage_metrics import put_storage
from lakeshift.local.s3.store import FolderKeyStore

__all__ = ["close", "install", "notify_written", "restore", "resume"]

_LEDGER = "s3-objects.sqlite"
_installed: dict[str, Any] = {}


def install(context: LocalContext) -> None:
    """Replace moto's S3; must run before the first request."""
    _stop_previous()
    LocalBucket.lake = context.lake
    LocalBucket.ledger = Ledger(context.state.services / _LEDGER)
    models.FakeBucket, models.FakeKey = LocalBucket, FileKey
    s3_backends.backend = LocalS3Backend
    s3_backends.clear()
    s3_backends.bucket_accounts.clear()
    models.compute_checksum = responses.compute_checksum = compute_checksum
    LocalS3Response.restore = staticmethod(restore)
    responses.S3Response = LocalS3Response  # moto.s3.urls is imported anew from it
    journal = JournalReader(context.lake, LocalBucket.ledger, _take_in, _tell)
    FolderKeyStore.catch_up = staticmethod(journal.read)
    _installed.update(context=context, journal=journal.start(), restores=Restores(LocalBucket.ledger))


def resume(_context: LocalContext) -> None:
    """Carry out lifecycle rules and restores from now on."""
    sweeper = Sweeper(_buckets, _installed["restores"], _say, put_storage).start()
    _installed["sweeper"] = sweeper
    clock.on_move("lifecycle", sweeper.report)


def close(_context: LocalContext) -> None:
    """Stop carrying them out."""
    sweeper = _installed.pop("sweeper", None)
    if sweeper is not None:
        clock.on_move("lifecycle", list)
        sweeper.stop()


def restore(key: FileKey, days: str | None, tier: str, kind: str | None) -> bool:
    """RestoreObject; whether a copy was there already."""
    restores: Restores = _installed["restores"]
    there = restores.request(key, days, tier, kind)
    if not there:
        _say(_bucket(str(key.bucket_name)), key.name, "Object Restore Initiated", {})
    return there


def _buckets() -> list[Any]:
    context: LocalContext = _installed["context"]
    return list(s3_backends[context.account]["aws"].buckets.values())


def _say(bucket: Any, key: str, kind: str, more: dict[str, Any]) -> None:
    """Send an event of a bucket that sends its events to EventBridge.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    configuration = bucket.notification_configuration
    if configuration is None or configuration.event_bridge is None:
        return
    version = more.pop("version-id", None)
    detail = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": {"key": key, **({"version-id": version} if version else {})},
        "requester": "s3.amazonaws.com",
        **more,
    }
    events.emit("aws.s3", kind, detail, [bucket.arn])


def _stop_previous() -> None:
    journal = _installed.pop("journal", None)
    if journal is not None:
        journal.stop()
        LocalBucket.ledger.close()


def notify_written(bucket: str, key: str, removed: bool = False) -> None:
    """Say that an object was written (or removed) as a file: its version is taken in and its event is sent.

    For rooms that write to the lake without the S3 API. Does nothing for an unknown bucket.
    """
    _tell(Change(removed, bucket, key))


def _bucket(name: str) -> Any:
    context: LocalContext = _installed["context"]
    return s3_backends[context.account]["aws"].buckets.get(name)


def _take_in(change: Change) -> None:
    bucket = _bucket(change.bucket)
    if bucket is not None and bucket.is_versioned:
        bucket.keys.take_in(change.key, change.inode, change.removed, change.millis)


def _tell(change: Change) -> None:
    """Send the event of a change; of a write only while the object is there, for its ETag is part of the event."""
    context: LocalContext = _installed["context"]
    bucket = _bucket(change.bucket)
    if bucket is None or (bucket.notification_configuration is None and bucket.versioning_status is None):
        return
    found = bucket.keys.get(change.key)
    names = notifications.S3NotificationEvent
    event = names.OBJECT_CREATED_PUT_EVENT
    if change.removed:
        marker = bucket.is_versioned
        event = names.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT if marker else names.OBJECT_REMOVED_DELETE_EVENT
        found = FileKey(change.key, b"", context.account, "aws", bucket_name=change.bucket)
    if isinstance(found, FileKey):
        notifications.send_event(context.account, event, bucket, found)
