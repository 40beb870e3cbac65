"""The events of a changed catalog: which a request's success is told by. Pure.

https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["Told", "told_by"]

Told = tuple[str, dict[str, Any], list[str]]  # detail type, detail, resources

_DATABASE: Final = "Glue Data Catalog Database State Change"
_TABLE: Final = "Glue Data Catalog Table State Change"
_OF_DATABASE: Final = ("CreateDatabase", "DeleteDatabase", "CreateTable", "DeleteTable", "BatchDeleteTable")
_OF_TABLE: Final = (
    "UpdateTable",
    "CreatePartition",
    "BatchCreatePartition",
    "UpdatePartition",
    "BatchUpdatePartition",
    "DeletePartition",
    "BatchDeletePartition",
)


def told_by(operation: str, given: Mapping[str, Any], region: str, account: str) -> Told | None:
    """What tells of a successful request; None where nothing does."""
    prefix = f"arn:aws:glue:{region}:{account}:"
    if operation in _OF_DATABASE:
        database = given.get("DatabaseName") or given.get("Name") or given["DatabaseInput"]["Name"]
        tables = _tables(given)
        detail: dict[str, Any] = {"databaseName": database, "typeOfChange": operation}
        if tables:
            detail["changedTables"] = tables
        arns = [f"{prefix}table/{database}/{table}" for table in tables] or [f"{prefix}database/{database}"]
        return _DATABASE, detail, arns
    if operation in _OF_TABLE:
        database, table = given["DatabaseName"], given.get("TableName") or given["TableInput"]["Name"]
        detail = {"databaseName": database, "tableName": table, "typeOfChange": operation}
        partitions = _partitions(given)
        if partitions:
            detail["changedPartitions"] = partitions
        return _TABLE, detail, [f"{prefix}table/{database}/{table}"]
    return None


def _tables(given: Mapping[str, Any]) -> list[str]:
    if "TableInput" in given:
        return [given["TableInput"]["Name"]]
    if "TablesToDelete" in given:
        return list(given["TablesToDelete"])
    return [given["Name"]] if "DatabaseName" in given else []


def _partitions(given: Mapping[str, Any]) -> list[str]:
    """The values of each partition, as ``[2026, 01]``."""
    entries = given.get("Entries") or given.get("PartitionInputList") or given.get("PartitionsToDelete") or []
    found = [one.get("Values") or one.get("PartitionValueList") or one["PartitionInput"]["Values"] for one in entries]
    if not found:
        single = given.get("PartitionValues") or given.get("PartitionValueList")
        single = single or (given.get("PartitionInput") or {}).get("Values")
        found = [single] if single else []
    return [f"[{', '.join(values)}]" for values in found]
