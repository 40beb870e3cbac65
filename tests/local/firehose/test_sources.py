"""Streams with a Kinesis stream or log groups before them, and a Glue table behind."""

from __future__ import annotations

import io
import json
import time
import urllib.error
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from tests.local.firehose.flow import ROLE, Flow


@pytest.fixture
def kinesis(flow: Flow) -> Iterator[str]:
    client = boto3.client("kinesis")
    client.create_stream(StreamName=flow.name, ShardCount=2)
    yield client.describe_stream_summary(StreamName=flow.name)["StreamDescriptionSummary"]["StreamARN"]
    client.delete_stream(StreamName=flow.name)


@pytest.fixture
def table(flow: Flow) -> Iterator[dict[str, Any]]:
    glue = boto3.client("glue")
    database = f"db_{uuid.uuid4().hex}"
    glue.create_database(DatabaseInput={"Name": database})
    asked = {"Name": "weather", "StorageDescriptor": {"Columns": [{"Name": "temp", "Type": "double"}]}}
    glue.create_table(DatabaseName=database, TableInput=asked)
    asked["StorageDescriptor"]["Columns"].append({"Name": "day", "Type": "string"})
    glue.update_table(DatabaseName=database, TableInput=asked)
    yield {"RoleARN": ROLE, "DatabaseName": database, "TableName": "weather", "Region": "us-east-1"}
    glue.delete_database(Name=database)


def conversion(table: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "DataFormatConversionConfiguration": {
            "Enabled": True,
            "SchemaConfiguration": {**table, **more},
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
        }
    }


def put(flow: Flow, *records: bytes) -> None:
    boto3.client("kinesis").put_records(
        StreamName=flow.name, Records=[{"Data": one, "PartitionKey": str(n)} for n, one in enumerate(records)]
    )


def test_a_kinesis_stream_is_read_from_its_end_and_once(flow: Flow, kinesis: str) -> None:
    put(flow, b"before")
    flow.create(kinesis)
    put(flow, b"a", b"b", b"c")
    assert flow.flush()["records"] == 3
    assert flow.flush()["records"] == 0
    put(flow, b"d")
    flow.flush()
    assert sorted(b"".join(flow.delivered().values())) == sorted(b"abcd")
    source = flow.describe()["Source"]["KinesisStreamSourceDescription"]
    assert (source["KinesisStreamARN"], source["RoleARN"]) == (kinesis, ROLE)
    assert source["DeliveryStartTimestamp"]


def test_a_stream_that_is_resharded_is_read_once(flow: Flow, kinesis: str) -> None:
    client = boto3.client("kinesis")
    flow.create(kinesis)
    for shards in (4, 2, 1):
        put(flow, *(b"%d;" % n for n in range(20)))
        client.update_shard_count(StreamName=flow.name, TargetShardCount=shards, ScalingType="UNIFORM_SCALING")
        flow.flush()
    put(flow, *(b"%d;" % n for n in range(20)))
    assert flow.flush()["records"] == 20
    found = b"".join(flow.delivered().values()).split(b";")[:-1]
    assert sorted(found) == sorted([b"%d" % n for n in range(20)] * 4)


def test_records_cannot_be_put_into_a_stream_that_reads_another(flow: Flow, kinesis: str) -> None:
    flow.create(kinesis)
    with pytest.raises(ClientError) as refused:
        flow.put(b"a")
    error = refused.value.response["Error"]
    assert error["Code"] == "InvalidArgumentException"
    assert error["Message"] == "This operation is not permitted on KinesisStreamAsSource delivery stream type."


def test_a_kinesis_stream_that_is_not_there_is_told(flow: Flow) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        flow.create("arn:aws:kinesis:us-east-1:000000000000:stream/none")


def test_records_become_parquet_by_the_latest_version_of_the_table(flow: Flow, table: dict[str, Any]) -> None:
    flow.create(**conversion(table))
    flow.put(b'{"temp": 39.02, "day": "2013-01-01"}', b'{"temp": "cold"}')
    assert flow.flush() == {"stream": flow.name, "records": 2, "objects": 2}
    (name,) = [key for key in flow.delivered() if key.endswith(".parquet")]
    (errors,) = [key for key in flow.delivered() if key.startswith("format-conversion-failed/")]
    assert pq.read_table(io.BytesIO(flow.delivered()[name])).to_pylist() == [{"temp": 39.02, "day": "2013-01-01"}]
    told = json.loads(flow.delivered()[errors])
    assert told["lastErrorCode"] == "DataFormatConversion.MalformedData"
    assert told["dataCatalogTable"] == {
        "catalogId": "000000000000",
        "databaseName": table["DatabaseName"],
        "tableName": "weather",
        "region": "us-east-1",
        "versionId": "LATEST",
        "roleArn": ROLE,
    }


def test_records_become_parquet_by_a_version_that_is_named(flow: Flow, table: dict[str, Any]) -> None:
    flow.create(**conversion(table, VersionId="0"))
    flow.put(b'{"temp": 39.02, "day": "2013-01-01"}')
    flow.flush()
    (body,) = flow.delivered().values()
    assert pq.read_table(io.BytesIO(body)).to_pylist() == [{"temp": 39.02}]


def test_a_missing_table_keeps_the_records_until_it_is_there(flow: Flow, table: dict[str, Any]) -> None:
    flow.create(**conversion(table, TableName="later"))
    flow.put(b'{"a": 1}')
    with pytest.raises(urllib.error.HTTPError) as error:
        flow.flush()
    assert "The specified table/database could not be found" in error.value.read().decode()
    columns = {"Columns": [{"Name": "a", "Type": "int"}]}
    boto3.client("glue").create_table(
        DatabaseName=table["DatabaseName"], TableInput={"Name": "later", "StorageDescriptor": columns}
    )
    assert flow.flush()["records"] == 1


def test_log_events_come_by_a_subscription_and_nobody_else_may_put(flow: Flow) -> None:
    kinds = ("Decompression", "CloudWatchLogProcessing", "AppendDelimiterToRecord")
    named = (("CompressionFormat", "GZIP"), ("DataMessageExtraction", "true"), ("Delimiter", "\\n"))
    processors = [
        {"Type": kind, "Parameters": [{"ParameterName": name, "ParameterValue": value}]}
        for kind, (name, value) in zip(kinds, named, strict=True)
    ]
    flow.create(ProcessingConfiguration={"Enabled": True, "Processors": processors})
    logs, group = boto3.client("logs"), f"/tests/{flow.name}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="one")
    arn = flow.describe()["DeliveryStreamARN"]
    logs.put_subscription_filter(
        logGroupName=group, filterName="all", filterPattern="", destinationArn=arn, roleArn=ROLE
    )
    now = int(time.time() * 1000)
    events = [{"timestamp": now + n, "message": message} for n, message in enumerate(("a", "b"))]
    logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=events)
    flow.flush()
    assert list(flow.delivered().values()) == [b"a\nb\n"]
    with pytest.raises(ClientError, match="not originating from allowed source types"):
        flow.put(b"a")
    logs.delete_log_group(logGroupName=group)
