"""A lake of plain files: a bucket is a folder, an object is a file, its key is its path."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, Final

from lakeshift.lake.names import ARCHIVED_SUFFIX, ODD_FOLDER, UPLOAD_SUFFIX, is_plain, odd_path
from lakeshift.lake.walk import walk

__all__ = ["ArchivedObjectError", "FolderLake", "NoSuchBucketError", "NoSuchKeyError", "ObjectInfo"]

_KEY_SUFFIX: Final = ".key"
_log = logging.getLogger(__name__)


class NoSuchBucketError(LookupError):
    """The bucket does not exist."""


class NoSuchKeyError(LookupError):
    """The bucket holds no object of that key."""


class ArchivedObjectError(PermissionError):
    """The object is in a Glacier class and not restored: what S3 calls InvalidObjectState (403)."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"The operation is not valid for the object's storage class (Error Code: InvalidObjectState): {url} is "
            "archived. Restore it first (aws s3api restore-object)."
        )


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a listing knows of an object; ``size`` in bytes, ``last_modified`` in UTC.

    ``inode`` and ``mtime_ns`` (since the epoch) tell together with ``size`` whether the bytes are still the same.
    """

    bucket: str
    key: str
    size: int
    last_modified: datetime
    file: str
    mtime_ns: int = 0
    inode: int = 0

    @property
    def path(self) -> Path:
        """Where its bytes lie; a listing of many thousands keeps the text, which is cheaper to make."""
        return Path(self.file)

    @property
    def archived(self) -> bool:
        """Whether it is in a Glacier class without a restored copy: its bytes must not be read."""
        return self.file.endswith(ARCHIVED_SUFFIX)

    @property
    def restored(self) -> bool:
        """Whether what is read is the restored copy of an archived object."""
        return not self.archived and os.path.exists(self.file + ARCHIVED_SUFFIX)  # noqa: PTH110 - one of many


class FolderLake:
    """Buckets below ``root``. Safe under concurrent writers: an object appears whole, by rename, or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def buckets(self) -> list[str]:
        """Names of all buckets, sorted."""
        return sorted(entry.name for entry in self.root.iterdir() if entry.is_dir() and not entry.name.startswith("."))

    def folder(self, bucket: str) -> Path:
        """The bucket's folder; raises NoSuchBucketError."""
        folder = self.root / bucket
        if not bucket or bucket.startswith(".") or "/" in bucket or "\0" in bucket or not folder.is_dir():
            raise NoSuchBucketError(bucket)
        return folder

    def path(self, bucket: str, key: str) -> Path:
        """Where the object's bytes lie, whether or not it exists; raises NoSuchBucketError.

        A key that is its own path lies there, unless a file or folder was in its way when it was put (``a`` beside
        ``a/b``, which S3 allows and no file system does).
        """
        folder = self.folder(bucket)
        aside = folder / odd_path(key)
        if not is_plain(key) or aside.exists() or _archived(aside).exists():
            return aside
        return folder / key

    def list(self, bucket: str, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        """Objects whose key starts with ``prefix`` and comes after ``start_after``, in the byte order of their keys."""
        for entry in self.entries(bucket, prefix, "", start_after):
            if isinstance(entry, ObjectInfo):
                yield entry

    def entries(
        self, bucket: str, prefix: str = "", delimiter: str = "", start_after: str = ""
    ) -> Iterator[ObjectInfo | str]:
        """Objects and common prefixes (as str) in S3's order; lazy: taking a page costs about a page.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
        """
        folder = self.folder(bucket)
        for key, path, status in walk(folder, _odd(folder), prefix, delimiter, start_after):
            yield key if path is None or status is None else _info(bucket, key, path, status)

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """Facts of one object; raises NoSuchBucketError, NoSuchKeyError."""
        path = self.path(bucket, key)
        try:
            status = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            path = _archived(path)
            try:
                status = path.stat()
            except (FileNotFoundError, NotADirectoryError):
                raise NoSuchKeyError(key) from None
        if not S_ISREG(status.st_mode):
            raise NoSuchKeyError(key)
        return _info(bucket, key, str(path), status)

    def open(self, bucket: str, key: str) -> BinaryIO:
        """The object's bytes as a stream; raises NoSuchBucketError, NoSuchKeyError, ArchivedObjectError."""
        info = self.head(bucket, key)
        if info.archived:
            raise ArchivedObjectError(f"s3://{bucket}/{key}")
        try:
            return info.path.open("rb")
        except FileNotFoundError:
            raise NoSuchKeyError(key) from None

    def read(self, bucket: str, key: str, start: int = 0, length: int | None = None) -> bytes:
        """``length`` bytes from ``start`` (all of them by default)."""
        with self.open(bucket, key) as stream:
            stream.seek(start)
            return stream.read() if length is None else stream.read(length)

    def put(self, bucket: str, key: str, data: bytes) -> ObjectInfo:
        """Write the object whole and return its facts; a reader sees the old bytes or the new, never a part."""
        folder = self.folder(bucket)
        upload = folder / f".{uuid.uuid4().hex}{UPLOAD_SUFFIX}"
        upload.write_bytes(data)
        return self.adopt(bucket, key, upload)

    def adopt(self, bucket: str, key: str, file: Path) -> ObjectInfo:
        """Move ``file``, which must lie on the same file system, to where the object ``key`` belongs."""
        folder = self.folder(bucket)
        path = self.path(bucket, key)
        status = file.stat()
        if path.parent.name != ODD_FOLDER:
            try:
                _place(file, path, folder)
            except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
                _log.debug("%s lies aside: %s", key, error)
                path = folder / odd_path(key)
        if path.parent.name == ODD_FOLDER:
            path.parent.mkdir(exist_ok=True)
            Path(f"{path}{_KEY_SUFFIX}").write_bytes(key.encode("utf-8", "surrogatepass"))
            file.replace(path)
        _archived(path).unlink(missing_ok=True)  # what was there before is gone, in whatever class it was
        return _info(bucket, key, str(path), status)

    def archive(self, bucket: str, key: str) -> None:
        """Set the object's bytes aside: it is listed, and read by nobody until ``restore``."""
        path = self.path(bucket, key)
        path.replace(_archived(path))

    def restore(self, bucket: str, key: str) -> None:
        """Put a copy of an archived object's bytes where readers find it; nothing where it is no longer archived."""
        path = self.path(bucket, key)
        try:
            os.link(_archived(path), path)
        except (FileExistsError, FileNotFoundError):
            return

    def drop_restored(self, bucket: str, key: str) -> None:
        """Remove a restored copy; the archived object stays."""
        path = self.path(bucket, key)
        if _archived(path).exists():
            path.unlink(missing_ok=True)

    def delete(self, bucket: str, key: str) -> None:
        """Remove the object if it is there, and the folders it leaves empty: S3 has no folders."""
        path, folder = self.path(bucket, key), self.folder(bucket)
        try:
            path.unlink(missing_ok=True)
            _archived(path).unlink(missing_ok=True)
        except (NotADirectoryError, IsADirectoryError, PermissionError):
            return  # a folder of that name is no object
        if path.parent.name == ODD_FOLDER:
            Path(f"{path}{_KEY_SUFFIX}").unlink(missing_ok=True)
        _remove_empty(path.parent, folder)


def _info(bucket: str, key: str, path: str, status: os.stat_result) -> ObjectInfo:
    modified = datetime.fromtimestamp(status.st_mtime, UTC)
    return ObjectInfo(bucket, key, status.st_size, modified, path, status.st_mtime_ns, status.st_ino)


def _archived(path: Path) -> Path:
    return path.with_name(path.name + ARCHIVED_SUFFIX)


def _place(file: Path, path: Path, folder: Path) -> None:
    for _ in range(5):  # a concurrent delete may remove the folder between the two steps
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            file.replace(path)
        except FileNotFoundError:
            continue
        except IsADirectoryError as error:
            if not _remove_empty_tree(path):
                raise IsADirectoryError(str(path)) from error
            continue
        return
    raise FileExistsError(f"{path} could not be placed below {folder}")


def _remove_empty_tree(path: Path) -> bool:
    """Folders without a file hold no object, so they must be in nobody's way; False where a file is found."""
    for parent, _, files in os.walk(path, topdown=False):
        if files:
            return False
        Path(parent).rmdir()
    return True


def _remove_empty(parent: Path, folder: Path) -> None:
    while parent != folder:
        try:
            parent.rmdir()
        except OSError:
            return
        parent = parent.parent


def _odd(folder: Path) -> list[tuple[str, str]]:
    """(key, path) of the objects that lie aside, sorted."""
    aside = folder / ODD_FOLDER
    if not aside.is_dir():
        return []
    return sorted(
        (file.read_bytes().decode("utf-8", "surrogatepass"), str(file.with_suffix("")))
        for file in aside.glob(f"*{_KEY_SUFFIX}")
    )
