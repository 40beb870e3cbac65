"""Iceberg targets: tables are found by their metadata files, and registered with the newest one.

See https://docs.aws.amazon.com/glue/latest/dg/crawler-iceberg.html (paths, exclusions, traversal depth) and
https://iceberg.apache.org/spec/#table-metadata-fields
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from lakeshift.crawler.found import Found
from lakeshift.crawler.globs import exclusion
from lakeshift.crawler.options import CrawlOptions
from lakeshift.crawler.plan import Decision
from lakeshift.crawler.storage import plain_table, storage_descriptor
from lakeshift.crawler.targets import IcebergTarget, split_url
from lakeshift.crawler.types import Array, HiveType, Struct, render
from lakeshift.lake import FolderLake, ObjectInfo

__all__ = ["iceberg_tables", "iceberg_type"]

_METADATA: Final = re.compile(r"(?:v(\d+)|(\d+)-[0-9a-fA-F-]+)(?:\.gz)?\.metadata\.json(?:\.gz)?")
_NEWEST_FORMAT: Final = 2
_PLAIN: Final = {
    "long": "bigint",
    "timestamptz": "timestamp",
    "uuid": "string",
    "time": "string",
}


def iceberg_tables(
    lake: FolderLake, target: IcebergTarget, options: CrawlOptions
) -> Iterator[tuple[Found | None, Decision]]:
    """Every table below the path and what was decided of it, in the order of their folders; raises ValueError."""
    bucket, prefix = split_url(target.path)
    patterns = [exclusion(pattern) for pattern in target.exclusions]
    newest: dict[str, tuple[int, ObjectInfo]] = {}
    for info in lake.list(bucket, prefix):
        folder, _, name = info.key.rpartition("/metadata/")
        found = _METADATA.fullmatch(name)
        if found is None or any(pattern.match(info.key[len(prefix) :]) for pattern in patterns):
            continue
        version = int(found[1] or found[2])
        if folder not in newest or (version, info.mtime_ns) > (newest[folder][0], newest[folder][1].mtime_ns):
            newest[folder] = (version, info)
    if not newest:
        yield None, Decision(target.path, "no Iceberg table: no metadata/*.metadata.json lies below it")
    for folder, (_, info) in sorted(newest.items()):
        where = f"s3://{bucket}/{folder}/"
        depth = folder[len(prefix) :].count("/") + 1 if len(folder) > len(prefix) else 0
        if depth > target.depth:
            yield None, Decision(where, f"left out: {depth} folders deep, MaximumTraversalDepth is {target.depth}")
            continue
        metadata = _read(lake, info)
        table = _table(metadata, f"s3://{bucket}/{info.key}", where, options)
        told = f"an Iceberg table, {info.key.rpartition('/')[2]}: {_snapshot(metadata)}"
        yield Found(folder.rpartition("/")[2], (bucket, f"{folder}/"), table), Decision(where, told)


def _read(lake: FolderLake, info: ObjectInfo) -> dict[str, Any]:
    data = lake.read(info.bucket, info.key)
    if data.startswith(b"\x1f\x8b"):
        import gzip

        data = gzip.decompress(data)
    where = f"s3://{info.bucket}/{info.key}"
    try:
        metadata: dict[str, Any] = orjson.loads(data)
        version = int(metadata["format-version"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"The Iceberg metadata {where} cannot be read: {error}.") from error
    if version > _NEWEST_FORMAT:
        raise ValueError(f"The Iceberg table {where} has format version {version}; crawlers read 1 and 2.")
    return metadata


def _schema(metadata: dict[str, Any]) -> dict[str, Any]:
    current = metadata.get("current-schema-id", 0)
    found: dict[str, Any] = next(
        (schema for schema in metadata.get("schemas", []) if schema.get("schema-id", 0) == current),
        metadata.get("schema") or {"fields": []},
    )
    return found


def _snapshot(metadata: dict[str, Any]) -> str:
    current = metadata.get("current-snapshot-id")
    snapshot = next((one for one in metadata.get("snapshots", []) if one["snapshot-id"] == current), None)
    if snapshot is None:
        return "no snapshot"
    summary = snapshot.get("summary", {})
    rows, files = summary.get("total-records", "?"), summary.get("total-data-files", "?")
    return f"snapshot {current}, {rows} records in {files} files"


def _table(metadata: dict[str, Any], metadata_url: str, where: str, options: CrawlOptions) -> dict[str, Any]:
    parameters = {
        "UPDATED_BY_CRAWLER": options.crawler,
        "metadata_location": metadata_url,
        "table_type": "ICEBERG",
    }
    columns = []
    for one in _schema(metadata)["fields"]:
        facts = {
            "iceberg.field.current": "true",
            "iceberg.field.id": str(one["id"]),
            "iceberg.field.optional": str(not one["required"]).lower(),
        }
        column = {"Name": one["name"].lower(), "Type": render(iceberg_type(one["type"])), "Parameters": facts}
        columns.append({**column, "Comment": one["doc"]} if one.get("doc") else column)
    location = str(metadata.get("location") or where)
    storage = storage_descriptor("none", columns, location.rstrip("/"), {}, {})
    return plain_table({**storage, "NumberOfBuckets": 0}, parameters)


def iceberg_type(kind: Any) -> HiveType:
    """The catalog's type of an Iceberg type."""
    if isinstance(kind, str):
        if kind.startswith("fixed"):
            return "binary"
        return _PLAIN.get(kind, kind.replace(" ", ""))
    if kind["type"] == "struct":
        return Struct(tuple((one["name"], iceberg_type(one["type"])) for one in kind["fields"]))
    if kind["type"] == "list":
        return Array(iceberg_type(kind["element"]))
    return f"map<{render(iceberg_type(kind['key']))},{render(iceberg_type(kind['value']))}>"
