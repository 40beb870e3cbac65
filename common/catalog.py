"""Tables of the Data Catalog that a job points at what it wrote; glue client calls only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["Columns", "add_partitions", "put_table", "table_location"]

Columns = Sequence["tuple[str, str]"]

_PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "Parameters": {"serialization.format": "1"},
    },
}
_BATCH = 100  # https://docs.aws.amazon.com/glue/latest/webapi/API_BatchCreatePartition.html


def table_location(glue: Any, database: str, table: str) -> str | None:
    """The table's location without a slash at the end, or None where there is no such table."""
    try:
        found = glue.get_table(DatabaseName=database, Name=table)["Table"]
    except glue.exceptions.EntityNotFoundException:
        return None
    return str(found["StorageDescriptor"]["Location"]).rstrip("/")


def put_table(
    glue: Any, database: str, table: str, columns: Columns, location: str, keys: Columns = ()
) -> None:  # fmt: skip
    """Create the Parquet table, or point the existing one at ``location``: one call, so readers see old or new."""
    given = {
        "Name": table,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet", "EXTERNAL": "TRUE"},
        "PartitionKeys": _columns(keys),
        "StorageDescriptor": _storage(columns, location),
    }
    try:
        glue.create_table(DatabaseName=database, TableInput=given)
    except glue.exceptions.AlreadyExistsException:
        glue.update_table(DatabaseName=database, TableInput=given)


def add_partitions(glue: Any, database: str, table: str, columns: Columns, folders: Mapping[str, str]) -> None:
    """Register partitions of a table with one key, value to folder URL; those it has already stay as they are.

    Raises RuntimeError naming the first partition that the catalog refused.
    """
    for batch in _batches(sorted(folders.items())):
        answer = glue.batch_create_partition(
            DatabaseName=database,
            TableName=table,
            PartitionInputList=[
                {"Values": [value], "StorageDescriptor": _storage(columns, folder)} for value, folder in batch
            ],
        )
        for error in answer.get("Errors", []):
            if error["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException":
                raise RuntimeError(f"{database}.{table} {error['PartitionValues']}: {error['ErrorDetail']}")


def _storage(columns: Columns, location: str) -> dict[str, Any]:
    return {"Columns": _columns(columns), "Location": location.rstrip("/") + "/", **_PARQUET}


def _columns(columns: Columns) -> list[dict[str, str]]:
    return [{"Name": name, "Type": kind} for name, kind in columns]


def _batches(items: Sequence[tuple[str, str]]) -> Iterable[Sequence[tuple[str, str]]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
