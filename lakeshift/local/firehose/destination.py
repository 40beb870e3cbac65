"""One stream's S3 destination: read from its configuration, with everything that would not act refused."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.firehose import conversion as conversions
from lakeshift.local.firehose.compression import COMPRESSIONS, Compression
from lakeshift.local.firehose.prefix import PrefixError, expressions
from lakeshift.local.firehose.processing import Steps

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
    compression: Compression
    extension: str
    query: str | None
    partitioned: bool
    delimiter: bytes
    steps: Steps
    conversion: conversions.Conversion | None = None
    log: tuple[str, str] | None = None  # log group and log stream that hear of failed deliveries


def read(configuration: Mapping[str, Any]) -> Destination:
    """The destination of an ``ExtendedS3DestinationConfiguration``.

    Raises DestinationError as AWS would, NotSupportedLocallyError for what is not delivered locally.
    """
    if configuration.get("S3BackupMode", "Disabled") != "Disabled":
        raise NotSupportedLocallyError("S3BackupMode Enabled", "Deliver the source records alone.", _PAGE)
    try:
        conversion = conversions.read(configuration)
    except conversions.ConversionError as error:
        raise DestinationError(str(error)) from error
    hints = configuration.get("BufferingHints") or {}
    partitioned = bool((configuration.get("DynamicPartitioningConfiguration") or {}).get("Enabled"))
    processors = _processors(configuration.get("ProcessingConfiguration") or {})
    compression = COMPRESSIONS[configuration.get("CompressionFormat") or "UNCOMPRESSED"]
    destination = Destination(
        bucket=str(configuration["BucketARN"]).rpartition(":")[2],
        prefix=configuration.get("Prefix") or "",
        error_prefix=configuration.get("ErrorOutputPrefix"),
        size=int(hints.get("SizeInMBs") or (128 if conversion else 64 if partitioned else 5)) * _MEGABYTE,
        interval=int(hints.get("IntervalInSeconds", 300)),
        zone=_zone(configuration.get("CustomTimeZone") or "UTC"),
        compression=compression,
        extension=configuration.get("FileExtension") or (conversion.extension if conversion else compression.extension),
        query=_query(processors),
        partitioned=partitioned,
        delimiter=_delimiter(processors),
        steps=_steps(processors),
        conversion=conversion,
        log=_log(configuration.get("CloudWatchLoggingOptions") or {}),
    )
    _check(destination)
    return destination


def _log(options: Mapping[str, Any]) -> tuple[str, str] | None:
    if not options.get("Enabled"):
        return None
    if not (options.get("LogGroupName") and options.get("LogStreamName")):
        raise DestinationError("LogGroupName and LogStreamName must be given when CloudWatch logging is enabled")
    return options["LogGroupName"], options["LogStreamName"]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise DestinationError(f"CustomTimeZone {name} is not supported") from error


def _processors(configuration: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The parameters of each kind of processor."""
    if not configuration.get("Enabled"):
        return {}
    found: dict[str, dict[str, str]] = {}
    for processor in configuration.get("Processors") or []:
        if processor["Type"] == "Lambda":
            raise NotSupportedLocallyError("The processor Lambda", "Transform the records in a Glue job.", _PAGE)
        given = processor.get("Parameters") or []
        found[processor["Type"]] = {one["ParameterName"]: one["ParameterValue"] for one in given}
    return found


def _query(processors: Mapping[str, Mapping[str, str]]) -> str | None:
    import jq

    if "MetadataExtraction" not in processors:
        return None
    query = processors["MetadataExtraction"].get("MetadataExtractionQuery")
    if not query:
        raise DestinationError("MetadataExtractionQuery must be given for a MetadataExtraction processor")
    try:
        jq.compile(query)
    except ValueError as error:
        raise DestinationError(f"MetadataExtractionQuery {query!r} is no jq program: {error}") from error
    return query


def _delimiter(processors: Mapping[str, Mapping[str, str]]) -> bytes:
    if "AppendDelimiterToRecord" not in processors:
        return b""
    return processors["AppendDelimiterToRecord"].get("Delimiter", "\\n").replace("\\n", "\n").encode()


def _steps(processors: Mapping[str, Mapping[str, str]]) -> Steps:
    packed = "Decompression" in processors
    if packed and processors["Decompression"].get("CompressionFormat", "GZIP") != "GZIP":
        raise DestinationError("CompressionFormat of the Decompression processor must be GZIP")
    messages = "CloudWatchLogProcessing" in processors
    if messages and not packed:
        raise DestinationError("The CloudWatchLogProcessing processor needs a Decompression processor")
    if messages and processors["CloudWatchLogProcessing"].get("DataMessageExtraction", "").lower() != "true":
        raise DestinationError("DataMessageExtraction of the CloudWatchLogProcessing processor must be true")
    parts = processors.get("RecordDeAggregation")
    return Steps(packed, messages, parts is not None, _parted(parts) if parts is not None else None)


def _parted(parameters: Mapping[str, str]) -> bytes | None:
    kind = parameters.get("SubRecordType")
    if kind == "JSON":
        return None
    if kind != "DELIMITED" or not parameters.get("Delimiter"):
        raise DestinationError("RecordDeAggregation needs SubRecordType JSON, or DELIMITED with a Delimiter")
    try:
        return base64.b64decode(parameters["Delimiter"], validate=True)
    except binascii.Error as error:
        raise DestinationError("The Delimiter of RecordDeAggregation must be Base64 encoded") from error


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
