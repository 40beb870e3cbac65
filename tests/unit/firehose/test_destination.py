from __future__ import annotations

from typing import Any

import pytest

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.firehose.destination import DestinationError, read

PLAIN: dict[str, Any] = {"BucketARN": "arn:aws:s3:::raw"}
EXTRACT = {
    "Type": "MetadataExtraction",
    "Parameters": [
        {"ParameterName": "MetadataExtractionQuery", "ParameterValue": "{d: .d}"},
        {"ParameterName": "JsonParsingEngine", "ParameterValue": "JQ-1.6"},
    ],
}
DYNAMIC: dict[str, Any] = {
    **PLAIN,
    "Prefix": "w/!{partitionKeyFromQuery:d}/",
    "ErrorOutputPrefix": "e/!{firehose:error-output-type}/",
    "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
    "DynamicPartitioningConfiguration": {"Enabled": True},
    "ProcessingConfiguration": {"Enabled": True, "Processors": [EXTRACT]},
}


def processor(kind: str, **parameters: str) -> dict[str, Any]:
    given = [{"ParameterName": name, "ParameterValue": value} for name, value in parameters.items()]
    return {"ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": kind, "Parameters": given}]}}


def converting(serializer: dict[str, Any] | None = None, **deserializer: Any) -> dict[str, Any]:
    return {
        **PLAIN,
        "DataFormatConversionConfiguration": {
            "InputFormatConfiguration": {"Deserializer": deserializer or {"OpenXJsonSerDe": {}}},
            "OutputFormatConfiguration": {"Serializer": serializer or {"ParquetSerDe": {}}},
            "SchemaConfiguration": {"RoleARN": "role", "DatabaseName": "raw", "TableName": "weather"},
        },
    }


def without(configuration: dict[str, Any], part: str) -> dict[str, Any]:
    conversion = configuration["DataFormatConversionConfiguration"]
    left = {name: value for name, value in conversion.items() if name != part}
    return {**configuration, "DataFormatConversionConfiguration": left}


def test_defaults_are_those_of_aws() -> None:
    destination = read(PLAIN)
    assert (destination.bucket, destination.size, destination.interval) == ("raw", 5 * 1024 * 1024, 300)
    assert not (destination.extension or destination.partitioned or destination.delimiter or destination.conversion)


def test_dynamic_partitioning_is_read() -> None:
    destination = read(DYNAMIC)
    assert (destination.partitioned, destination.query, destination.interval) == (True, "{d: .d}", 60)


@pytest.mark.parametrize(("written", "delimiter"), [("\\n", b"\n"), ("|", b"|")])
def test_a_delimiter_is_read_with_its_escape(written: str, delimiter: bytes) -> None:
    assert read({**PLAIN, **processor("AppendDelimiterToRecord", Delimiter=written)}).delimiter == delimiter


REFUSED_BY_AWS = {
    "an expression without an error prefix": {**PLAIN, "Prefix": "!{timestamp:yyyy}/"},
    "an error prefix without its type": {**PLAIN, "ErrorOutputPrefix": "e/!{timestamp:yyyy}/"},
    "the error type in the prefix": {**DYNAMIC, "Prefix": "!{firehose:error-output-type}/"},
    "an unknown namespace": {**PLAIN, "Prefix": "!{date:yyyy}/", "ErrorOutputPrefix": "e/"},
    "a small buffer with partitions": {**DYNAMIC, "BufferingHints": {"SizeInMBs": 5}},
    "partitions without a query": {**DYNAMIC, "ProcessingConfiguration": {"Enabled": False}},
    "keys without partitions": {**DYNAMIC, "DynamicPartitioningConfiguration": {"Enabled": False}},
    "a query that is no jq": {**DYNAMIC, **processor("MetadataExtraction", MetadataExtractionQuery="{d:")},
    "a long interval": {**PLAIN, "BufferingHints": {"IntervalInSeconds": 901}},
    "a large buffer": {**PLAIN, "BufferingHints": {"SizeInMBs": 129}},
    "an unknown time zone": {**PLAIN, "CustomTimeZone": "Mars/Olympus"},
    "parts without their delimiter": {**PLAIN, **processor("RecordDeAggregation", SubRecordType="DELIMITED")},
    "a delimiter that is no Base64": {
        **PLAIN,
        **processor("RecordDeAggregation", SubRecordType="DELIMITED", Delimiter="####"),
    },
    "messages of what stays packed": {**PLAIN, **processor("CloudWatchLogProcessing", DataMessageExtraction="true")},
    "another packing": {**PLAIN, **processor("Decompression", CompressionFormat="SNAPPY")},
}
REFUSED_BY_US = {
    "backup": {**PLAIN, "S3BackupMode": "Enabled"},
    "lambda": {**PLAIN, **processor("Lambda", LambdaArn="arn")},
    "a timestamp format": converting(HiveJsonSerDe={"TimestampFormats": ["GGGG"]}),
}


@pytest.mark.parametrize("configuration", REFUSED_BY_AWS.values(), ids=REFUSED_BY_AWS)
def test_a_wrong_configuration_is_refused(configuration: dict[str, Any]) -> None:
    with pytest.raises(DestinationError):
        read(configuration)


@pytest.mark.parametrize("configuration", REFUSED_BY_US.values(), ids=REFUSED_BY_US)
def test_what_would_not_act_is_refused(configuration: dict[str, Any]) -> None:
    with pytest.raises(NotSupportedLocallyError):
        read(configuration)


SMALL = "BufferingHints.SizeInMBs must be at least 64 when data format conversion is enabled."
CONVERSIONS = {
    "a small buffer": ({**converting(), "BufferingHints": {"SizeInMBs": 63}}, SMALL),
    "a compression": (
        {**converting(), "CompressionFormat": "GZIP", "BufferingHints": {"SizeInMBs": 5}},
        "The S3 destination's compression format must be set to UNCOMPRESSED when data format conversion is enabled.",
    ),
    "no input": (without(converting(), "InputFormatConfiguration"), "InputFormatConfiguration must not be null"),
    "no output": (without(converting(), "OutputFormatConfiguration"), "OutputFormatConfiguration must not be null"),
    "no schema": (without(converting(), "SchemaConfiguration"), "SchemaConfiguration must not be null"),
    "two deserializers": (
        converting(OpenXJsonSerDe={}, HiveJsonSerDe={}),
        "More than one deserializer specified. Only one may be chosen.",
    ),
    "no serializer": (converting({"ParquetSerDe": None}), "Serializer must not be null"),
}


@pytest.mark.parametrize(("configuration", "said"), CONVERSIONS.values(), ids=CONVERSIONS)
def test_a_wrong_conversion_is_refused_in_the_words_of_aws(configuration: dict[str, Any], said: str) -> None:
    with pytest.raises(DestinationError) as refused:
        read(configuration)
    assert str(refused.value).startswith(said)


def test_a_conversion_without_hints_buffers_128_mebibytes_and_names_its_files() -> None:
    parquet, orc = read(converting()), read(converting({"OrcSerDe": {}}))
    assert (parquet.size, parquet.extension, orc.extension) == (128 * 1024 * 1024, ".parquet", ".orc")


def test_a_conversion_that_is_not_enabled_converts_nothing() -> None:
    configuration = converting()
    configuration["DataFormatConversionConfiguration"]["Enabled"] = False
    assert read(configuration).conversion is None


def test_parts_and_their_delimiter_are_read() -> None:
    parts = read({**PLAIN, **processor("RecordDeAggregation", SubRecordType="DELIMITED", Delimiter="IyMjIw==")})
    assert (parts.steps.deaggregate, parts.steps.delimiter) == (True, b"####")
