"""A lake of plain files, as Spark, DuckDB, the crawler and the S3 API all see it."""

from __future__ import annotations

from lakeshift.lake.folder import ArchivedObjectError, FolderLake, NoSuchBucketError, NoSuchKeyError, ObjectInfo
from lakeshift.lake.names import bucket_name_fault

__all__ = [
    "ArchivedObjectError",
    "FolderLake",
    "NoSuchBucketError",
    "NoSuchKeyError",
    "ObjectInfo",
    "bucket_name_fault",
]
