"""Delta targets: a native table, or a table of symlinks over manifests.

See https://docs.aws.amazon.com/glue/latest/dg/crawler-delta-lake.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from lakeshift.crawler.delta_log import DeltaState, read_delta_log
from lakeshift.crawler.found import Found
from lakeshift.crawler.options import CrawlOptions
from lakeshift.crawler.plan import ObjectWrite
from lakeshift.crawler.storage import VERSIONS, plain_table, storage_descriptor
from lakeshift.crawler.targets import DeltaTarget, split_url
from lakeshift.crawler.types import Array, Column, HiveType, Struct, render
from lakeshift.lake import FolderLake

__all__ = ["delta_table", "delta_type"]

_MANIFESTS: Final = "_symlink_format_manifest/"
_NULL: Final = "__HIVE_DEFAULT_PARTITION__"
_LONGEST_PART: Final = 4000  # characters of the schema in one parameter
_PLAIN: Final = {
    "integer": "int",
    "long": "bigint",
    "short": "smallint",
    "byte": "tinyint",
    "timestamp_ntz": "timestamp",
}


def delta_table(lake: FolderLake, target: DeltaTarget, options: CrawlOptions) -> tuple[Found, list[ObjectWrite]]:
    """The table, and the manifests to write; raises ValueError, NoSuchBucketError."""
    bucket, prefix = split_url(target.path)
    state = read_delta_log(lake, bucket, prefix)
    name = prefix.rstrip("/").rpartition("/")[2] or bucket
    if target.native:
        return Found(name, (bucket, prefix), _native(state, bucket, prefix, options)), []
    manifests = _manifests(state, bucket, prefix)
    writes = [ObjectWrite(bucket, key, text) for key, text in manifests.values()] if target.manifest else []
    table, partitions = _symlinks(state, (bucket, prefix), options, manifests)
    return Found(name, (bucket, prefix), table, partitions), writes


def _columns(state: DeltaState, *, partitioned: bool) -> list[dict[str, str]]:
    apart = set(state.partition_columns) if partitioned else set()
    return [
        Column(one["name"].lower(), delta_type(one["type"]), (one.get("metadata") or {}).get("comment", "")).as_api()
        for one in state.schema["fields"]
        if one["name"] not in apart
    ]


def _native(state: DeltaState, bucket: str, prefix: str, options: CrawlOptions) -> dict[str, Any]:
    """As Athena and Spark register one; nothing but the location counts when it is read."""
    schema = state.metadata["schemaString"]
    parts = [schema[at : at + _LONGEST_PART] for at in range(0, len(schema), _LONGEST_PART)]
    parameters = {
        **VERSIONS,
        "EXTERNAL": "TRUE",
        "UPDATED_BY_CRAWLER": options.crawler,
        "classification": "delta",
        "delta.lastCommitTimestamp": str(state.timestamp),
        "delta.lastUpdateVersion": str(state.version),
        "spark.sql.partitionProvider": "catalog",
        "spark.sql.sources.provider": "delta",
        "spark.sql.sources.schema.numParts": str(len(parts)),
        "table_type": "delta",
        **{f"spark.sql.sources.schema.part.{at}": part for at, part in enumerate(parts)},
    }
    where = f"s3://{bucket}/{prefix}"
    serde = {"path": where, "serialization.format": "1"}
    storage = storage_descriptor("delta", _columns(state, partitioned=False), where, serde, parameters)
    return plain_table(storage, parameters)


def _symlinks(
    state: DeltaState,
    place: tuple[str, str],
    options: CrawlOptions,
    manifests: Mapping[tuple[str, ...], tuple[str, str]],
) -> tuple[dict[str, Any], dict[tuple[str, ...], Mapping[str, Any]]]:
    bucket, prefix = place
    parameters = {
        **VERSIONS,
        "UPDATED_BY_CRAWLER": options.crawler,
        "CRAWL_RUN_ID": options.run_id,
        "classification": "parquet",
        "compressionType": "none",
        "typeOfData": "file",
    }
    types = {one["name"]: delta_type(one["type"]) for one in state.schema["fields"]}
    keys = [{"Name": name.lower(), "Type": render(types[name])} for name in state.partition_columns]
    where = f"s3://{bucket}/{prefix}{_MANIFESTS}"
    columns = _columns(state, partitioned=True)
    table = plain_table(storage_descriptor("symlink", columns, where, {}, parameters), parameters, keys)
    partitions: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for values, (key, _) in manifests.items() if keys else ():
        folder = f"s3://{bucket}/{key.rpartition('/')[0]}/"
        storage = storage_descriptor("symlink", columns, folder, {}, parameters)
        shared = {name: value for name, value in parameters.items() if name not in ("CRAWL_RUN_ID",)}
        storage["Parameters"] = shared
        partitions[values] = {"Values": list(values), "StorageDescriptor": storage, "Parameters": shared}
    return table, partitions


def _manifests(state: DeltaState, bucket: str, prefix: str) -> dict[tuple[str, ...], tuple[str, str]]:
    """Key and text of each partition's manifest: the URLs of its live files, one a line."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for path, values in state.files.items():
        told = tuple(_NULL if values.get(name) is None else str(values[name]) for name in state.partition_columns)
        groups.setdefault(told, []).append(path if "://" in path else f"s3://{bucket}/{prefix}{path}")
    if not groups and not state.partition_columns:
        groups[()] = []
    made = {}
    for told, urls in sorted(groups.items()):
        folders = "".join(f"{name}={value}/" for name, value in zip(state.partition_columns, told, strict=True))
        text = "".join(f"{url}\n" for url in sorted(urls))
        made[told] = (f"{prefix}{_MANIFESTS}{folders}manifest", text)
    return made


def delta_type(kind: Any) -> HiveType:
    """The catalog's type of a type in a Delta schema."""
    if isinstance(kind, str):
        return _PLAIN.get(kind, kind)
    if kind["type"] == "struct":
        return Struct(tuple((one["name"], delta_type(one["type"])) for one in kind["fields"]))
    if kind["type"] == "array":
        return Array(delta_type(kind["elementType"]))
    if kind["type"] == "map":
        return f"map<{render(delta_type(kind['keyType']))},{render(delta_type(kind['valueType']))}>"
    raise ValueError(f"The Delta type {json.dumps(kind)} is not known.")
