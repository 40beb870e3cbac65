"""Which objects a COPY reads: a prefix, or exactly what a manifest names.

https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.lake.folder import FolderLake, NoSuchBucketError, NoSuchKeyError, ObjectInfo
from lakeshift.redshift.errors import RedshiftError

__all__ = ["LoadFile", "engine_path", "load_files", "read_document", "readable", "split_url", "sql_text"]

_MOST_MANIFEST_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class LoadFile:
    """One object to load; ``size`` in bytes."""

    url: str
    path: str
    size: int


def split_url(url: str) -> tuple[str, str]:
    """Bucket and key of ``s3://bucket/key``."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


def sql_text(text: str) -> str:
    """``text`` as a literal of the engine's SQL."""
    return "'" + text.replace("'", "''") + "'"


def engine_path(path: str) -> str:
    """A path as the engine's literal, with the characters it would take for a pattern defused."""
    escaped = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)
    return sql_text(escaped)


def load_files(lake: FolderLake, source: str, *, manifest: bool, columnar: bool) -> list[LoadFile]:
    """The objects to load, in the order of the manifest or of their keys; raises RedshiftError if there are none."""
    try:
        found = _from_manifest(lake, source, columnar) if manifest else _from_prefix(lake, source)
    except NoSuchBucketError as error:
        raise _s3_error("The specified bucket does not exist", "NoSuchBucket") from error
    if not found:
        raise RedshiftError(f"The specified S3 prefix '{split_url(source)[1]}' does not exist", "XX000")
    return found


def _s3_error(text: str, code: str) -> RedshiftError:
    return RedshiftError(f"S3ServiceException:{text},Status 404,Error {code}", "XX000")


def readable(info: ObjectInfo) -> ObjectInfo:
    """``info``; raises RedshiftError for an object in a Glacier class that is not restored, as S3 answers Redshift."""
    if info.archived:
        raise RedshiftError(
            "S3ServiceException:The operation is not valid for the object's storage class,Status 403,Error "
            f"InvalidObjectState: s3://{info.bucket}/{info.key}",
            "XX000",
            hint="Restore it first: aws s3api restore-object.",
        )
    return info


def _from_prefix(lake: FolderLake, source: str) -> list[LoadFile]:
    bucket, prefix = split_url(source)
    return [
        LoadFile(f"s3://{bucket}/{info.key}", str(readable(info).path), info.size)
        for info in lake.list(bucket, prefix)
        # Hidden objects, folder markers and empty objects are no data.
        if not info.key.rpartition("/")[2].startswith(("_", ".")) and not info.key.endswith("/") and info.size
    ]


def _from_manifest(lake: FolderLake, source: str, columnar: bool) -> list[LoadFile]:
    bucket, key = split_url(source)
    if key.endswith("/"):
        raise RedshiftError("COPY with MANIFEST parameter requires full path of an S3 object.", "XX000")
    try:
        info = lake.head(bucket, key)
    except NoSuchKeyError as error:
        problem = "Problem reading manifest file - S3ServiceException:The specified key does not exist."
        raise RedshiftError(f"{problem},Status 404,Error NoSuchKey", "XX000") from error
    if info.size > _MOST_MANIFEST_BYTES:
        raise RedshiftError("Manifest file exceeds the maximum size of 1 MB", "XX000")
    try:
        entries = json.loads(lake.read(bucket, key))["entries"]
    except (ValueError, KeyError, TypeError) as error:
        raise RedshiftError(f"Invalid JSON format in manifest file '{source}'", "XX000") from error
    if not isinstance(entries, list) or not entries:
        raise RedshiftError(f"Manifest file '{source}' has no entries", "XX000")
    found = [_entry(lake, entry, source, columnar) for entry in entries]
    _refuse_twice([file.url for file in found if file is not None], source)
    return [file for file in found if file is not None]


def _refuse_twice(urls: list[str], source: str) -> None:
    twice = [url for url, times in Counter(urls).items() if times > 1]
    if twice:
        raise NotSupportedLocallyError(
            f"The manifest {source} names an object twice, which would load its rows twice: {twice[0]}",
            "Name every object once.",
            "https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html",
        )


def read_document(lake: FolderLake, url: str, what: str) -> Any:
    """A JSON document on S3, such as a jsonpaths file; raises RedshiftError."""
    bucket, key = split_url(url)
    try:
        return json.loads(lake.read(bucket, key))
    except (NoSuchBucketError, NoSuchKeyError) as error:
        raise RedshiftError(f"The specified {what} '{url}' does not exist", "XX000") from error
    except ValueError as error:
        raise RedshiftError(f"Invalid JSON format in {what} '{url}'", "XX000") from error


def _entry(lake: FolderLake, entry: Any, source: str, columnar: bool) -> LoadFile | None:
    url = entry.get("url") if isinstance(entry, dict) else None
    if not isinstance(url, str) or not url.startswith("s3://") or not split_url(url)[1] or "\0" in url:
        raise RedshiftError(f"Invalid url in manifest file '{source}': {url!r}", "XX000")
    meta = entry.get("meta") or {}
    expected = meta.get("content_length") if isinstance(meta, dict) else None
    if columnar and not isinstance(expected, int):
        raise RedshiftError(
            f"Missing content_length in manifest file '{source}' for {url}",
            "XX000",
            hint="Columnar formats need meta.content_length with the object's size in bytes.",
        )
    try:
        info = lake.head(*split_url(url))
    except (NoSuchKeyError, NoSuchBucketError) as error:
        if entry.get("mandatory", False):
            raise RedshiftError(f"Mandatory url is not present in S3: {url}", "XX000") from error
        return None
    if isinstance(expected, int) and expected != info.size:
        raise RedshiftError(
            f"File size does not match content_length of the manifest: {url} has {info.size} bytes, not {expected}",
            "XX000",
        )
    return LoadFile(url, str(readable(info).path), info.size)
