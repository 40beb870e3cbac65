"""S3 as the loaders call it, over a dictionary, with failures to come."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError


def service_error(code: str, status: int = 400, operation: str = "PutObject") -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)


class FakeS3:
    """Objects by bucket and key. ``before`` and ``after`` give the error of a call by its number, from 1."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.kept: dict[tuple[str, str], dict[str, str]] = {}
        self.calls = 0
        self.before: Callable[[int], Exception | None] = lambda _: None
        self.after: Callable[[int], Exception | None] = lambda _: None

    def _raise(self, found: Exception | None) -> None:
        if found is not None:
            raise found

    def _etag(self, place: tuple[str, str]) -> str:
        return f'"{hashlib.md5(self.objects[place], usedforsecurity=False).hexdigest()}"'

    def put_object(
        self,
        Bucket: str,
        Key: str,
        Body: bytes,
        Metadata: dict[str, str] | None = None,
        IfNoneMatch: str | None = None,
        IfMatch: str | None = None,
        **_: Any,
    ) -> dict[str, str]:
        self.calls += 1
        call, place = self.calls, (Bucket, Key)
        self._raise(self.before(call))
        held = self._etag(place) if place in self.objects else None
        if (IfNoneMatch and held) or (IfMatch and held != IfMatch):
            raise service_error("PreconditionFailed", 412)
        self.objects[place], self.kept[place] = Body, Metadata or {}
        self._raise(self.after(call))
        return {"ETag": self._etag(place)}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        self._present(Bucket, Key, "NoSuchKey")
        return {"Body": io.BytesIO(self.objects[Bucket, Key]), "ETag": self._etag((Bucket, Key))}

    def head_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        self._present(Bucket, Key, "404")
        return {"Metadata": self.kept[Bucket, Key]}

    def _present(self, bucket: str, key: str, code: str) -> None:
        self.calls += 1
        self._raise(self.before(self.calls))
        if (bucket, key) not in self.objects:
            raise service_error(code, 404, "GetObject")

    def get_paginator(self, _: str) -> FakeS3:
        return self

    def paginate(self, Bucket: str, Prefix: str) -> list[dict[str, Any]]:
        keys = [key for bucket, key in sorted(self.objects) if bucket == Bucket and key.startswith(Prefix)]
        return [{"Contents": [{"Key": key} for key in keys[:2]]}, {"Contents": [{"Key": key} for key in keys[2:]]}, {}]

    def under(self, bucket: str, prefix: str = "") -> dict[str, bytes]:
        return {key: body for (held, key), body in self.objects.items() if held == bucket and key.startswith(prefix)}

    def raw(self) -> dict[str, bytes]:
        return self.under("raw")

    def manifests(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.under("ops", "manifests/").values()]

    def loaded(self) -> list[bytes]:
        """Every line that a complete batch says it loaded."""
        keys = [file["key"] for manifest in self.manifests() for file in manifest["files"]]
        return [line for key in keys for line in self.objects["raw", key].splitlines()]
