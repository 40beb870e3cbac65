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


def test_defaults_are_those_of_aws() -> None:
    destination = read(PLAIN)
    assert (destination.bucket, destination.size, destination.interval) == ("raw", 5 * 1024 * 1024, 300)
    assert not (destination.gzip or destination.partitioned or destination.delimiter)


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
}
REFUSED_BY_US = {
    "snappy": {**PLAIN, "CompressionFormat": "Snappy"},
    "conversion": {**PLAIN, "DataFormatConversionConfiguration": {"Enabled": True}},
    "backup": {**PLAIN, "S3BackupMode": "Enabled"},
    "lambda": {**PLAIN, **processor("Lambda", LambdaArn="arn")},
    "deaggregation": {**PLAIN, **processor("RecordDeAggregation", SubRecordType="JSON")},
}


@pytest.mark.parametrize("configuration", REFUSED_BY_AWS.values(), ids=REFUSED_BY_AWS)
def test_a_wrong_configuration_is_refused(configuration: dict[str, Any]) -> None:
    with pytest.raises(DestinationError):
        read(configuration)


@pytest.mark.parametrize("configuration", REFUSED_BY_US.values(), ids=REFUSED_BY_US)
def test_what_would_not_act_is_refused(configuration: dict[str, Any]) -> None:
    with pytest.raises(NotSupportedLocallyError):
        read(configuration)
