"""Restored copies of archived objects: requested, ready after the tier's time, gone when they expire; by the one clock.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from moto.s3.exceptions import InvalidObjectState, S3ClientError

from lakeshift.local import clock
from lakeshift.local.s3.ledger import Ledger, Stamp
from lakeshift.local.s3.lifecycle_due import due_at
from lakeshift.local.s3.objects import ARCHIVED_CLASSES, FileKey, restore_header

__all__ = ["DURATIONS", "Restores"]

# The longest that AWS states: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html
DURATIONS: Final = {
    ("GLACIER", "Expedited"): timedelta(minutes=5),
    ("GLACIER", "Standard"): timedelta(hours=5),
    ("GLACIER", "Bulk"): timedelta(hours=12),
    ("DEEP_ARCHIVE", "Standard"): timedelta(hours=12),
    ("DEEP_ARCHIVE", "Bulk"): timedelta(hours=48),
}
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS restores (bucket TEXT, key TEXT, inode INTEGER, size INTEGER, mtime_ns INTEGER, "
    "ready REAL, expires REAL, done INTEGER, PRIMARY KEY (bucket, key, inode))"
)


class ConflictError(S3ClientError):
    """The restore is under way."""

    code = 409


@dataclass(frozen=True, slots=True)
class _Restore:
    bucket: str
    key: str
    stamp: Stamp
    ready: float
    expires: float
    done: bool


class Restores:
    """All restores of this local AWS, kept in the ledger's file."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        ledger.execute(_TABLE)

    def request(self, key: FileKey, days: str | None, tier: str, kind: str | None) -> bool:
        """Ask for a copy; whether there was one already (then only its expiry is moved).

        Raises InvalidObjectState, MalformedXML, InvalidArgument, RestoreAlreadyInProgress, NotImplemented.
        """
        if kind is not None:
            raise S3ClientError("NotImplemented", "RestoreObject with SELECT is not done locally: restore, then query.")
        if key.storage_class not in ARCHIVED_CLASSES:
            raise InvalidObjectState(storage_class=key.storage_class)
        if days is None or not days.isdigit() or int(days) < 1:
            raise S3ClientError("MalformedXML", "The XML you provided was not well-formed: Days is a positive integer")
        took = DURATIONS.get((str(key.storage_class), tier))
        if took is None:
            raise S3ClientError("InvalidArgument", f"The tier {tier} is not one of the class {key.storage_class}")
        now = clock.now()
        found: tuple[float, float] | None = key.__dict__.get("_restore")
        told = restore_header(found, now.timestamp()) or ""
        if "true" in told:
            raise ConflictError("RestoreAlreadyInProgress", "Object restore is already in progress")
        ready = now if told else now + took
        expires = due_at(ready, int(days)).timestamp()
        key.__dict__["_restore"] = (ready.timestamp(), expires)
        key.save()
        self._ledger.execute(
            "INSERT OR REPLACE INTO restores VALUES (?,?,?,?,?,?,?,?)",
            *(key.bucket_name, key.name, *key.stamp, ready.timestamp(), expires, int(bool(told))),
        )
        clock.CLOCK.wake()
        return bool(told)

    def next(self) -> datetime | None:
        """When something is next due."""
        found = self._ledger.execute("SELECT min(CASE WHEN done THEN expires ELSE ready END) FROM restores")[0][0]
        return None if found is None else datetime.fromtimestamp(float(str(found)), UTC)

    def due(self, now: float) -> list[_Restore]:
        """What has become ready or has expired."""
        rows: list[Any] = self._ledger.execute(
            "SELECT * FROM restores WHERE (NOT done AND ready <= ?) OR expires <= ? ORDER BY bucket, key", now, now
        )
        return [_Restore(row[0], row[1], Stamp(*row[2:5]), row[5], row[6], bool(row[7])) for row in rows]

    def finished(self, one: _Restore, now: float) -> None:
        """Note that a restore's copy is there, or forget one that has expired."""
        named = (one.bucket, one.key, one.stamp.inode)
        if one.expires <= now:
            self._ledger.execute("DELETE FROM restores WHERE bucket=? AND key=? AND inode=?", *named)
        else:
            self._ledger.execute("UPDATE restores SET done=1 WHERE bucket=? AND key=? AND inode=?", *named)
