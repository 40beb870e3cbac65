"""The table catalog behind external schemas: this server's own Glue, by its API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lakeshift.local.context import LocalContext

__all__ = ["GlueTables"]

_ABSENT: Final = "EntityNotFoundException"
# https://docs.aws.amazon.com/glue/latest/webapi/API_BatchCreatePartition.html
_AT_ONCE: Final = 100
# What GetTable tells and UpdateTable does not take is everything else.
_INPUT: Final = ("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "TableType",
                 "Parameters", "ViewOriginalText", "ViewExpandedText")  # fmt: skip


class GlueTables:
    """See :class:`lakeshift.redshift.external_port.TableCatalog`. Safe to share by threads."""

    def __init__(self, context: LocalContext) -> None:
        self._context = context

    @cached_property
    def _glue(self) -> Any:
        # Made when it is first needed: the server has to listen by then.
        session = boto3.session.Session("local", "local", region_name=self._context.region)
        return session.client("glue", endpoint_url=self._context.endpoint, config=Config(retries={"max_attempts": 1}))

    def has_database(self, name: str) -> bool:
        """GetDatabase."""
        return self._find("get_database", Name=name) is not None

    def create_database(self, name: str) -> None:
        """CreateDatabase."""
        self._glue.create_database(DatabaseInput={"Name": name})

    def drop_database(self, name: str) -> None:
        """DeleteDatabase."""
        self._find("delete_database", Name=name)

    def tables(self, database: str) -> list[dict[str, Any]]:
        """GetTables."""
        return list(self._pages("get_tables", "TableList", DatabaseName=database))

    def table(self, database: str, name: str) -> dict[str, Any] | None:
        """GetTable."""
        found = self._find("get_table", DatabaseName=database, Name=name)
        return None if found is None else dict(found["Table"])

    def create_table(self, database: str, table: dict[str, Any]) -> None:
        """CreateTable."""
        self._glue.create_table(DatabaseName=database, TableInput=table)

    def update_table(self, database: str, table: dict[str, Any]) -> None:
        """UpdateTable."""
        self._glue.update_table(DatabaseName=database, TableInput={key: table[key] for key in _INPUT if key in table})

    def drop_table(self, database: str, name: str) -> None:
        """DeleteTable."""
        self._find("delete_table", DatabaseName=database, Name=name)

    def partitions(self, database: str, table: str) -> list[dict[str, Any]]:
        """GetPartitions."""
        return list(self._pages("get_partitions", "Partitions", DatabaseName=database, TableName=table))

    def create_partitions(self, database: str, table: str, partitions: Sequence[dict[str, Any]]) -> None:
        """BatchCreatePartition, a hundred at a time."""
        for start in range(0, len(partitions), _AT_ONCE):
            self._glue.batch_create_partition(
                DatabaseName=database, TableName=table, PartitionInputList=list(partitions[start : start + _AT_ONCE])
            )

    def drop_partition(self, database: str, table: str, values: Sequence[str]) -> None:
        """DeletePartition."""
        self._find("delete_partition", DatabaseName=database, TableName=table, PartitionValues=list(values))

    def _find(self, operation: str, **request: Any) -> dict[str, Any] | None:
        try:
            return dict(getattr(self._glue, operation)(**request))
        except ClientError as error:
            if error.response["Error"]["Code"] == _ABSENT:
                return None
            raise

    def _pages(self, operation: str, key: str, **request: Any) -> Iterator[dict[str, Any]]:
        try:
            for page in self._glue.get_paginator(operation).paginate(**request):
                yield from page[key]
        except ClientError as error:
            if error.response["Error"]["Code"] != _ABSENT:
                raise
