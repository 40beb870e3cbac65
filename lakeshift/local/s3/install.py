"""Put the folder-backed S3 under moto."""

from __future__ import annotations

from typing import Any

from moto.s3 import models, notifications, responses
from moto.s3.models import s3_backends

from lakeshift.local.context import LocalContext
from lakeshift.local.s3.backend import LocalBucket, LocalS3Backend
from lakeshift.local.s3.journal import Change, JournalReader
from lakeshift.local.s3.ledger import Ledger
from lakeshift.local.s3.objects import FileKey
from lakeshift.local.s3.responses import LocalS3Response
from lakeshift.local.s3.store import FolderKeyStore

__all__ = ["install", "notify_written"]

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
    responses.S3Response = LocalS3Response  # moto.s3.urls is imported anew from it
    journal = JournalReader(context.lake, LocalBucket.ledger, _take_in, _tell)
    FolderKeyStore.catch_up = staticmethod(journal.read)
    _installed.update(context=context, journal=journal.start())


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
