"""The two ends of a transfer: a folder that stands for an on-premises share, and an S3 location."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, cast

from lakeshift.local.datasync.plan import Entry

__all__ = ["FileError", "FolderStore", "LocationError", "S3Store", "Store"]

_MODIFIED: Final = "file-mtime"  # DataSync keeps a file's times as metadata of its object
_CHUNK: Final = 1024 * 1024


class LocationError(OSError):
    """The location cannot be reached; the text names it."""


class FileError(OSError):
    """One file cannot be transferred; the text names it."""


class Store(Protocol):
    """What a transfer needs of an end."""

    def entries(self) -> list[Entry]:
        """Every file, in order of path; raises LocationError."""

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """A file to read; raises FileError for this file, LocationError where the whole location is gone."""


class FolderStore:
    """Files below a folder of this machine."""

    def __init__(self, folder: Path, uri: str) -> None:
        self._folder, self._uri = folder, uri

    def entries(self) -> list[Entry]:
        """Every regular file; a link that leads out of the share is no file of it."""
        if not self._folder.is_dir():
            raise LocationError(f"{self._uri} cannot be mounted: there is no folder {self._folder}.")
        root, found = self._folder.resolve(), []
        for parent, _, names in os.walk(root):
            for name in names:
                path = Path(parent, name)
                if path.is_file() and path.resolve().is_relative_to(root):
                    status = path.stat()
                    found.append(Entry(path.relative_to(root).as_posix(), status.st_size, status.st_mtime_ns))
        return sorted(found, key=lambda entry: entry.path)

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """A file to read."""
        try:
            with (self._folder / path).open("rb") as stream:
                yield stream
        except OSError as error:
            if not self._folder.is_dir():
                raise LocationError(f"{self._uri} is gone: there is no folder {self._folder} any more.") from error
            raise FileError(f"Failed to open source file /{path}: {error.strerror}") from error


class S3Store:
    """Objects below a prefix of a bucket, by the S3 API of the running server.

    An object's time is the file's that was copied to it; that of a ``source`` without one is its last modification.
    """

    def __init__(self, client: Any, bucket: str, prefix: str, source: bool = False) -> None:
        self._client, self._bucket, self._prefix, self._is_source = client, bucket, prefix, source

    def entries(self) -> list[Entry]:
        """Every object."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        found = [item for page in pages for item in page.get("Contents", []) if not item["Key"].endswith("/")]
        return [Entry(item["Key"][len(self._prefix) :], item["Size"], self._modified(item)) for item in found]

    def _modified(self, item: dict[str, Any]) -> int | None:
        told = self._client.head_object(Bucket=self._bucket, Key=item["Key"])
        kept = told.get("Metadata", {}).get(_MODIFIED, "")
        if kept.endswith("ns"):
            return int(kept.removesuffix("ns"))
        return int(item["LastModified"].timestamp() * 1000) * 1_000_000 if self._is_source else None

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """An object to read."""
        body = self._client.get_object(Bucket=self._bucket, Key=self._prefix + path)["Body"]
        return closing(cast(BinaryIO, body))

    def digest(self, path: str) -> str:
        """SHA-256 of an object's bytes."""
        found = hashlib.sha256()
        with self.open(path) as stream:
            while chunk := stream.read(_CHUNK):
                found.update(chunk)
        return found.hexdigest()

    def write(self, entry: Entry, stream: BinaryIO) -> tuple[str, int]:
        """Put a file with its time, in parts where it is large; returns SHA-256 and bytes of what was read."""
        from boto3.s3.transfer import TransferConfig

        metadata = {_MODIFIED: f"{entry.modified}ns"} if entry.modified is not None else {}
        reader = _Reader(stream)
        self._client.upload_fileobj(
            reader,
            self._bucket,
            self._prefix + entry.path,
            ExtraArgs={"Metadata": metadata},
            Config=TransferConfig(use_threads=False),
        )
        return reader.sum.hexdigest(), reader.bytes

    def delete(self, entry: Entry) -> None:
        """Delete an object."""
        self._client.delete_object(Bucket=self._bucket, Key=self._prefix + entry.path)


class _Reader:
    """A stream that sums up what is read of it, and cannot go back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.sum = hashlib.sha256()
        self.bytes = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._stream.read(size if size >= 0 else None)  # type: ignore[arg-type]  # both kinds take None
        self.sum.update(data)
        self.bytes += len(data)
        return data
