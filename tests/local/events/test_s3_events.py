"""What S3 tells of objects: to the bus, to queues and to topics."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3
import pytest

from lakeshift.local.server import LocalAws
from tests.local.events.helpers import Inbox, rule

ALL = {"source": ["aws.s3"]}


@pytest.fixture
def bucket(local_aws: LocalAws) -> str:
    name = f"bucket-{uuid.uuid4().hex}"
    boto3.client("s3").create_bucket(Bucket=name)
    return name


def notify(bucket: str, **configuration: Any) -> None:
    boto3.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)


def test_the_events_of_an_object_have_what_is_true_of_it(bucket: str, inbox: Inbox) -> None:
    s3 = boto3.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    notify(bucket, EventBridgeConfiguration={})
    rule({"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}, {"Arn": inbox.arn})
    put = s3.put_object(Bucket=bucket, Key="a b.json", Body=b"{}", Tagging="k=v")
    s3.copy_object(Bucket=bucket, Key="copy.json", CopySource={"Bucket": bucket, "Key": "a b.json"})
    s3.delete_object(Bucket=bucket, Key="a b.json")
    created, copied, deleted = [json.loads(message["Body"]) for message in inbox.all(3)]
    told = created["detail"]["object"]
    assert told == {
        "key": "a b.json",
        "size": 2,
        "etag": put["ETag"].strip('"'),
        "version-id": put["VersionId"],
        "sequencer": told["sequencer"],
    }
    assert [one["detail"]["reason"] for one in (created, copied, deleted)] == [
        "PutObject",
        "CopyObject",
        "DeleteObject",
    ]
    assert deleted["detail-type"] == "Object Deleted"
    assert deleted["detail"]["deletion-type"] == "Delete Marker Created"
    sequencers = [one["detail"]["object"]["sequencer"] for one in (created, copied, deleted)]
    assert sequencers == sorted(set(sequencers))
    assert inbox.is_empty()  # no event of tags with a PUT


def test_tags_that_are_put_alone_are_told(bucket: str, inbox: Inbox) -> None:
    s3 = boto3.client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    notify(bucket, EventBridgeConfiguration={})
    rule({"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}, {"Arn": inbox.arn})
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert inbox.document()["detail-type"] == "Object Tags Added"


@pytest.mark.parametrize("by", ["queue", "topic"])
def test_a_queue_or_a_topic_gets_what_its_filter_lets_through(bucket: str, inbox: Inbox, by: str) -> None:
    s3 = boto3.client("s3")
    rules = [{"Name": "prefix", "Value": "raw/"}, {"Name": "suffix", "Value": ".json"}]
    wanted = {"Id": "c", "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": rules}}}
    if by == "queue":
        notify(bucket, QueueConfigurations=[{"QueueArn": inbox.arn, **wanted}])
    else:
        topic = boto3.client("sns").create_topic(Name=f"t-{uuid.uuid4().hex}")["TopicArn"]
        boto3.client("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=inbox.arn, Attributes={"RawMessageDelivery": "true"}
        )
        notify(bucket, TopicConfigurations=[{"TopicArn": topic, **wanted}])
    assert inbox.document()["Event"] == "s3:TestEvent"
    for key in ("clean/x.json", "raw/x.csv", "raw/a b.json"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"12")
    record = inbox.document()["Records"][0]
    assert (record["eventName"], record["s3"]["configurationId"]) == ("ObjectCreated:Put", "c")
    assert (record["s3"]["object"]["key"], record["s3"]["object"]["size"]) == ("raw/a+b.json", 2)
    assert record["s3"]["object"]["sequencer"]
    assert inbox.is_empty()
