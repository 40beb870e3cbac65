"""One stream's S3 destination: read from its configuration, with everything that would not act refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.firehose.prefix import PrefixError, expressions

__all__ = ["Destination", "DestinationError", "read"]

_PAGE: Final = "https://docs.aws.amazon.com/firehose/latest/APIReference/API_ExtendedS3DestinationConfiguration.html"
_MEGABYTE: Final = 1024 * 1024


class DestinationError(ValueError):
    """AWS refuses the configuration too; the text says why."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where and how records are delivered; ``size`` in bytes, ``interval`` in seconds."""

    bucket: str
    prefix: str
    error_prefix: str | None
    size: int
    interval: int
    zone: ZoneInfo
    gzip: bool
    extension: str
    query: str | None
    partitioned: bool
    delimiter: bytes


def read(configuration: Mapping[str, Any]) -> Destination:
    """The destination of an ``ExtendedS3DestinationConfiguration``.

    Raises DestinationError as AWS would, NotSupportedLocallyError for what is not delivered locally.
    """
    _refuse(configuration)
    hints = configuration.get("BufferingHints") or {}
    partitioned = bool((configuration.get("DynamicPartitioningConfiguration") or {}).get("Enabled"))
    query, delimiter = _processing(configuration.get("ProcessingConfiguration") or {})
    compressed = configuration.get("CompressionFormat") == "GZIP"
    destination = Destination(
        bucket=str(configuration["BucketARN"]).rpartition(":")[2],
        prefix=configuration.get("Prefix") or "",
        error_prefix=configuration.get("ErrorOutputPrefix"),
        size=int(hints.get("SizeInMBs") or (64 if partitioned else 5)) * _MEGABYTE,
        interval=int(hints.get("IntervalInSeconds", 300)),
        zone=ZoneInfo(configuration.get("CustomTimeZone") or "UTC"),
        gzip=compressed,
        extension=configuration.get("FileExtension") or (".gz" if compressed else ""),
        query=query,
        partitioned=partitioned,
        delimiter=delimiter,
    )
    _check(destination)
    return destination


def _refuse(configuration: Mapping[str, Any]) -> None:
    compression = configuration.get("CompressionFormat", "UNCOMPRESSED")
    if compression not in ("UNCOMPRESSED", "GZIP"):
        raise NotSupportedLocallyError(f"CompressionFormat {compression}", "Use UNCOMPRESSED or GZIP.", _PAGE)
    if (configuration.get("DataFormatConversionConfiguration") or {}).get("Enabled"):
        raise NotSupportedLocallyError(
            "Firehose's conversion to Parquet or ORC", "Deliver JSON and convert it in a Glue job.", _PAGE
        )
    if configuration.get("S3BackupMode", "Disabled") != "Disabled":
        raise NotSupportedLocallyError("S3BackupMode Enabled", "Deliver the source records alone.", _PAGE)


def _processing(configuration: Mapping[str, Any]) -> tuple[str | None, bytes]:
    query, delimiter = None, b""
    if not configuration.get("Enabled"):
        return query, delimiter
    for processor in configuration.get("Processors") or []:
        parameters = {one["ParameterName"]: one["ParameterValue"] for one in processor.get("Parameters") or []}
        if processor["Type"] == "MetadataExtraction":
            query = parameters.get("MetadataExtractionQuery")
            _compile(query)
        elif processor["Type"] == "AppendDelimiterToRecord":
            delimiter = parameters.get("Delimiter", "\\n").replace("\\n", "\n").encode()
        else:
            instead = "Send one record a record, and transform in a Glue job."
            raise NotSupportedLocallyError(f"The processor {processor['Type']}", instead, _PAGE)
    return query, delimiter


def _compile(query: str | None) -> None:
    import jq

    if not query:
        raise DestinationError("MetadataExtractionQuery must be given for a MetadataExtraction processor")
    try:
        jq.compile(query)
    except ValueError as error:
        raise DestinationError(f"MetadataExtractionQuery {query!r} is no jq program: {error}") from error


def _check(destination: Destination) -> None:
    try:
        used = expressions(destination.prefix)
        failing = expressions(destination.error_prefix or "")
    except PrefixError as error:
        raise DestinationError(str(error)) from error
    if ("firehose", "error-output-type") in used:
        raise DestinationError("Prefix cannot contain !{firehose:error-output-type}")
    if used and destination.error_prefix is None:
        raise DestinationError("ErrorOutputPrefix cannot be null when Prefix contains expressions")
    if failing and ("firehose", "error-output-type") not in failing:
        raise DestinationError("ErrorOutputPrefix must contain at least one instance of !{firehose:error-output-type}")
    if any(namespace == "partitionKeyFromQuery" for namespace, _ in failing):
        raise DestinationError("ErrorOutputPrefix cannot contain partition keys")
    if not 0 <= destination.interval <= 900:
        raise DestinationError("BufferingHints.IntervalInSeconds must be between 0 and 900")
    if not _MEGABYTE <= destination.size <= 128 * _MEGABYTE:
        raise DestinationError("BufferingHints.SizeInMBs must be between 1 and 128")
    _check_partitions(destination, any(namespace == "partitionKeyFromQuery" for namespace, _ in used))


def _check_partitions(destination: Destination, keyed: bool) -> None:
    if destination.partitioned and destination.size < 64 * _MEGABYTE:
        raise DestinationError("BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled.")
    if destination.partitioned and not (destination.query and keyed):
        raise DestinationError(
            "Dynamic Partitioning needs a MetadataExtraction processor and its keys in Prefix as "
            "!{partitionKeyFromQuery:key}"
        )
    if keyed and not destination.partitioned:
        raise DestinationError("Prefix uses partition keys: Dynamic Partitioning must be enabled")
