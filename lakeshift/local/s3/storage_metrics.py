"""A bucket's size in CloudWatch, once a day.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any, Final

from lakeshift.local.cloudwatch.backend import put

__all__ = ["put_storage"]

_TYPES: Final = {
    "STANDARD": "StandardStorage",
    "STANDARD_IA": "StandardIAStorage",
    "ONEZONE_IA": "OneZoneIAStorage",
    "INTELLIGENT_TIERING": "IntelligentTieringFAStorage",
    "GLACIER_IR": "GlacierInstantRetrievalStorage",
    "GLACIER": "GlacierStorage",
    "DEEP_ARCHIVE": "DeepArchiveStorage",
}
_CHUNK: Final = 1_000


def put_storage(bucket: Any) -> None:
    """BucketSizeBytes by storage class and NumberOfObjects of the current versions."""
    sizes: Counter[str] = Counter()
    count = 0
    listed = bucket.lake.list(bucket.name)
    while chunk := list(islice(listed, _CHUNK)):
        for key in bucket.keys.page(chunk):
            sizes[str(key.storage_class)] += key.contentsize
        count += len(chunk)
    if not count:
        return
    data = [_datum(bucket.name, "BucketSizeBytes", _TYPES[kind], size, "Bytes") for kind, size in sizes.items()]
    put("AWS/S3", [*data, _datum(bucket.name, "NumberOfObjects", "AllStorageTypes", count, "Count")])


def _datum(bucket: str, name: str, kind: str, value: float, unit: str) -> dict[str, Any]:
    dimensions = [{"Name": "BucketName", "Value": bucket}, {"Name": "StorageType", "Value": kind}]
    return {"MetricName": name, "Dimensions": dimensions, "Value": float(value), "Unit": unit}
