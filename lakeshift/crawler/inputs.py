"""TableInput and PartitionInput of a unit, as the crawler writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from lakeshift.crawler.grouping import Unit
from lakeshift.crawler.names import partition_key
from lakeshift.crawler.options import CrawlOptions, Target
from lakeshift.crawler.statistics import fold
from lakeshift.crawler.storage import storage_descriptor
from lakeshift.crawler.tree import File
from lakeshift.crawler.types import Column, merge_columns

__all__ = ["location", "partition_inputs", "partition_keys", "table_input"]

_VERSIONS: Final = {"CrawlerSchemaDeserializerVersion": "1.0", "CrawlerSchemaSerializerVersion": "1.0"}


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


def table_input(unit: Unit, name: str, target: Target, options: CrawlOptions) -> dict[str, Any]:
    """The TableInput: columns and parameters over all its files, in key order."""
    files = [file for _, leaf in unit.leaves for file in leaf]
    parameters = {
        **_parameters(files, target),
        "UPDATED_BY_CRAWLER": options.crawler,
        "CRAWL_RUN_ID": options.run_id,
    }
    keys = partition_keys(unit)
    if keys and options.partition_index:
        parameters["partition_filtering.enabled"] = "true"
    return {
        "Name": name,
        "Owner": "owner",
        "Retention": 0,
        "StorageDescriptor": _storage(unit.schema, files, location(target, unit.path), parameters),
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
    }


def partition_inputs(unit: Unit, target: Target) -> Iterable[tuple[tuple[str, ...], dict[str, Any]]]:
    """Values and PartitionInput of every partition; its columns are those of its own files."""
    if not unit.levels:
        return
    keys = partition_keys(unit)
    for folders, files in unit.leaves:
        values = tuple(_value(folder, key) for folder, key in zip(folders, keys, strict=True))
        distinct = list({id(file.reading.columns): file.reading.columns for file in files}.values())
        schema = distinct[0] if len(distinct) == 1 else merge_columns(distinct)
        parameters = _parameters(files, target)
        where = location(target, f"{unit.path}{'/'.join(folders)}/")
        yield (
            values,
            {
                "Values": list(values),
                "StorageDescriptor": _storage(schema, files, where, parameters),
                "Parameters": parameters,
            },
        )


def _value(folder: str, key: str) -> str:
    return folder.partition("=")[2] if partition_key(folder) == key else folder


def _parameters(files: Iterable[File], target: Target) -> dict[str, str]:
    readings = [file.reading for file in files]
    first = readings[0]
    found = {
        **_VERSIONS,
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
