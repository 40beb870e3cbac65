"""The ItemReader of a distributed Map state: items out of S3 objects and listings.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from lakeshift.local.stepfunctions import tasks
from lakeshift.local.stepfunctions.clients import to_json_value
from lakeshift.local.stepfunctions.engine.items import Item
from lakeshift.local.stepfunctions.engine.state import Visit
from lakeshift.local.stepfunctions.language.expressions import lookup
from lakeshift.local.stepfunctions.language.failure import StateFailure
from lakeshift.local.stepfunctions.language.paths import read

__all__ = ["INPUT_TYPES", "read_items"]

INPUT_TYPES: Final = ("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST")
_DELIMITERS: Final = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
_FAILED: Final = "States.ItemReaderFailed"


def read_items(visit: Visit) -> list[Item]:
    """The items that the reader names; raises StateFailure (States.ItemReaderFailed)."""
    reader = visit.definition["ItemReader"]
    name = "Arguments" if visit.jsonata else "Parameters"
    where = visit.filled(reader[name], f"ItemReader/{name}")
    settings = visit.filled(reader.get("ReaderConfig", {}), "ReaderConfig")
    try:
        found = _found(visit, reader["Resource"], where, settings)
        most = _most(visit, settings)
        return [(None, value) for at, value in enumerate(found) if most is None or at < most]
    except ClientError as error:
        raise StateFailure(_FAILED, f"Attempting to read {where}: {error.response['Error']['Message']}") from error
    except (ValueError, KeyError, UnicodeDecodeError) as error:
        raise StateFailure(_FAILED, f"The contents of {where} could not be read: {error}") from error


def _found(visit: Visit, resource: str, where: dict[str, Any], settings: dict[str, Any]) -> Iterator[Any]:
    if not resource.endswith("listObjectsV2"):
        yield from _records(visit, where, settings)
    elif settings.get("Transformation") == "LOAD_AND_FLATTEN":
        for item in _listed(visit, where):
            yield from _records(visit, {"Bucket": where["Bucket"], "Key": item["Key"]}, settings)
    else:
        yield from _listed(visit, where)


def _most(visit: Visit, settings: dict[str, Any]) -> int | None:
    path = settings.get("MaxItemsPath")
    most = lookup(path, visit.data(), "MaxItemsPath") if path else settings.get("MaxItems")
    return int(most) if most else None


def _listed(visit: Visit, where: dict[str, Any]) -> Iterator[dict[str, Any]]:
    pages = tasks.client("s3", visit.scope.run.region, "raw").get_paginator("list_objects_v2").paginate(**where)
    for page in pages:
        for item in page.get("Contents", []):
            modified = int(item["LastModified"].timestamp())
            yield {
                "Etag": item["ETag"],
                "Key": item["Key"],
                "LastModified": modified,
                "Size": item["Size"],
                "StorageClass": item.get("StorageClass", "STANDARD"),
            }


def _records(visit: Visit, where: dict[str, Any], settings: dict[str, Any]) -> Iterator[Any]:
    given = {key: value for key, value in where.items() if key in ("Bucket", "Key", "VersionId")}
    body = _plain(tasks.client("s3", visit.scope.run.region, "raw").get_object(**given)["Body"].read())
    kind = settings.get("InputType")
    if kind == "CSV":
        yield from _csv(body.decode("utf-8-sig"), settings)
    elif kind == "JSONL":
        yield from (json.loads(line) for line in body.decode().splitlines() if line.strip())
    elif kind == "PARQUET":
        yield from _parquet(body)
    elif kind == "MANIFEST":
        yield from _manifest(visit, where["Bucket"], body, settings)
    else:
        yield from _json(body, settings)


def _plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def _csv(text: str, settings: dict[str, Any]) -> Iterator[dict[str, str]]:
    rows = csv.reader(io.StringIO(text), delimiter=_DELIMITERS[settings.get("CSVDelimiter", "COMMA")])
    names = settings.get("CSVHeaders") if settings.get("CSVHeaderLocation") == "GIVEN" else next(rows, None)
    for row in rows:
        if row:
            yield {name: row[at] if at < len(row) else "" for at, name in enumerate(names or [])}


def _json(body: bytes, settings: dict[str, Any]) -> Iterator[Any]:
    found = json.loads(body)
    if pointer := settings.get("ItemsPointer"):
        found = read("$" + pointer.replace("/", "."), found)
    if isinstance(found, dict):
        yield from ({"Key": key, "Value": value} for key, value in found.items())
        return
    if not isinstance(found, list):
        raise ValueError("it is no JSON array")
    yield from found


def _parquet(body: bytes) -> Iterator[Any]:
    import pyarrow.parquet

    for batch in pyarrow.parquet.ParquetFile(io.BytesIO(body)).iter_batches():
        yield from (to_json_value(row) for row in batch.to_pylist())


def _manifest(visit: Visit, bucket: str, body: bytes, settings: dict[str, Any]) -> Iterator[Any]:
    """An S3 inventory's manifest (its CSV files), or a manifest of an Athena UNLOAD (one object a line)."""
    if settings.get("ManifestType") == "ATHENA_DATA":
        for line in body.decode().split():
            source, _, key = line.removeprefix("s3://").partition("/")
            yield from _records(
                visit, {"Bucket": source, "Key": key}, {**settings, "InputType": _athena_type(settings)}
            )
        return
    manifest = json.loads(body)
    if manifest.get("fileFormat") != "CSV":
        raise ValueError("an inventory must be of CSV files")
    given = {"CSVHeaderLocation": "GIVEN", "CSVHeaders": [one.strip() for one in manifest["fileSchema"].split(",")]}
    for file in manifest["files"]:
        yield from _records(visit, {"Bucket": bucket, "Key": file["key"]}, {"InputType": "CSV", **given})


def _athena_type(settings: dict[str, Any]) -> str:
    kind = settings.get("InputType", "JSONL")
    return "JSONL" if kind == "MANIFEST" else str(kind)
