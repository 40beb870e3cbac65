"""The Glue catalog as queries see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from lakeshift.lake import FolderLake
from lakeshift.local.athena.failures import QueryError
from lakeshift.local.athena.projection import is_projected, projected

__all__ = ["Catalog", "Partition", "parse_url"]


@dataclass(frozen=True, slots=True)
class Partition:
    """Values of the partition's keys, and where its files lie."""

    values: tuple[str, ...]
    location: str


class Catalog:
    """Databases and tables by a Glue client; files by the lake."""

    def __init__(self, glue: Any, lake: FolderLake, database: str) -> None:
        self.glue = glue
        self.lake = lake
        self.database = database

    def find(self, database: str | None, name: str) -> dict[str, Any] | None:
        """The table, None if it is not there."""
        try:
            found: dict[str, Any] = self.glue.get_table(DatabaseName=database or self.database, Name=name)["Table"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "EntityNotFoundException":
                raise
            return None
        return found

    def need(self, database: str | None, name: str) -> dict[str, Any]:
        """The table; raises TABLE_NOT_FOUND."""
        found = self.find(database, name)
        if found is None:
            where = f"awsdatacatalog.{database or self.database}.{name}"
            raise QueryError(f"TABLE_NOT_FOUND: line 1:1: Table '{where}' does not exist")
        return found

    def partitions(self, table: dict[str, Any]) -> list[Partition]:
        """Every partition; one without values for a table that has none."""
        location = table["StorageDescriptor"].get("Location", "")
        if not table.get("PartitionKeys"):
            return [Partition((), location)]
        if is_projected(table):
            return [Partition(tuple(values), place) for values, place in projected(table)]
        pages = self.glue.get_paginator("get_partitions").paginate(
            DatabaseName=table["DatabaseName"], TableName=table["Name"]
        )
        return [
            Partition(tuple(one["Values"]), one["StorageDescriptor"].get("Location", ""))
            for page in pages
            for one in page["Partitions"]
        ]

    def files(self, location: str, restored: bool = False) -> Iterator[tuple[str, str, int]]:
        """Path on disk, URL and bytes of each object below a location; hidden ones (``_`` and ``.``) are left out.

        So are those in a Glacier class, unless they are ``restored`` and the table asks for such.
        """
        bucket, prefix = parse_url(location)
        prefix = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
        if bucket not in self.lake.buckets():
            raise QueryError(f"HIVE_METASTORE_ERROR: The bucket {bucket} does not exist")
        for info in self.lake.list(bucket, prefix):
            parts = info.key.removeprefix(prefix).split("/")
            if info.archived or (info.restored and not restored):
                continue  # https://docs.aws.amazon.com/athena/latest/ug/querying-glacier.html
            if info.size and not any(part.startswith(("_", ".")) for part in parts):
                yield str(self.lake.path(bucket, info.key)), f"s3://{bucket}/{info.key}", info.size


def parse_url(location: str) -> tuple[str, str]:
    """Bucket and prefix of ``s3://…``."""
    scheme, _, rest = location.partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme not in ("s3", "s3a", "s3n") or not bucket:
        raise QueryError(f"HIVE_METASTORE_ERROR: {location} is not a location in S3")
    return bucket, prefix
