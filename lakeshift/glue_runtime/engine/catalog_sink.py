"""Keeping the catalog in step with what a sink wrote: the table, its columns, its new partitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import unquote

from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.objects import client, normal_root
from lakeshift.glue_runtime.engine.options import flag
from lakeshift.glue_runtime.engine.sinks import FileSink, Written

__all__ = ["new_partitions", "storage_descriptor", "update_catalog"]

_BATCH = 100
_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/update-from-job.html"
_HIVE = "org.apache.hadoop.hive.ql.io"
_TEXT = ("org.apache.hadoop.mapred.TextInputFormat", f"{_HIVE}.HiveIgnoreKeyTextOutputFormat")
_STORAGE = {
    "parquet": (
        f"{_HIVE}.parquet.MapredParquetInputFormat",
        f"{_HIVE}.parquet.MapredParquetOutputFormat",
        f"{_HIVE}.parquet.serde.ParquetHiveSerDe",
    ),
    "orc": (f"{_HIVE}.orc.OrcInputFormat", f"{_HIVE}.orc.OrcOutputFormat", f"{_HIVE}.orc.OrcSerde"),
    "json": (*_TEXT, "org.openx.data.jsonserde.JsonSerDe"),
    "avro": (
        f"{_HIVE}.avro.AvroContainerInputFormat",
        f"{_HIVE}.avro.AvroContainerOutputFormat",
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    ),
    "csv": (*_TEXT, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
}
_INPUT = (
    "Name",
    "Description",
    "Owner",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "TableType",
    "Parameters",
)


def _kind(sink: FileSink) -> str:
    return "parquet" if sink.format == "glueparquet" else sink.format


def storage_descriptor(columns: Sequence[dict[str, str]], location: str, sink: FileSink) -> dict[str, Any]:
    """Return the StorageDescriptor of a table or partition that ``sink`` writes."""
    reads, writes, serde = _STORAGE[_kind(sink)]
    parameters = {"serialization.format": "1"}
    if sink.format == "csv":
        parameters["field.delim"] = str(sink.format_options.get("separator", ","))
    return {
        "Columns": list(columns),
        "Location": location,
        "InputFormat": reads,
        "OutputFormat": writes,
        "Compressed": False,
        "NumberOfBuckets": -1,
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": parameters},
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": {},
        "StoredAsSubDirectories": False,
    }


def _hive_columns(schema: t.StructType) -> list[dict[str, str]]:
    return [{"Name": f.name.lower(), "Type": f.dataType.simpleString()} for f in schema.fields]


def new_partitions(root: str, files: Iterable[str], keys: Sequence[str]) -> dict[tuple[str, ...], str]:
    """Return the partition folders that ``files`` lie in: values → location."""
    found: dict[tuple[str, ...], str] = {}
    base = root.rstrip("/") + "/"
    for path in files:
        folders = path[len(base) :].split("/")[: len(keys)]
        values = tuple(unquote(folder.partition("=")[2]) for folder in folders)
        if len(values) == len(keys):
            found[values] = base + "/".join(folders) + "/"
    return found


def _existing(database: str, name: str) -> dict[str, Any] | None:
    glue = client("glue")
    try:
        return dict(glue.get_table(DatabaseName=database, Name=name)["Table"])
    except glue.exceptions.EntityNotFoundException:
        return None


def update_catalog(
    database: str, name: str, sink: FileSink, written: Written, key_types: dict[str, str], behaviour: str
) -> None:
    """Create or update the table and add the partitions that ``written`` has files in.

    Raises:
        ValueError: the partition keys are not the table's.
        NotSupportedLocallyError: a target that is not S3.

    https://docs.aws.amazon.com/glue/latest/dg/update-from-job.html
    """
    if _kind(sink) not in _STORAGE:
        raise NotSupportedLocallyError(f"enableUpdateCatalog with {sink.format}", "Use parquet, json or csv.", _PAGE)
    columns = _hive_columns(written.schema)
    if not columns:
        return
    root = sink.path.rstrip("/") + "/"
    table = _existing(database, name)
    keys = [{"Name": key.lower(), "Type": key_types[key]} for key in sink.partition_keys]
    if table is None:
        made = _new_table(name, sink, storage_descriptor(columns, root, sink), keys)
        client("glue").create_table(DatabaseName=database, TableInput=made)
    else:
        columns = _update_table(database, table, columns, keys, behaviour)
    if keys and columns:
        _add_partitions(database, name, sink, written, columns)


def _new_table(name: str, sink: FileSink, storage: dict[str, Any], keys: list[dict[str, str]]) -> dict[str, Any]:
    parameters = {"classification": _kind(sink), "typeOfData": "file"}
    if sink.format == "csv":
        parameters["skip.header.line.count"] = "1" if flag(sink.format_options, "writeHeader", default=True) else "0"
    return {
        "Name": name,
        "StorageDescriptor": storage,
        "PartitionKeys": keys,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
    }


def _update_table(
    database: str,
    table: dict[str, Any],
    columns: list[dict[str, str]],
    keys: list[dict[str, str]],
    behaviour: str,
) -> list[dict[str, str]]:
    """Return the columns new partitions get; none when they must not be added."""
    have = [{"Name": c["Name"], "Type": c["Type"]} for c in table["StorageDescriptor"]["Columns"]]
    known = [k["Name"] for k in table.get("PartitionKeys", ())]
    if known != [k["Name"] for k in keys]:
        raise ValueError(
            f"Partition keys {[k['Name'] for k in keys]} do not match those of table {table['Name']}, {known}"
        )
    if behaviour == "LOG":
        return have if {c["Name"] for c in columns} <= {c["Name"] for c in have} else []
    if have != columns:
        changed = {k: table[k] for k in _INPUT if k in table}
        changed["StorageDescriptor"] = {**table["StorageDescriptor"], "Columns": columns}
        client("glue").update_table(DatabaseName=database, TableInput=changed)
    return columns


def _add_partitions(database: str, name: str, sink: FileSink, written: Written, columns: list[dict[str, str]]) -> None:
    found = new_partitions(normal_root(sink.path), written.files, sink.partition_keys)
    inputs = [
        {"Values": list(values), "StorageDescriptor": storage_descriptor(columns, location, sink)}
        for values, location in sorted(found.items())
    ]
    for start in range(0, len(inputs), _BATCH):
        answer = client("glue").batch_create_partition(
            DatabaseName=database, TableName=name, PartitionInputList=inputs[start : start + _BATCH]
        )
        failed = [e for e in answer.get("Errors", ()) if e["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException"]
        if failed:
            raise RuntimeError(f"Could not add partitions to {database}.{name}: {failed[:3]}")
