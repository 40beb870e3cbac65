"""Objects of S3 with conditions: put if not there, replace if unchanged; every call is tried again as declared.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from ingest.retry import Retry, aws_verdict

__all__ = ["ConflictError", "Store"]

T = TypeVar("T")
_ABSENT: Final = frozenset({"NoSuchKey", "404", "NotFound"})


class ConflictError(RuntimeError):
    """Somebody else changed the object in between; the text names it."""


@dataclass(frozen=True, slots=True)
class Store:
    """An S3 client and how often its calls are tried."""

    s3: Any
    retry: Retry = field(default_factory=Retry)

    def put_new(self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str], kind: str) -> bool:
        """Put an object where there is none; False where there is one already."""

        def put() -> None:
            self.s3.put_object(
                Bucket=bucket, Key=key, Body=body, Metadata=dict(metadata), ContentType=kind, IfNoneMatch="*"
            )

        return self._conditional(f"Putting s3://{bucket}/{key}", put)

    def replace(self, bucket: str, key: str, document: Any, etag: str | None) -> str:
        """Put a JSON document over the version ``etag``, or where there is none; returns the new ETag.

        Raises ConflictError where the object is another one.
        """
        condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        body = json.dumps(document, sort_keys=True).encode()
        told: dict[str, Any] = {}

        def put() -> None:
            told.update(
                self.s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json", **condition)
            )

        if self._conditional(f"Putting s3://{bucket}/{key}", put):
            return str(told["ETag"])
        found = self.read(bucket, key)  # a put whose answer was lost succeeded all the same
        if found is None or found[0] != body:
            raise ConflictError(f"s3://{bucket}/{key} was changed by another run. Let it end, and run again.")
        return found[1]

    def read(self, bucket: str, key: str) -> tuple[bytes, str] | None:
        """An object's bytes and ETag, None where there is none."""

        def get() -> tuple[bytes, str]:
            found = self.s3.get_object(Bucket=bucket, Key=key)
            return bytes(found["Body"].read()), str(found["ETag"])

        return self._present(f"Reading s3://{bucket}/{key}", get)

    def metadata(self, bucket: str, key: str) -> dict[str, str] | None:
        """An object's own metadata, None where there is no such object."""
        return self._present(
            f"Looking at s3://{bucket}/{key}",
            lambda: dict(self.s3.head_object(Bucket=bucket, Key=key).get("Metadata") or {}),
        )

    def _conditional(self, what: str, put: Callable[[], None]) -> bool:
        from botocore.exceptions import ClientError

        try:
            self.retry.run(what, put, aws_verdict)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("PreconditionFailed", "412"):
                raise
            return False
        return True

    def _present(self, what: str, get: Callable[[], T]) -> T | None:
        from botocore.exceptions import ClientError

        try:
            return self.retry.run(what, get, aws_verdict)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise
            return None
