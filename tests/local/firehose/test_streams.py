from __future__ import annotations

import json
import threading
import time
import urllib.error
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.local.firehose.flow import Flow

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


def test_a_failing_delivery_is_told_in_the_error_log(flow: Flow) -> None:
    logs, group = boto3.client("logs"), f"/firehose/{flow.name}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="S3Delivery")
    log = {"Enabled": True, "LogGroupName": group, "LogStreamName": "S3Delivery"}
    flow.create(BucketARN="arn:aws:s3:::no-such-bucket", CloudWatchLoggingOptions=log)
    flow.put(b"a")
    for _ in range(2):
        with pytest.raises(urllib.error.HTTPError):
            flow.flush()
    (event,) = logs.filter_log_events(logGroupName=group)["events"]
    told = json.loads(event["message"])
    assert (told["errorCode"], told["deliveryStreamVersionId"]) == ("S3.NoSuchBucket", 1)
    logs.delete_log_group(logGroupName=group)


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
        flow.create(S3BackupMode="Enabled", S3BackupConfiguration=flow.destination())
    assert flow.name not in flow.client.list_delivery_streams()["DeliveryStreamNames"]


def test_a_description_gives_back_what_was_configured(flow: Flow) -> None:
    flow.create(**PARTITIONED)
    described = flow.describe()
    destination = described["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert {name: destination[name] for name in PARTITIONED} == PARTITIONED
    assert described["DeliveryStreamARN"].endswith(f":000000000000:deliverystream/{flow.name}")


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "a compression that is none": ("Member must satisfy enum value set", {"CompressionFormat": "SNAPPY"}),
    "an extension without its dot": ("Member must satisfy regular expression pattern", {"FileExtension": "json"}),
    "a transformation": (
        "The processor Lambda is not supported locally",
        {"ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Lambda"}]}},
    ),
}


@pytest.mark.parametrize(("said", "configuration"), REFUSED.values(), ids=REFUSED)
def test_a_configuration_is_refused_by_name(flow: Flow, said: str, configuration: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=said):
        flow.create(**configuration)


def test_another_destination_is_refused_by_name(flow: Flow) -> None:
    url = {"Url": "https://example.com", "Name": "example"}
    with pytest.raises(ClientError, match="The destination HttpEndpoint is not supported locally"):
        flow.client.create_delivery_stream(
            DeliveryStreamName=flow.name,
            HttpEndpointDestinationConfiguration={
                "EndpointConfiguration": url,
                "S3Configuration": flow.destination(),
            },
        )


def test_an_update_needs_the_version_and_counts_it_up(flow: Flow) -> None:
    flow.create(Prefix="a/")
    flow.put(b"before")
    found = flow.describe()
    update = {
        "DeliveryStreamName": flow.name,
        "DestinationId": found["Destinations"][0]["DestinationId"],
        "ExtendedS3DestinationUpdate": {"Prefix": "b/"},
    }
    flow.client.update_destination(CurrentDeliveryStreamVersionId=found["VersionId"], **update)
    with pytest.raises(ClientError, match="ConcurrentModificationException"):
        flow.client.update_destination(CurrentDeliveryStreamVersionId=found["VersionId"], **update)
    flow.put(b"after")
    flow.flush()
    assert flow.describe()["VersionId"] == "2"
    assert {key[0]: body for key, body in flow.delivered().items()} == {"a": b"before", "b": b"after"}


def test_an_update_of_a_failing_destination_saves_its_records(flow: Flow) -> None:
    flow.create(BucketARN="arn:aws:s3:::no-such-bucket")
    flow.put(b"kept")
    found = flow.describe()
    flow.client.update_destination(
        DeliveryStreamName=flow.name,
        CurrentDeliveryStreamVersionId=found["VersionId"],
        DestinationId=found["Destinations"][0]["DestinationId"],
        ExtendedS3DestinationUpdate={"BucketARN": f"arn:aws:s3:::{flow.bucket}"},
    )
    assert flow.flush()["records"] == 1
    assert list(flow.delivered().values()) == [b"kept"]


def test_encryption_is_kept_in_the_books(flow: Flow) -> None:
    flow.create()
    flow.client.start_delivery_stream_encryption(DeliveryStreamName=flow.name)
    assert flow.describe()["DeliveryStreamEncryptionConfiguration"] == {"KeyType": "AWS_OWNED_CMK", "Status": "ENABLED"}
    assert flow.put(b"a")["Encrypted"] is True
    flow.client.stop_delivery_stream_encryption(DeliveryStreamName=flow.name)
    assert flow.put(b"a")["Encrypted"] is False


def test_a_packed_object_says_so(flow: Flow) -> None:
    flow.create(CompressionFormat="GZIP")
    flow.put(b"a")
    flow.flush()
    (key,) = flow.delivered()
    told = flow.objects.head_object(Bucket=flow.bucket, Key=key)
    assert (told["ContentEncoding"], told["ContentType"]) == ("gzip", "application/octet-stream")


def test_s3_tells_of_a_delivered_object(flow: Flow) -> None:
    queues = boto3.client("sqs")
    url = queues.create_queue(QueueName=flow.name)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:000000000000:{flow.name}"
    told = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:Put"]}]}
    flow.objects.put_bucket_notification_configuration(Bucket=flow.bucket, NotificationConfiguration=told)
    queues.purge_queue(QueueUrl=url)  # of S3's test message
    flow.create()
    flow.put(b"a")
    flow.flush()
    (key,) = flow.delivered()
    (message,) = queues.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    (record,) = json.loads(message["Body"])["Records"]
    assert (record["s3"]["object"]["key"], record["s3"]["object"]["size"]) == (key, 1)
    queues.delete_queue(QueueUrl=url)


def test_a_delivery_puts_its_metrics(flow: Flow) -> None:
    flow.create()
    flow.put(b"a", b"bc")
    flow.flush()
    listed = boto3.client("cloudwatch").list_metrics(
        Namespace="AWS/Firehose", Dimensions=[{"Name": "DeliveryStreamName", "Value": flow.name}]
    )["Metrics"]
    names = {one["MetricName"] for one in listed}
    assert {"IncomingRecords", "IncomingBytes", "DeliveryToS3.Success", "DeliveryToS3.Records"} <= names
