"""Format conversion as a stream is configured for it, checked in AWS's order and with its words. Pure.

https://docs.aws.amazon.com/firehose/latest/APIReference/API_DataFormatConversionConfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.firehose import joda
from lakeshift.local.firehose.columnar import Serializer, read_orc, read_parquet
from lakeshift.local.firehose.deserialize import SerDe

__all__ = ["Conversion", "ConversionError", "TableName", "read"]

_PAGE: Final = "https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html"
_LEAST: Final = 64  # MiB
_COMPRESSED: Final = (
    "The S3 destination's compression format must be set to UNCOMPRESSED when data format conversion is enabled. To "
    "enable compression within the converted output format, set the appropriate serialization option in the output "
    "format configuration."
)


class ConversionError(ValueError):
    """AWS refuses the configuration too; the text is AWS's."""


@dataclass(frozen=True, slots=True)
class TableName:
    """The table of a SchemaConfiguration; ``version`` is LATEST or a number."""

    database: str
    table: str
    version: str
    role: str
    region: str | None = None
    catalog: str | None = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """How records are read, by which table, and what they become."""

    serde: SerDe
    table: TableName
    serializer: Serializer

    @property
    def extension(self) -> str:
        """The default file extension."""
        return f".{self.serializer.form}"


def read(destination: Mapping[str, Any]) -> Conversion | None:
    """The conversion of an S3 destination, None without one. Raises ConversionError, NotSupportedLocallyError."""
    given = destination.get("DataFormatConversionConfiguration")
    if given is None or not given.get("Enabled", True):
        return None
    if destination.get("CompressionFormat", "UNCOMPRESSED") != "UNCOMPRESSED":
        raise ConversionError(_COMPRESSED)
    size = (destination.get("BufferingHints") or {}).get("SizeInMBs")
    if size is not None and int(size) < _LEAST:
        raise ConversionError(
            f"BufferingHints.SizeInMBs must be at least {_LEAST} when data format conversion is enabled."
        )
    parts = [_needed(given, name) for name in ("InputFormatConfiguration", "OutputFormatConfiguration")]
    schema = _needed(given, "SchemaConfiguration")
    kind, options = _only(parts[0], "Deserializer", ("OpenXJsonSerDe", "HiveJsonSerDe"))
    form, written = _only(parts[1], "Serializer", ("ParquetSerDe", "OrcSerDe"))
    serializer = read_parquet(written) if form == "ParquetSerDe" else read_orc(written)
    return Conversion(_openx(options) if kind == "OpenXJsonSerDe" else _hive(options), _table(schema), serializer)


def _needed(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if given.get(name) is None:
        raise ConversionError(f"{name} must not be null")
    return dict(given[name])


def _only(given: Mapping[str, Any], name: str, kinds: tuple[str, str]) -> tuple[str, Mapping[str, Any]]:
    chosen = [(kind, given[name][kind]) for kind in kinds if (given.get(name) or {}).get(kind) is not None]
    if not chosen:
        raise ConversionError(f"{name} must not be null")
    if len(chosen) > 1:
        raise ConversionError(f"More than one {name.lower()} specified. Only one may be chosen.")
    return chosen[0]


def _openx(given: Mapping[str, Any]) -> SerDe:
    return SerDe(
        openx=True,
        ignore_case=bool(given.get("CaseInsensitive", True)),
        dots=bool(given.get("ConvertDotsInJsonKeysToUnderscores", False)),
        keys=dict(given.get("ColumnToJsonKeyMappings") or {}),
    )


def _hive(given: Mapping[str, Any]) -> SerDe:
    formats = tuple(given.get("TimestampFormats") or ())
    for pattern in formats:
        try:
            joda.compile_pattern(pattern)
        except joda.PatternError as error:
            feature = f"The timestamp format {pattern!r}"
            raise NotSupportedLocallyError(
                feature, f"{error} Use y, M, d, D, H, h, m, s, S, a, E, Z or z.", _PAGE
            ) from error
    return SerDe(openx=False, formats=formats)


def _table(given: Mapping[str, Any]) -> TableName:
    for name, told in (("RoleARN", "RoleArn"), ("DatabaseName", "DatabaseName"), ("TableName", "TableName")):
        if not given.get(name):
            raise ConversionError(f"SchemaConfiguration.{told} must not be null or empty")
    return TableName(
        database=given["DatabaseName"],
        table=given["TableName"],
        version=given.get("VersionId") or "LATEST",
        role=given["RoleARN"],
        region=given.get("Region"),
        catalog=given.get("CatalogId"),
    )
