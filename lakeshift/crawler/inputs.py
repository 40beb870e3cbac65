"""TableInput and PartitionInput of a unit, as the crawler writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from lakeshift.crawler.found import Found
from lakeshift.crawler.grouping import Unit
from lakeshift.crawler.names import partition_key
from lakeshift.crawler.options import CrawlOptions
from lakeshift.crawler.statistics import fold
from lakeshift.crawler.storage import VERSIONS, plain_table, storage_descriptor
from lakeshift.crawler.targets import Target
from lakeshift.crawler.tree import File
from lakeshift.crawler.types import Column, merge_columns

__all__ = [
    "found",
    "location",
    "partition_input",
    "partition_inputs",
    "partition_keys",
    "partition_value",
    "table_input",
]


def location(target: Target, path: str) -> str:
    """``s3://bucket/path``: ends with ``/`` for a folder, not for a single object."""
    return f"s3://{target.bucket}/{path}"


def partition_keys(unit: Unit) -> list[str]:
    """One key a level: the name before ``=`` where every folder of the level agrees, else ``partition_<level>``."""
    keys = []
    for level in range(unit.levels):
        named = {partition_key(values[level]) for values, _ in unit.leaves}
        only = next(iter(named)) if len(named) == 1 else None
        keys.append(only or f"partition_{level}")
    return keys


def found(unit: Unit, target: Target, options: CrawlOptions) -> Found:
    """The unit as a table with its partitions."""
    place = (target.bucket, unit.path)
    built = table_input(unit, target, options)
    return Found(unit.name or target.bucket, place, built, dict(partition_inputs(unit, target)))


def table_input(unit: Unit, target: Target, options: CrawlOptions) -> dict[str, Any]:
    """The TableInput without a name: columns and parameters over all its files, in key order."""
    files = [file for _, leaf in unit.leaves for file in leaf]
    parameters = {
        **_parameters(files, target),
        "UPDATED_BY_CRAWLER": options.crawler,
        "CRAWL_RUN_ID": options.run_id,
    }
    keys = partition_keys(unit)
    if keys and options.partition_index:
        parameters["partition_filtering.enabled"] = "true"
    storage = _storage(unit.schema, files, location(target, unit.path), parameters)
    return plain_table(storage, parameters, [{"Name": key, "Type": "string"} for key in keys])


def partition_inputs(unit: Unit, target: Target) -> Iterable[tuple[tuple[str, ...], dict[str, Any]]]:
    """Values and PartitionInput of every partition; its columns are those of its own files."""
    if not unit.levels:
        return
    keys = partition_keys(unit)
    for folders, files in unit.leaves:
        values = tuple(partition_value(folder, key) for folder, key in zip(folders, keys, strict=True))
        yield values, partition_input(values, files, target, f"{unit.path}{'/'.join(folders)}/")


def partition_input(values: tuple[str, ...], files: Sequence[File], target: Target, prefix: str) -> dict[str, Any]:
    """The PartitionInput of the files below the key ``prefix``."""
    distinct = list({id(file.reading.columns): file.reading.columns for file in files}.values())
    schema = distinct[0] if len(distinct) == 1 else merge_columns(distinct)
    parameters = _parameters(files, target)
    return {
        "Values": list(values),
        "StorageDescriptor": _storage(schema, files, location(target, prefix), parameters),
        "Parameters": parameters,
    }


def partition_value(folder: str, key: str) -> str:
    """The value that a folder gives the partition key: after its ``=``, or all of its name."""
    return folder.partition("=")[2] if partition_key(folder) == key else folder


def _parameters(files: Iterable[File], target: Target) -> dict[str, str]:
    readings = [file.reading for file in files]
    first = readings[0]
    found = {
        **VERSIONS,
        **fold(reading.count for reading in readings).parameters(),
        "classification": first.classification,
        "compressionType": first.compression,
        "typeOfData": "file",
        **dict(first.parameters),
    }
    if target.exclusions:
        urls = [location(target, f"{target.prefix}{pattern}") for pattern in target.exclusions]
        found["exclusions"] = json.dumps(urls, separators=(",", ":"))
    return found


def _storage(
    schema: tuple[Column, ...], files: Iterable[File], where: str, parameters: dict[str, str]
) -> dict[str, Any]:
    readings = [file.reading for file in files]
    serde = dict(readings[0].serde_parameters)
    if readings[0].keys:
        keys = {key for keys in {reading.keys for reading in readings} for key in keys}
        serde["paths"] = ",".join(sorted(keys))
    columns = [column.as_api() for column in schema]
    return storage_descriptor(readings[0].serde, columns, where, serde, parameters)
