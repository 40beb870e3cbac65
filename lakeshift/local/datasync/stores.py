"""The two ends of a transfer: a folder that stands for an on-premises share, and an S3 location."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final, Protocol

from lakeshift.local.datasync.plan import Entry

__all__ = ["FileError", "FolderStore", "LocationError", "S3Store", "Store"]

_MODIFIED: Final = "file-mtime"  # DataSync keeps a file's times as metadata of its object


class LocationError(OSError):
    """The location cannot be reached; the text names it."""


class FileError(OSError):
    """One file cannot be transferred; the text names it."""


class Store(Protocol):
    """What a transfer needs of an end."""

    def entries(self) -> list[Entry]:
        """Every file, in order of path; raises LocationError."""

    def read(self, path: str) -> bytes:
        """A file's bytes; raises FileError for this file, LocationError where the whole location is gone."""


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

    def read(self, path: str) -> bytes:
        """A file's bytes."""
        try:
            return (self._folder / path).read_bytes()
        except OSError as error:
            if not self._folder.is_dir():
                raise LocationError(f"{self._uri} is gone: there is no folder {self._folder} any more.") from error
            raise FileError(f"Failed to open source file /{path}: {error.strerror}") from error


class S3Store:
    """Objects below a prefix of a bucket, by the S3 API of the running server."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix

    def entries(self) -> list[Entry]:
        """Every object; its time is the file's that was copied to it, or None."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        found = [item for page in pages for item in page.get("Contents", []) if not item["Key"].endswith("/")]
        return [Entry(item["Key"][len(self._prefix) :], item["Size"], self._modified(item["Key"])) for item in found]

    def _modified(self, key: str) -> int | None:
        kept = self._client.head_object(Bucket=self._bucket, Key=key).get("Metadata", {}).get(_MODIFIED, "")
        return int(kept.removesuffix("ns")) if kept.endswith("ns") else None

    def read(self, path: str) -> bytes:
        """An object's bytes."""
        return bytes(self._client.get_object(Bucket=self._bucket, Key=self._prefix + path)["Body"].read())

    def write(self, entry: Entry, data: bytes) -> None:
        """Put a file's bytes with its time."""
        metadata = {_MODIFIED: f"{entry.modified}ns"} if entry.modified is not None else {}
        self._client.put_object(Bucket=self._bucket, Key=self._prefix + entry.path, Body=data, Metadata=metadata)

    def delete(self, entry: Entry) -> None:
        """Delete an object."""
        self._client.delete_object(Bucket=self._bucket, Key=self._prefix + entry.path)
