"""The objects that a message in a queue speaks of: an S3 notification, plain, through SNS, or through EventBridge.

See https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

import orjson

__all__ = ["changed_folders"]


def changed_folders(body: str) -> set[str]:
    """URLs of the folders in which the message says that objects were written or removed.

    Raises ValueError for a message that is none of S3's.
    """
    try:
        document = orjson.loads(body)
        if isinstance(document, dict) and document.get("Type") == "Notification":
            document = orjson.loads(document["Message"])
        return {_folder(bucket, key) for bucket, key in _objects(document)}
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no S3 event: {body[:200]}") from error


def _objects(document: dict[str, Any]) -> list[tuple[str, str]]:
    if document.get("Event") == "s3:TestEvent":
        return []
    if document.get("source") == "aws.s3":
        detail = document["detail"]
        return [(detail["bucket"]["name"], detail["object"]["key"])]
    records = document["Records"]
    return [(one["s3"]["bucket"]["name"], unquote_plus(one["s3"]["object"]["key"])) for one in records]


def _folder(bucket: str, key: str) -> str:
    return f"s3://{bucket}/{key[: key.rfind('/') + 1]}"
