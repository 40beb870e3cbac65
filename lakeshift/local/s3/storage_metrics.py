"""A bucket's size in CloudWatch, once a day.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
"""

from __future__ import annotations

from collections.abc import Mapping
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


def put_storage(bucket: str, sizes: Mapping[str, tuple[int, int]]) -> None:
    """BucketSizeBytes and NumberOfObjects of the current versions; ``sizes`` is storage class → (objects, bytes)."""
    if not sizes:
        return
    data = [
        _datum(bucket, "BucketSizeBytes", _TYPES.get(kind, kind), size, "Bytes") for kind, (_, size) in sizes.items()
    ]
    count = sum(objects for objects, _ in sizes.values())
    put("AWS/S3", [*data, _datum(bucket, "NumberOfObjects", "AllStorageTypes", count, "Count")])


def _datum(bucket: str, name: str, kind: str, value: float, unit: str) -> dict[str, Any]:
    dimensions = [{"Name": "BucketName", "Value": bucket}, {"Name": "StorageType", "Value": kind}]
    return {"MetricName": name, "Dimensions": dimensions, "Value": float(value), "Unit": unit}
