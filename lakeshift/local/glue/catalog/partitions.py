"""Partitions: segments, pages, filters, limits and indexes."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import EntityNotFoundException, GlueClientError, InvalidInputException
from moto.glue.models import FakePartition, GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.local.glue.catalog.expression import partition_filter
from lakeshift.local.glue.catalog.limits import at_most
from lakeshift.local.glue.catalog.lock import locked
from lakeshift.local.glue.catalog.pages import page
from lakeshift.local.glue.catalog.table import MOST_INDEXES, LocalTable

__all__ = ["PartitionOperations", "PartitionResponses", "segment_of"]

_PAGE: Final = 1000
_MOST_SEGMENTS: Final = 10


class PartitionOperations(GlueBackend):
    """What the backend does for partitions."""

    def get_partitions(self, database_name: str, table_name: str, expression: str | None) -> list[FakePartition]:
        """Those the expression keeps, in the order they were made."""
        table: LocalTable = self.get_table(database_name, table_name)
        keeps = partition_filter(expression, table.keys)
        return [partition for partition in list(table.partitions.values()) if keeps(partition.values)]


class PartitionResponses(GlueResponse):
    """How the API answers for partitions."""

    @locked
    def get_partitions(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html."""
        asked = self.parameters
        partitions = self.glue_backend.get_partitions(
            asked["DatabaseName"], asked["TableName"], asked.get("Expression")
        )
        found, token = page(segment_of(partitions, asked.get("Segment")), asked, size=_PAGE, most=_PAGE)
        bare = bool(asked.get("ExcludeColumnSchema"))
        return ActionResult({"Partitions": [_as_api(partition, bare=bare) for partition in found], "NextToken": token})

    @locked
    def get_partition(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartition.html."""
        self._table().check_values(self.parameters["PartitionValues"])
        return super().get_partition()

    @locked
    def batch_get_partition(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_BatchGetPartition.html."""
        at_most(self.parameters["PartitionsToGet"], 1000, "partitionsToGet")
        return super().batch_get_partition()

    @locked
    def create_partition(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_CreatePartition.html."""
        return super().create_partition()

    @locked
    def batch_create_partition(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_BatchCreatePartition.html."""
        at_most(self.parameters["PartitionInputList"], 100, "partitionInputList")
        table = self._table()
        for given in self.parameters["PartitionInputList"]:
            table.check_values(given.get("Values") or [])
        return super().batch_create_partition()

    @locked
    def update_partition(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_UpdatePartition.html."""
        return super().update_partition()

    @locked
    def batch_update_partition(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_BatchUpdatePartition.html."""
        at_most(self.parameters["Entries"], 100, "entries")
        return super().batch_update_partition()

    @locked
    def delete_partition(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_DeletePartition.html."""
        return super().delete_partition()

    @locked
    def batch_delete_partition(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeletePartition.html."""
        at_most(self.parameters["PartitionsToDelete"], 25, "partitionsToDelete")
        return super().batch_delete_partition()

    @locked
    def get_partition_indexes(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitionIndexes.html."""
        table = self._table()
        types = {name.lower(): kind for name, kind in table.keys}
        told = [
            {"IndexName": name, "Keys": [{"Name": key, "Type": types[key]} for key in keys], "IndexStatus": "ACTIVE"}
            for name, keys in table.indexes.items()
        ]
        return ActionResult({"PartitionIndexDescriptorList": told})

    @locked
    def create_partition_index(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_CreatePartitionIndex.html."""
        table, given = self._table(), self.parameters["PartitionIndex"]
        if given["IndexName"] in table.indexes:
            raise GlueClientError("AlreadyExistsException", f"Index {given['IndexName']} already exists.")
        if len(table.indexes) >= MOST_INDEXES:
            raise GlueClientError(
                "ResourceNumberLimitExceededException", f"A table can have at most {MOST_INDEXES} partition indexes."
            )
        keys = [key.lower() for key in given["Keys"]]
        known = [name.lower() for name, _ in table.keys]
        if not keys or any(key not in known for key in keys):
            raise InvalidInputException(
                "CreatePartitionIndex", f"Index {given['IndexName']} names a key that is not a partition key."
            )
        table.indexes[given["IndexName"]] = keys
        return EmptyResult()

    @locked
    def delete_partition_index(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_DeletePartitionIndex.html."""
        table, name = self._table(), self.parameters["IndexName"]
        if name not in table.indexes:
            raise EntityNotFoundException(f"Index {name} not found.")
        del table.indexes[name]
        return EmptyResult()

    def _table(self) -> LocalTable:
        found: LocalTable = self.glue_backend.get_table(self.parameters["DatabaseName"], self.parameters["TableName"])
        return found


def segment_of(partitions: Sequence[FakePartition], segment: Mapping[str, int] | None) -> Sequence[FakePartition]:
    """The partitions of the segment; each is in exactly one."""
    if not segment:
        return partitions
    number, total = segment["SegmentNumber"], segment["TotalSegments"]
    if not 1 <= total <= _MOST_SEGMENTS or not 0 <= number < total:
        raise InvalidInputException("GetPartitions", f"Invalid segment {number} of {total}.")
    return [part for part in partitions if zlib.crc32("/".join(part.values).encode()) % total == number]


def _as_api(partition: FakePartition, *, bare: bool) -> dict[str, Any]:
    told: dict[str, Any] = partition.as_dict()
    if bare and told.get("StorageDescriptor"):
        told["StorageDescriptor"] = {k: v for k, v in told["StorageDescriptor"].items() if k != "Columns"}
    return told
