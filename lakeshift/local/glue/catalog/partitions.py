"""Partitions: segments, pages, filters.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-partitions.html
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import InvalidInputException
from moto.glue.models import GlueBackend

from lakeshift.local.glue.catalog.asked import TableAsked
from lakeshift.local.glue.catalog.expression import partition_filter
from lakeshift.local.glue.catalog.lock import locked
from lakeshift.local.glue.catalog.pages import page_by
from lakeshift.local.glue.catalog.partition import LocalPartition
from lakeshift.local.glue.catalog.refused import refuse_members
from lakeshift.local.glue.catalog.table import LocalTable

__all__ = ["PartitionOperations", "PartitionResponses", "partition_page"]

_PAGE: Final = 1000
_MOST_SEGMENTS: Final = 10


class PartitionOperations(GlueBackend):
    """What the backend does for partitions."""

    @locked
    def get_partitions(self, database_name: str, table_name: str, expression: str | None) -> list[LocalPartition]:
        """Those the expression keeps, in the order they were made."""
        table: LocalTable = self.get_table(database_name, table_name)
        keeps = partition_filter(expression, table.keys)
        return [partition for partition in table.partitions.values() if keeps(partition.values)]


class PartitionResponses(TableAsked):
    """How the API answers for partitions."""

    @locked
    def get_partitions(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html."""
        asked = self.parameters
        refuse_members(asked, "GetPartitions")
        partitions = self.glue_backend.get_partitions(
            asked["DatabaseName"], asked["TableName"], asked.get("Expression")
        )
        found, token = partition_page(partitions, asked)
        bare = bool(asked.get("ExcludeColumnSchema"))
        return ActionResult({"Partitions": [_told(partition, bare=bare) for partition in found], "NextToken": token})

    @locked
    def get_partition(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartition.html."""
        table, values = self.asked_table(), self.parameters["PartitionValues"]
        table.check_values(values)
        return ActionResult({"Partition": table.get_partition(values).as_dict()})

    @locked
    def create_partition(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_CreatePartition.html."""
        self.asked_table().create_partition(self.parameters["PartitionInput"])
        return EmptyResult()

    @locked
    def update_partition(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_UpdatePartition.html."""
        asked = self.parameters
        self.asked_table().update_partition(asked["PartitionValueList"], asked["PartitionInput"])
        return EmptyResult()

    @locked
    def delete_partition(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_DeletePartition.html."""
        self.asked_table().delete_partition(self.parameters["PartitionValues"])
        return EmptyResult()


def partition_page(
    partitions: Sequence[LocalPartition], asked: Mapping[str, Any]
) -> tuple[list[LocalPartition], str | None]:
    """The page of the segment that is asked for; each partition is in exactly one segment."""
    segment = asked.get("Segment")
    if segment:
        number, total = segment["SegmentNumber"], segment["TotalSegments"]
        if not 1 <= total <= _MOST_SEGMENTS or not 0 <= number < total:
            raise InvalidInputException("GetPartitions", f"Invalid segment {number} of {total}.")
        partitions = [part for part in partitions if zlib.crc32("/".join(part.values).encode()) % total == number]
    return page_by(lambda partition: partition.turn, partitions, asked, size=_PAGE, most=_PAGE)


def _told(partition: LocalPartition, *, bare: bool) -> dict[str, Any]:
    told: dict[str, Any] = partition.as_dict()
    if bare and told.get("StorageDescriptor"):
        told["StorageDescriptor"] = {k: v for k, v in told["StorageDescriptor"].items() if k != "Columns"}
    return told
