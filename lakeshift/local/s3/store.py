"""A bucket's objects as moto's key store, over a folder of plain files.

The file at the key is always the current version. In a versioned bucket every version's bytes also have a hard link
``.versions/<bucket>/<inode>``, so that they survive when Spark, DuckDB or a person replaces or removes the file by
rename or unlink. Whatever was done to the folder from outside is taken in when the key is next looked at, and for
Spark already when its journal is read.
"""

from __future__ import annotations

import itertools
import logging
import os
import pickle
import shutil
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias

from moto.core.utils import utcnow
from moto.s3 import models
from moto.s3.utils import _VersionedKeyStore

from lakeshift.lake import FolderLake, NoSuchBucketError, NoSuchKeyError, ObjectInfo, bucket_name_fault
from lakeshift.lake.names import ARCHIVED_SUFFIX, UPLOAD_SUFFIX
from lakeshift.local.s3.ledger import Ledger, Row, Stamp
from lakeshift.local.s3.objects import ARCHIVED_CLASSES, FileKey, delete_marker, facts_of, marker_facts

__all__ = ["VERSIONS_FOLDER", "FolderKeyStore", "Versions"]

VERSIONS_FOLDER: Final = ".versions"
_ENABLED_SUFFIX: Final = ".enabled"
_NO_STAMP: Final = Stamp(0, 0, 0)
_TICK: Final = timedelta(microseconds=1)

_log = logging.getLogger(__name__)

Version: TypeAlias = Any  # a FileKey or moto's FakeDeleteMarker


