from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.local.server import LocalAws

QUERY = "{year: .time[0:4], month: .time[5:7], day: .time[8:10]}"
PARTITIONED: dict[str, Any] = {
    "Prefix": "weather/!{partitionKeyFromQuery:year}/!{partitionKeyFromQuery:month}/!{partitionKeyFromQuery:day}/",
    "ErrorOutputPrefix": "errors/weather/!{firehose:error-output-type}/",
    "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
    "DynamicPartitioningConfiguration": {"Enabled": True},
    "ProcessingConfiguration": {
        "Enabled": True,
        "Processors": [
            {
                "Type": "MetadataExtraction",
                "Parameters": [
                    {"ParameterName": "MetadataExtractionQuery", "ParameterValue": QUERY},
                    {"ParameterName": "JsonParsingEngine", "ParameterValue": "JQ-1.6"},
                ],
            },
            {
                "Type": "AppendDelimiterToRecord",
                "Parameters": [{"ParameterName": "Delimiter", "ParameterValue": "\\n"}],
            },
        ],
    },
}


class Flow:
    """A stream, its bucket, and how to flush it."""

    def __init__(self, aws: LocalAws) -> None:
        self.endpoint = aws.endpoint
        self.client = boto3.client("firehose")
        self.objects = boto3.client("s3")
        self.name = f"stream-{uuid.uuid4().hex}"
        self.bucket = f"bucket-{uuid.uuid4().hex}"
        self.objects.create_bucket(Bucket=self.bucket)

    def create(self, **configuration: Any) -> None:
        self.client.create_delivery_stream(
            DeliveryStreamName=self.name,
            DeliveryStreamType="DirectPut",
            ExtendedS3DestinationConfiguration={
                "RoleARN": "arn:aws:iam::000000000000:role/firehose",
                "BucketARN": f"arn:aws:s3:::{self.bucket}",
                **configuration,
            },
        )

    def put(self, *records: bytes) -> dict[str, Any]:
        return self.client.put_record_batch(
            DeliveryStreamName=self.name, Records=[{"Data": record} for record in records]
        )

    def flush(self, name: str | None = None) -> dict[str, Any]:
        url = f"{self.endpoint}/_lakeshift/firehose/{name or self.name}/flush"
        with urllib.request.urlopen(urllib.request.Request(url, method="POST")) as answer:
            return json.loads(answer.read())

    def delivered(self) -> dict[str, bytes]:
        pages = self.objects.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
        return {key: self.objects.get_object(Bucket=self.bucket, Key=key)["Body"].read() for key in keys}


@pytest.fixture
def flow(local_aws: LocalAws) -> Iterator[Flow]:
    made = Flow(local_aws)
    yield made
    if made.name in made.client.list_delivery_streams(Limit=100)["DeliveryStreamNames"]:
        made.client.delete_delivery_stream(DeliveryStreamName=made.name)


def test_readings_land_by_the_date_in_them(flow: Flow) -> None:
    flow.create(**PARTITIONED)
    answer = flow.put(b'{"time": "2013-01-01T05:00:00Z"}', b'{"time": "2013-01-02T05:00:00Z"}', b"broken")
    assert (answer["FailedPutCount"], len({one["RecordId"] for one in answer["RequestResponses"]})) == (0, 3)
    assert flow.delivered() == {}
    assert flow.flush() == {"stream": flow.name, "records": 3, "objects": 3}
    by_folder = {key.rpartition("/")[0]: body for key, body in flow.delivered().items()}
    assert by_folder["weather/2013/01/01"] == b'{"time": "2013-01-01T05:00:00Z"}\n'
    assert json.loads(by_folder["errors/weather/processing-failed"])["errorMessage"] == "Non JSON record provided"


def test_a_buffer_is_delivered_when_its_time_is_up(flow: Flow) -> None:
    flow.create(BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 0})
    flow.client.put_record(DeliveryStreamName=flow.name, Record={"Data": b"one"})
    deadline, pause = time.monotonic() + 10, threading.Event()
    while not (found := flow.delivered()):
        assert time.monotonic() < deadline
        pause.wait(0.05)
    assert list(found.values()) == [b"one"]


def test_a_year_of_days_is_an_object_a_day(flow: Flow) -> None:
    flow.create(**PARTITIONED)
    days = [f"2013-{1 + day // 28:02d}-{1 + day % 28:02d}" for day in range(336)]
    records = [json.dumps({"time": f"{days[n % 336]}T00:00:00Z", "n": n}).encode() for n in range(2000)]
    for start in range(0, len(records), 500):
        flow.put(*records[start : start + 500])
    assert flow.flush() == {"stream": flow.name, "records": 2000, "objects": 336}
    assert sum(body.count(b"\n") for body in flow.delivered().values()) == 2000


def test_a_missing_bucket_keeps_the_records(flow: Flow) -> None:
    flow.create()
    flow.put(b"a")
    flow.objects.delete_bucket(Bucket=flow.bucket)
    with pytest.raises(urllib.error.HTTPError) as error:
        flow.flush()
    assert "NoSuchBucket" in error.value.read().decode()
    flow.objects.create_bucket(Bucket=flow.bucket)
    assert flow.flush()["records"] == 1
    assert list(flow.delivered().values()) == [b"a"]


def test_an_unknown_stream_is_told(flow: Flow) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        flow.put(b"a")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        flow.flush("none")


LIMITS = {
    "501 records": [b"a"] * 501,
    "a large record": [b"a" * (1000 * 1024 + 1)],
    "a large request": [b"a" * (1000 * 1024)] * 5,
}


@pytest.mark.parametrize("records", LIMITS.values(), ids=LIMITS)
def test_a_request_over_a_limit_is_refused_whole(flow: Flow, records: list[bytes]) -> None:
    flow.create()
    with pytest.raises(ClientError):
        flow.put(*records)
    assert flow.flush()["records"] == 0


def test_what_would_not_act_is_refused_at_creation(flow: Flow) -> None:
    with pytest.raises(ClientError, match="not supported locally"):
        flow.create(CompressionFormat="Snappy")
    assert flow.name not in flow.client.list_delivery_streams()["DeliveryStreamNames"]


def test_a_description_gives_back_what_was_configured(flow: Flow) -> None:
    flow.create(**PARTITIONED)
    described = flow.client.describe_delivery_stream(DeliveryStreamName=flow.name)["DeliveryStreamDescription"]
    destination = described["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert {name: destination[name] for name in PARTITIONED} == PARTITIONED
    assert described["DeliveryStreamARN"].endswith(f":000000000000:deliverystream/{flow.name}")
