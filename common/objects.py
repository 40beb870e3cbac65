"""Objects of the lake by URL: list, read, write, delete; JSON documents in one atomic PUT."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

__all__ = ["Objects", "StoredObject", "split_url"]

_DELETE_AT_ONCE = 1000  # https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html


@dataclass(frozen=True)
class StoredObject:
    """One object: ``s3://`` URL, bytes, when it was written, and its ETag without quotes."""

    url: str
    size: int
    modified: datetime
    etag: str


def split_url(url: str) -> tuple[str, str]:
    """``s3://bucket/some/key`` as ``("bucket", "some/key")``. Raises ValueError for another scheme or no bucket."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not bucket:
        raise ValueError(f"{url!r} is no s3://bucket/key URL")
    return bucket, key


class Objects:
    """The lake through an S3 client (boto3's, or a fake with the same methods)."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def under(self, url: str) -> Iterator[StoredObject]:
        """Objects whose URL starts with ``url``, in order of key; hidden ones (``_x``, ``.x``) left out."""
        bucket, prefix = split_url(url)
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", []):
                key = item["Key"]
                if any(part[:1] in ("_", ".") for part in key[len(prefix) :].split("/")) or key.endswith("/"):
                    continue
                yield StoredObject(f"s3://{bucket}/{key}", item["Size"], item["LastModified"], item["ETag"].strip('"'))

    def any_under(self, url: str) -> bool:
        """Whether at least one object is there."""
        return next(self.under(url), None) is not None

    def folders(self, url: str) -> Iterator[str]:
        """Names of the folders right below ``url`` (which ends with ``/``), in order; hidden ones left out."""
        bucket, prefix = split_url(url)
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/"):
            names = (item["Prefix"][len(prefix) : -1] for item in page.get("CommonPrefixes", []))
            yield from (name for name in names if name[:1] not in ("_", "."))

    def read(self, url: str) -> bytes:
        """The object's bytes. Raises the client's NoSuchKey."""
        bucket, key = split_url(url)
        body: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def read_json(self, url: str) -> Any | None:
        """The JSON document, or None where there is no object of that name."""
        bucket, key = split_url(url)
        listed = self._s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", [])
        if not listed or listed[0]["Key"] != key:
            return None
        return json.loads(self.read(url))

    def write(self, url: str, body: bytes, content_type: str = "application/json") -> None:
        """Put the object; a reader sees the old one or the new one, never a part."""
        bucket, key = split_url(url)
        self._s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)

    def write_json(self, url: str, document: Any) -> None:
        """Put a JSON document with sorted keys, so that equal documents are equal bytes."""
        self.write(url, json.dumps(document, indent=1, sort_keys=True).encode())

    def copy(self, source: str, target: str) -> None:
        """Copy an object within S3; the target appears whole. At most 5 GB, as CopyObject has it."""
        (from_bucket, from_key), (bucket, key) = split_url(source), split_url(target)
        self._s3.copy_object(Bucket=bucket, Key=key, CopySource={"Bucket": from_bucket, "Key": from_key})

    def delete(self, urls: Iterable[str]) -> int:
        """Delete objects of one or more buckets; returns how many were asked for. Raises OSError for one refused."""
        by_bucket: dict[str, list[str]] = {}
        for url in urls:
            bucket, key = split_url(url)
            by_bucket.setdefault(bucket, []).append(key)
        for bucket, keys in by_bucket.items():
            for batch in _batches(keys, _DELETE_AT_ONCE):
                answer = self._s3.delete_objects(
                    Bucket=bucket, Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True}
                )
                if answer.get("Errors"):
                    raise OSError(f"S3 kept {answer['Errors'][0]['Key']} in {bucket}: {answer['Errors'][0]}")
        return sum(map(len, by_bucket.values()))


def _batches(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
