"""Batches of partitions: each item that fails is told with its error, the others are done.

https://docs.aws.amazon.com/glue/latest/webapi/API_BatchCreatePartition.html and its kin. A batch with an item of the
wrong number of values is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.glue.exceptions import AlreadyExistsException, EntityNotFoundException, PartitionNotFoundException

from lakeshift.local.glue.catalog.asked import TableAsked
from lakeshift.local.glue.catalog.lock import locked

__all__ = ["BatchResponses"]


class BatchResponses(TableAsked):
    """How the API answers for batches of partitions."""

    @locked
    def batch_get_partition(self) -> ActionResult:
        """Missing ones are left out; https://docs.aws.amazon.com/glue/latest/webapi/API_BatchGetPartition.html."""
        table = self.asked_table()
        found = []
        for asked in self.parameters["PartitionsToGet"]:
            table.check_values(asked["Values"])
            try:
                found.append(table.get_partition(asked["Values"]).as_dict())
            except PartitionNotFoundException:
                continue
        return ActionResult({"Partitions": found, "UnprocessedKeys": []})

    @locked
    def batch_create_partition(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_BatchCreatePartition.html."""
        table, inputs = self.asked_table(), self.parameters["PartitionInputList"]
        for given in inputs:
            table.check_values(given.get("Values") or [])
        return _each(inputs, table.create_partition, "PartitionValues", lambda given: given["Values"])

    @locked
    def batch_update_partition(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_BatchUpdatePartition.html."""
        table, entries = self.asked_table(), self.parameters["Entries"]
        for entry in entries:
            table.check_values(entry["PartitionValueList"])
            table.check_values(entry["PartitionInput"].get("Values") or entry["PartitionValueList"])
        return _each(
            entries,
            lambda entry: table.update_partition(entry["PartitionValueList"], entry["PartitionInput"]),
            "PartitionValueList",
            lambda entry: entry["PartitionValueList"],
        )

    @locked
    def batch_delete_partition(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeletePartition.html."""
        table, asked = self.asked_table(), self.parameters["PartitionsToDelete"]
        for one in asked:
            table.check_values(one["Values"])
        return _each(
            asked, lambda one: table.delete_partition(one["Values"]), "PartitionValues", lambda one: one["Values"]
        )


def _each(
    items: list[dict[str, Any]],
    act: Callable[[dict[str, Any]], None],
    member: str,
    values: Callable[[dict[str, Any]], list[str]],
) -> ActionResult:
    errors = []
    for item in items:
        try:
            act(item)
        except (AlreadyExistsException, EntityNotFoundException) as error:
            told = {"ErrorCode": error.error_type, "ErrorMessage": error.message}
            errors.append({member: values(item), "ErrorDetail": told})
    return ActionResult({"Errors": errors})
