"""The data files of an Iceberg table's current snapshot and what its delete files take from them.

https://iceberg.apache.org/spec/
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any, Final

import fastavro

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.lake.folder import FolderLake, NoSuchBucketError, NoSuchKeyError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.load_sources import split_url

__all__ = ["DataFile", "EqualityDeletes", "IcebergFiles", "iceberg_files"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/querying-iceberg.html"
_DELETED: Final = 2
_DATA: Final = 0
_POSITIONS: Final = 1


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of rows: its address as it is written in the metadata, bytes, sequence number and partition."""

    written: str
    size: int
    sequence: int
    partition: tuple[int, str]

    @property
    def url(self) -> str:
        """``s3://bucket/key``."""
        return _s3(self.written)


@dataclass(frozen=True, slots=True)
class EqualityDeletes:
    """A file of values: rows of older data files that have them in the ``fields`` of those numbers are deleted."""

    url: str
    fields: tuple[int, ...]
    sequence: int
    partition: tuple[int, str]

    def reaches(self, file: DataFile) -> bool:
        """Whether it is about that file: an older one, of its partition or of any where it has none."""
        return (
            file.sequence < self.sequence
            and self.partition[1] in ("", file.partition[1])
            and (not self.partition[1] or self.partition[0] == file.partition[0])
        )


@dataclass(slots=True)
class IcebergFiles:
    """What is read of a snapshot; ``fields`` are (number, name) of the current schema's columns."""

    fields: list[tuple[int, str]]
    data: list[DataFile] = field(default_factory=list)
    positions: list[str] = field(default_factory=list)
    equalities: list[EqualityDeletes] = field(default_factory=list)


def iceberg_files(lake: FolderLake, location: str) -> IcebergFiles:
    """The files behind the metadata file at ``location``.

    Raises RedshiftError for metadata that cannot be read, NotSupportedLocallyError where files are not Parquet, which
    deletion vectors (version 3) are not either.
    """
    metadata = json.loads(_read(lake, location))
    schema = _current_schema(metadata)
    found = IcebergFiles([(int(item["id"]), str(item["name"]).lower()) for item in schema["fields"]])
    current = metadata.get("current-snapshot-id")
    snapshot = next((one for one in metadata.get("snapshots", []) if one["snapshot-id"] == current), None)
    if snapshot is not None:
        for manifest in _avro(lake, snapshot["manifest-list"]):
            _of_manifest(lake, manifest, found)
    return found


def _current_schema(metadata: dict[str, Any]) -> dict[str, Any]:
    if "schemas" not in metadata:
        return dict(metadata["schema"])
    number = metadata["current-schema-id"]
    return dict(next(one for one in metadata["schemas"] if one["schema-id"] == number))


def _of_manifest(lake: FolderLake, manifest: dict[str, Any], found: IcebergFiles) -> None:
    for entry in _avro(lake, manifest["manifest_path"]):
        if entry["status"] == _DELETED:
            continue
        file = entry["data_file"]
        if str(file["file_format"]).upper() != "PARQUET":
            raise NotSupportedLocallyError(f"An Iceberg table of {file['file_format']}", "Use Parquet.", _PAGE)
        # An entry without a number of its own has its manifest's.
        number = entry.get("sequence_number")
        sequence = int(manifest.get("sequence_number") or 0) if number is None else int(number)
        values = file.get("partition") or {}
        partition = (int(manifest.get("partition_spec_id") or 0), json.dumps(values, default=str) if values else "")
        content = file.get("content", _DATA)
        if content == _DATA:
            found.data.append(DataFile(file["file_path"], int(file["file_size_in_bytes"]), sequence, partition))
        elif content == _POSITIONS:
            found.positions.append(_s3(file["file_path"]))
        else:
            numbers = tuple(int(number) for number in file["equality_ids"])
            found.equalities.append(EqualityDeletes(_s3(file["file_path"]), numbers, sequence, partition))


def _s3(url: str) -> str:
    return "s3://" + url.partition("://")[2]


def _avro(lake: FolderLake, url: str) -> list[Any]:
    return list(fastavro.reader(io.BytesIO(_read(lake, url))))


def _read(lake: FolderLake, url: str) -> bytes:
    try:
        return lake.read(*split_url(_s3(url)))
    except (NoSuchBucketError, NoSuchKeyError) as error:
        raise RedshiftError(f"The Iceberg metadata file '{url}' does not exist", "XX000") from error
