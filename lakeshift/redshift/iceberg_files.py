"""The data files of an Iceberg table's current snapshot, from its metadata and manifests.

https://iceberg.apache.org/spec/
"""

from __future__ import annotations

import io
import json
from typing import Any, Final

import fastavro

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.lake.folder import FolderLake, NoSuchBucketError, NoSuchKeyError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.load_sources import split_url

__all__ = ["iceberg_files"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/querying-iceberg.html"
_DELETED: Final = 2
_DATA: Final = 0


def iceberg_files(lake: FolderLake, location: str) -> tuple[list[tuple[str, int]], list[tuple[int, str]]]:
    """(url, bytes) of each data file and (number, name) of each field of the current schema.

    Raises RedshiftError for metadata that cannot be read, NotSupportedLocallyError where rows are deleted by delete
    files, which is not applied here, or files are not Parquet.
    """
    metadata = json.loads(_read(lake, location))
    schema = _current_schema(metadata)
    fields = [(int(item["id"]), str(item["name"]).lower()) for item in schema["fields"]]
    current = metadata.get("current-snapshot-id")
    snapshot = next((one for one in metadata.get("snapshots", []) if one["snapshot-id"] == current), None)
    if snapshot is None:
        return [], fields
    files: list[tuple[str, int]] = []
    for manifest in _avro(lake, snapshot["manifest-list"]):
        files += _of_manifest(lake, manifest)
    return files, fields


def _current_schema(metadata: dict[str, Any]) -> dict[str, Any]:
    if "schemas" not in metadata:
        return dict(metadata["schema"])
    number = metadata["current-schema-id"]
    return dict(next(one for one in metadata["schemas"] if one["schema-id"] == number))


def _of_manifest(lake: FolderLake, manifest: dict[str, Any]) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for entry in _avro(lake, manifest["manifest_path"]):
        if entry["status"] == _DELETED:
            continue
        file = entry["data_file"]
        if file.get("content", _DATA) != _DATA:
            raise NotSupportedLocallyError(
                "An Iceberg table with delete files", "Rewrite its data files (copy-on-write).", _PAGE
            )
        if str(file["file_format"]).upper() != "PARQUET":
            raise NotSupportedLocallyError(f"An Iceberg table of {file['file_format']}", "Use Parquet.", _PAGE)
        found.append((_s3(file["file_path"]), int(file["file_size_in_bytes"])))
    return found


def _s3(url: str) -> str:
    return "s3://" + url.partition("://")[2]


def _avro(lake: FolderLake, url: str) -> list[Any]:
    return list(fastavro.reader(io.BytesIO(_read(lake, url))))


def _read(lake: FolderLake, url: str) -> bytes:
    try:
        return lake.read(*split_url(_s3(url)))
    except (NoSuchBucketError, NoSuchKeyError) as error:
        raise RedshiftError(f"The Iceberg metadata file '{url}' does not exist", "XX000") from error