class Versions:
    """Hard links to the bytes of every version of one bucket, named by inode."""

    def __init__(self, lake: FolderLake, bucket: str) -> None:
        self.folder = lake.root / VERSIONS_FOLDER / bucket
        self._enabled = lake.root / VERSIONS_FOLDER / f"{bucket}{_ENABLED_SUFFIX}"

    def path(self, inode: int) -> Path:
        """Where the bytes of the file ``inode`` are kept."""
        return self.folder / str(inode)

    def keep(self, file: Path, inode: int) -> None:
        """Hold on to the bytes of ``file``, which may be gone already if its writer kept them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file, self.path(inode))
        except (FileExistsError, FileNotFoundError):
            return

    def drop(self, inode: int) -> None:
        """Let go of a version's bytes."""
        self.path(inode).unlink(missing_ok=True)

    def enable(self, on: bool) -> None:
        """Tell writers outside this process whether to keep what they write."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        if on:
            self.folder.mkdir(exist_ok=True)
            self._enabled.touch()
        else:
            self._enabled.unlink(missing_ok=True)

    def remove(self) -> None:
        """The bucket is gone."""
        self.enable(on=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class FolderKeyStore(_VersionedKeyStore):
    """What moto takes for its dict of key → versions, oldest first."""

    catch_up: ClassVar[Any] = staticmethod(lambda: None)  # reads the journals: order matters to versions

    def __init__(self, bucket: Any, lake: FolderLake, ledger: Ledger) -> None:
        super().__init__()
        self._bucket, self._lake, self._ledger = bucket, lake, ledger
        self._lock = threading.RLock()
        self.versions = Versions(lake, bucket.name)

    # -- reading ---------------------------------------------------------------------------------------------------

    def getlist(self, key: str, default: Any = None) -> Any:
        """Versions of ``key``, oldest first, or ``default``."""
        return self._read(key) or default

    def __getitem__(self, key: str) -> Version:
        found = self._read(key)
        if not found:
            raise KeyError(key)
        return found[-1]

    def __contains__(self, key: object) -> bool:
        return bool(self._read(str(key)))

    def __iter__(self) -> Iterator[str]:
        folder = {info.key for info in self._lake.list(self._bucket.name)}
        return iter(sorted(folder | (self._ledger.keys(self._bucket.name) if self._ever_versioned else set())))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None

    def _self_iterable(self) -> dict[str, Any]:
        return {key: versions for key in self if (versions := self._read(key))}

    def item_size(self) -> int:
        """Bytes of the current versions."""
        return sum(info.size for info in self._lake.list(self._bucket.name))

    def page(self, found: list[ObjectInfo]) -> list[FileKey]:
        """Current objects of a listing, in its order; one query for all of them."""
        if not found:
            return []
        rows = self._ledger.newest(self._bucket.name, found[0].key, found[-1].key)
        page = []
        for info in found:
            row = rows.get(info.key)
            holds = row is not None and row.stamp == Stamp.of(info)
            if not holds and self._ever_versioned:
                self._read(info.key)  # takes the change in
                row = next(iter(self._ledger.rows(self._bucket.name, info.key)[-1:]), None)
                holds = row is not None and row.stamp == Stamp.of(info)
            page.append(FileKey.of(self._bucket, info, row if holds else None, self._ledger, info.path))
        return page

    def _read(self, key: str) -> list[Version]:
        self._settle()
        with self._lock:
            info = self._head(key)
            rows = self._ledger.rows(self._bucket.name, key)
            if rows:
                rows = self._reconciled(key, rows, info)
            if not rows:
                return [FileKey.of(self._bucket, info, None, self._ledger, info.path)] if info else []
            return self._build(rows, info)

    def _settle(self) -> None:
        """Take in what Spark did so far, before this store is locked: the reader of journals locks it, too."""
        if self._ever_versioned and not self._lock._is_owned():  # type: ignore[attr-defined]
            self.catch_up()

    def _head(self, key: str) -> ObjectInfo | None:
        try:
            return self._lake.head(self._bucket.name, key)
        except (NoSuchKeyError, NoSuchBucketError):
            return None

    def _build(self, rows: list[Row], info: ObjectInfo | None) -> list[Version]:
        versions: list[Version] = []
        for row in rows:
            if row.marker:
                versions.append(delete_marker(row, versions[-1] if versions else None))
                continue
            current = info is not None and row is rows[-1]
            file = info.path if info is not None and current else self.versions.path(row.stamp.inode)
            versions.append(FileKey.of(self._bucket, _as_info(self._bucket.name, row, file), row, self._ledger, file))
        _in_order(versions)
        return versions

    @property
    def _ever_versioned(self) -> bool:
        return self._bucket.versioning_status is not None

    # -- changes made to the folder from outside ---------------------------------------------------------------------

    def _reconciled(self, key: str, rows: list[Row], info: ObjectInfo | None) -> list[Row]:
        last = rows[-1]
        if (info is None and last.marker) or (info is not None and last.stamp == Stamp.of(info) and not last.marker):
            return rows
        if not self._ever_versioned:
            self._ledger.forget(self._bucket.name, key)
            return []
        if info is not None and last.stamp.inode == info.inode:
            self._ledger.remove(last.seq)  # written in place: that version's bytes are gone
        if info is None:
            self._add_marker(key, models.FakeDeleteMarker(FileKey(key, b"", "", "")))
        else:
            self.adopt(info)
        return self._ledger.rows(self._bucket.name, key)

    def adopt(self, info: ObjectInfo) -> None:
        """Take a file that was written from outside as the key's newest version."""
        with self._lock:
            if self._bucket.is_versioned:
                self.versions.keep(info.path, info.inode)
            else:
                self._remove_null(self._ledger.rows(self._bucket.name, info.key))
            version = uuid.uuid4().hex if self._bucket.is_versioned else "null"
            self._ledger.add(self._bucket.name, Row(0, info.key, version, False, Stamp.of(info), None, b""))

    def take_in(self, key: str, inode: int, removed: bool, millis: int) -> None:
        """Spark wrote or removed the file ``inode`` at ``key`` at ``millis``, and may have gone on since; once."""
        with self._lock:
            rows = self._ledger.rows(self._bucket.name, key)
            info = self._head(key)
            settled = info is not None and bool(rows) and rows[-1].stamp == Stamp.of(info)
            before = rows[:-1] if settled else rows  # the file that is there now was seen already: this came before it
            row = self._removal(key, inode, before, millis) if removed else self._written(key, inode, rows)
            if row is None:
                return
            self._ledger.add(self._bucket.name, row)
            if settled:
                self._ledger.move_last(rows[-1].seq)

    def _written(self, key: str, inode: int, rows: list[Row]) -> Row | None:
        file = self.versions.path(inode)
        if not file.exists() or any(row.stamp.inode == inode for row in rows):
            return None
        status = file.stat()
        return Row(0, key, uuid.uuid4().hex, False, Stamp(inode, status.st_size, status.st_mtime_ns), None, b"")

    @staticmethod
    def _removal(key: str, inode: int, before: list[Row], millis: int) -> Row | None:
        if not before or before[-1].stamp.inode != inode:
            return None
        marker = models.FakeDeleteMarker(FileKey(key, b"", "", ""))
        written = before[-1].stamp.mtime_ns / 1e9
        marker.last_modified = datetime.fromtimestamp(max(millis / 1e3, written), UTC).replace(tzinfo=None)
        return Row(0, key, marker.version_id, True, _NO_STAMP, None, marker_facts(marker))

    def enable_versions(self) -> None:
        """Versioning was switched on: what is there already becomes the version ``null`` and is kept from now on."""
        self.versions.enable(on=True)
        with self._lock:
            for info in self._lake.list(self._bucket.name):
                self._record_current(info)

    def _record_current(self, info: ObjectInfo) -> None:
        rows = self._ledger.rows(self._bucket.name, info.key)
        if not any(row.stamp == Stamp.of(info) for row in rows):
            self._ledger.add(self._bucket.name, Row(0, info.key, "null", False, Stamp.of(info), None, b""))
        self.versions.keep(info.path, info.inode)

    # -- storage classes ---------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Take in what Spark did so far."""
        self._settle()

    def transition_all(self, moves: list[tuple[FileKey, str]]) -> None:
        """Move current versions to other classes: facts first, then bytes of what goes to a Glacier class set aside.

        A kill in between leaves bytes in place that the API no longer gives out; ``archive_left`` sets them aside.
        """
        with self._lock:
            updated, added = list[tuple[bytes, int]](), list[Row]()
            for key, storage_class in moves:
                key.__dict__["_storage_class"] = storage_class
                if key.seq is not None:
                    updated.append((key.facts(), key.seq))
                else:
                    added.append(Row(0, key.name, "null", False, key.stamp, None, key.facts()))
            self._ledger.change_all(self._bucket.name, updated, added)
            for key, storage_class in moves:
                if storage_class in ARCHIVED_CLASSES:
                    self._set_aside(key)

    def transition_row(self, row: Row, storage_class: str) -> None:
        """Move a noncurrent version to another class; nobody but the API reads its bytes."""
        facts = facts_of(row) | {"_storage_class": storage_class}
        self._ledger.update(row.seq, pickle.dumps(facts))

    def classed(self, found: list[ObjectInfo]) -> list[tuple[ObjectInfo, dict[str, Any]]]:
        """Each object of a listing with what the ledger keeps of it; much cheaper than ``page``."""
        if not found:
            return []
        rows = self._ledger.newest(self._bucket.name, found[0].key, found[-1].key)
        answer = []
        for info in found:
            row = rows.get(info.key)
            holds = row is not None and row.stamp == Stamp.of(info)
            answer.append((info, facts_of(row) if row is not None and holds else {}))
        return answer

    def archive_left(self, keys: list[FileKey]) -> None:
        """Set aside the bytes of archived objects that a kill left in place."""
        with self._lock:
            for key in keys:
                if key.storage_class in ARCHIVED_CLASSES and not key.archived and not key.has_copy:
                    self._set_aside(key)

    def _set_aside(self, key: FileKey) -> None:
        """By the file that was listed: thousands go at once."""
        try:
            status = os.stat(key.file)  # noqa: PTH116 - one of many, measured
            if Stamp(status.st_ino, status.st_size, status.st_mtime_ns) == key.stamp:
                os.rename(key.file, key.file + ARCHIVED_SUFFIX)  # noqa: PTH104
        except FileNotFoundError:
            return  # it changed meanwhile
        except OSError as error:  # a name so long that nothing can be added to it
            _log.warning("The bytes of %s could not be set aside: %s", key.name, error)

    def put_restored(self, key: str, stamp: Stamp) -> None:
        """Make the copy of a restored version readable, where that version is still the current one."""
        info = self._head(key)
        if info is not None and info.archived and Stamp.of(info) == stamp:
            self._lake.restore(self._bucket.name, key)

    def drop_restored(self, key: str, stamp: Stamp) -> None:
        """Remove the copy of a restored version again."""
        info = self._head(key)
        if info is not None and Stamp.of(info) == stamp:
            self._lake.drop_restored(self._bucket.name, key)

    # -- writing -----------------------------------------------------------------------------------------------------

    def setlist(self, key: str, list_: Any) -> None:
        """Make ``list_`` the versions of ``key``: place what is new in it, remove what it lacks."""
        wanted = list(list_) if isinstance(list_, list | tuple) else [list_]
        new = [version for version in wanted if not _is_placed(version)]
        self._settle()
        with self._lock:
            present = self._read(key)
            rows = self._ledger.rows(self._bucket.name, key)
            kept = {version.version_id for version in wanted if _is_placed(version)}
            if self._bucket.is_versioned:
                gone = [row for row in rows if row.version_id not in kept]
                if present and not rows and "null" in kept:  # an object from before versioning
                    self._record_current(self._lake.head(self._bucket.name, key))
            else:
                gone = [row for row in rows if row.version_id == "null"]
            for row in gone:
                self._remove(row)
            for version in new:
                self._append(key, version)
            if not new and rows and gone and gone[-1].seq == rows[-1].seq:
                self._restore(key)

    def __setitem__(self, key: str, value: Version) -> None:
        self._settle()
        with self._lock:
            self._append(key, value)

    def pop(self, key: str) -> None:
        """Remove the object; raises KeyError where there is none (and versioning is off)."""
        with self._lock:
            if self._bucket.is_versioned:
                return  # moto's tidying after the last version went
            if key not in self:
                raise KeyError(key)
            rows = self._ledger.rows(self._bucket.name, key)
            self._remove_null(rows)
            self._lake.delete(self._bucket.name, key)
            if self._ever_versioned:
                self._add_marker(key, models.FakeDeleteMarker(FileKey(key, b"", "", "")), "null")

    def remove_version(self, key: str, version_id: str) -> bool:
        """Remove one version for good; whether it was there."""
        self._settle()
        with self._lock:
            self._read(key)
            rows = self._ledger.rows(self._bucket.name, key)
            gone = [row for row in rows if row.version_id == version_id]
            for row in gone:
                self._remove(row)
            if gone and gone[-1].seq == rows[-1].seq:
                self._restore(key)
            return bool(gone)

    def _append(self, key: str, version: Version) -> None:
        if isinstance(version, models.FakeDeleteMarker):
            info = self._head(key)
            if info is not None:
                self._record_current(info)
            self._lake.delete(self._bucket.name, key)
            self._add_marker(key, version)
            return
        before = self._head(key)
        if before is not None and self._bucket.is_versioned:
            self._record_current(before)
        info = self._write(key, version, before)
        if self._bucket.is_versioned:
            self.versions.keep(info.path, info.inode)
        stamp = Stamp.of(info)
        etag = version.etag.strip('"')
        if version.storage_class in ARCHIVED_CLASSES:
            self._lake.archive(self._bucket.name, key)
            info = self._lake.head(self._bucket.name, key)
        row = Row(0, key, version.version_id, False, stamp, etag, version.facts())
        version.place(info.path, stamp, self._ledger, self._ledger.add(self._bucket.name, row))

    def _write(self, key: str, version: FileKey, before: ObjectInfo | None) -> ObjectInfo:
        upload = self._lake.folder(self._bucket.name) / f".{uuid.uuid4().hex}{UPLOAD_SUFFIX}"
        upload.write_bytes(version.value)
        if before is not None and upload.stat().st_mtime_ns // 1000 <= before.mtime_ns // 1000:
            later = before.mtime_ns + 1_000_000  # a later version is never dated before an earlier one
            os.utime(upload, ns=(later, later))
        return self._lake.adopt(self._bucket.name, key, upload)

    def _add_marker(self, key: str, marker: models.FakeDeleteMarker, version_id: str | None = None) -> None:
        if version_id is None and not self._bucket.is_versioned:
            version_id = "null"
            self._remove_null(self._ledger.rows(self._bucket.name, key))
        row = Row(0, key, version_id or marker.version_id, True, _NO_STAMP, None, marker_facts(marker))
        self._ledger.add(self._bucket.name, row)

    def _remove_null(self, rows: list[Row]) -> None:
        for row in rows:
            if row.version_id == "null":
                self._remove(row)

    def _remove(self, row: Row) -> None:
        self._ledger.remove(row.seq)
        if not row.marker:
            self.versions.drop(row.stamp.inode)

    def _restore(self, key: str) -> None:
        """The newest version went: the one before it is current again."""
        rows = self._ledger.rows(self._bucket.name, key)
        self._lake.delete(self._bucket.name, key)
        if not rows or rows[-1].marker:
            return
        upload = self._lake.folder(self._bucket.name) / f".{uuid.uuid4().hex}{UPLOAD_SUFFIX}"
        os.link(self.versions.path(rows[-1].stamp.inode), upload)
        self._lake.adopt(self._bucket.name, key, upload)
        if facts_of(rows[-1]).get("_storage_class") in ARCHIVED_CLASSES:
            self._lake.archive(self._bucket.name, key)

    def destroy(self) -> None:
        """The bucket is deleted: its folder, versions and rows go; nothing at all for what is no bucket's name."""
        fault = bucket_name_fault(self._bucket.name)
        if fault is not None:
            raise ValueError(f"{self._bucket.name!r} names no bucket ({fault}), so no folder is deleted")
        shutil.rmtree(self._lake.root / self._bucket.name, ignore_errors=True)
        self.versions.remove()
        self._ledger.forget(self._bucket.name)


def _is_placed(version: Version) -> bool:
    return bool(getattr(version, "placed", False))


def _in_order(versions: list[Version]) -> None:
    """Let each version be later than the one before it, as the ledger has them.

    moto sorts by time to tell the latest. A file's time comes from a clock that ticks every few milliseconds, a
    removal's from one that is finer, so a file written just after a removal may look older than it.
    """
    for before, after in itertools.pairwise(versions):
        if after.last_modified <= before.last_modified:
            after.last_modified = before.last_modified + _TICK


def _as_info(bucket: str, row: Row, file: Path) -> ObjectInfo:
    modified = utcnow()  # replaced from the stamp when the key is placed
    return ObjectInfo(bucket, row.key, row.stamp.size, modified, str(file), row.stamp.mtime_ns, row.stamp.inode)
