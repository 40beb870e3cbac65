"""Partition indexes.

https://docs.aws.amazon.com/glue/latest/dg/partition-indexes.html; the texts are those that
https://github.com/floci-io/floci/pull/3551 recorded against AWS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import EntityNotFoundException, GlueClientError, InvalidInputException

from lakeshift.local.glue.catalog.asked import TableAsked
from lakeshift.local.glue.catalog.lock import locked
from lakeshift.local.glue.catalog.pages import page_by
from lakeshift.local.glue.catalog.table import LocalTable
from lakeshift.local.glue.catalog.values import cast

__all__ = ["IndexResponses", "checked_index"]

_MOST: Final = 3
_PAGE: Final = 100


class IndexResponses(TableAsked):
    """How the API answers for partition indexes."""

    @locked
    def get_partition_indexes(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitionIndexes.html."""
        table = self.asked_table()
        types = {name.lower(): kind for name, kind in table.keys}
        names, token = page_by(
            lambda name: [name], table.indexes, {"NextToken": self.parameters.get("NextToken")}, _PAGE
        )
        told = [
            {
                "IndexName": name,
                "Keys": [{"Name": key, "Type": types[key]} for key in table.indexes[name]],
                **_state(table, table.indexes[name]),
            }
            for name in names
        ]
        return ActionResult({"PartitionIndexDescriptorList": told, "NextToken": token})

    @locked
    def create_partition_index(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_CreatePartitionIndex.html."""
        table, index = self.asked_table(), self.parameters["PartitionIndex"]
        keys = checked_index(index, [name for name, _ in table.keys], table.indexes)
        table.indexes[index["IndexName"]] = keys
        return EmptyResult()

    @locked
    def delete_partition_index(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_DeletePartitionIndex.html."""
        table, name = self.asked_table(), self.parameters["IndexName"]
        if name not in table.indexes:
            raise EntityNotFoundException(f"Index with the given indexName : {name} does not exist")
        del table.indexes[name]
        return EmptyResult()


def checked_index(index: Mapping[str, Any], partition_keys: Sequence[str], held: Mapping[str, list[str]]) -> list[str]:
    """The keys of an index that may be added to those that are ``held``; Glue's error where it may not."""
    name, keys = index["IndexName"], [key.lower() for key in index["Keys"]]
    known = {key.lower() for key in partition_keys}
    unknown = [key for key in keys if key not in known]
    if unknown or not keys or len(set(keys)) != len(keys):
        text = f"IndexKeys not a part of PartitionColumns. Verify the indexKeys : [{', '.join(unknown or keys)}]"
        raise InvalidInputException("CreatePartitionIndex", text)
    if len(held) >= _MOST:
        raise GlueClientError(
            "ResourceNumberLimitExceededException", f"Partition index limit exceeded. Maximum: {_MOST}"
        )
    if name in held:
        raise GlueClientError("AlreadyExistsException", f"Partition Index {name} already exists with the same name.")
    if keys in held.values():
        raise GlueClientError("AlreadyExistsException", f"Partition Index {name} already exists with the same keys.")
    return keys


def _state(table: LocalTable, keys: Sequence[str]) -> dict[str, Any]:
    """ACTIVE, or FAILED with the partitions whose values are not of their key's type, as an index's backfill finds."""
    places = [(place, kind) for place, (name, kind) in enumerate(table.keys) if name.lower() in keys]
    wrong = [
        {"Values": partition.values}
        for partition in table.partitions.values()
        if any(not _fits(kind, partition.values[place]) for place, kind in places)
    ]
    if not wrong:
        return {"IndexStatus": "ACTIVE"}
    error = {"Code": "INVALID_PARTITION_TYPE_DATA_ERROR", "Partitions": wrong[:_PAGE]}
    return {"IndexStatus": "FAILED", "BackfillErrors": [error]}


def _fits(kind: str, value: str) -> bool:
    try:
        cast(kind, value)
    except (ValueError, LookupError):
        return False
    return True
