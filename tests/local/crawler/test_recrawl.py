"""Recrawl policies through the API: new folders are remembered, events are taken from a queue."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from lakeshift.local.server import LocalAws

_LINE = b'{"a": 1, "b": "x"}\n'
_LOG = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
Put = Callable[[str, bytes], None]
Crawled = Callable[..., dict[str, Any]]


def partitions(glue: Any, database: str, table: str = "t") -> list[list[str]]:
    found = glue.get_partitions(DatabaseName=database, TableName=table)["Partitions"]
    return sorted(part["Values"] for part in found)


def log_of(name: str) -> list[str]:
    events = boto3.client("logs").get_log_events(logGroupName="/aws-glue/crawlers", logStreamName=name)["events"]
    return [event["message"].partition("] ")[2] for event in events]


def test_only_new_folders_are_read(glue: Any, put: Put, crawled: Crawled, database: str, bucket: str) -> None:
    put("t/1/x.json", _LINE)
    policy = {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}, "SchemaChangePolicy": _LOG}
    name = crawled("t/", **policy)["Name"]
    put("t/1/later.json", b'{"a": 1, "b": "x", "new": 1}\n')
    put("t/2/x.json", _LINE)
    assert crawled("t/")["LastCrawl"]["Status"] == "SUCCEEDED"
    assert partitions(glue, database) == [["1"], ["2"]]
    first = glue.get_partition(DatabaseName=database, TableName="t", PartitionValues=["1"])["Partition"]
    assert first["Parameters"]["objectCount"] == "1"  # a known folder is not read again
    targets = {"S3Targets": [{"Path": f"s3://{bucket}/other/"}]}
    with pytest.raises(glue.exceptions.InvalidInputException):
        glue.update_crawler(Name=name, Targets=targets)


@pytest.fixture
def queue(local_aws: LocalAws, database: str) -> dict[str, str]:
    sqs = boto3.client("sqs")
    urls = {name: sqs.create_queue(QueueName=f"{name}-{database}")["QueueUrl"] for name in ("events", "dead")}
    return urls | {
        f"{name}-arn": sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for name, url in urls.items()
    }


def in_event_mode(glue: Any, database: str, bucket: str, queue: str, **given: Any) -> None:
    """Create the crawler that ``crawled`` runs, over the folder t."""
    target = {"Path": f"s3://{bucket}/t/", "EventQueueArn": queue, **given.pop("target", {})}
    mode = {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}, **given}
    name = f"crawler-{database}"
    glue.create_crawler(Name=name, Role="r", DatabaseName=database, Targets={"S3Targets": [target]}, **mode)


def event(bucket: str, *keys: str) -> str:
    return json.dumps({"Records": [{"s3": {"bucket": {"name": bucket}, "object": {"key": key}}} for key in keys]})


def waiting(url: str) -> int:
    attributes = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=attributes)["Attributes"]
    return sum(int(number) for number in found.values())


def test_events_lead_to_their_folders_alone(
    local_aws: LocalAws, glue: Any, put: Put, crawled: Crawled, database: str, bucket: str, queue: dict[str, str]
) -> None:
    sqs = boto3.client("sqs")
    policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DELETE_FROM_DATABASE"}
    dead = {"DlqEventQueueArn": queue["dead-arn"]}
    in_event_mode(glue, database, bucket, queue["events-arn"], SchemaChangePolicy=policy, target=dead)
    put("t/1/x.json", _LINE)
    put("t/2/x.json", _LINE)
    name = crawled()["Name"]  # the first crawl lists everything
    assert partitions(glue, database) == [["1"], ["2"]]
    put("t/3/x.json", b'{"a": 1, "b": "x", "c": 2.5}\n')
    put("t/4/x.json", _LINE)  # no event says so
    assert local_aws.context is not None
    local_aws.context.lake.delete(bucket, "t/2/x.json")
    sqs.send_message(QueueUrl=queue["events"], MessageBody=event(bucket, "t/3/x.json"))
    sqs.send_message(QueueUrl=queue["events"], MessageBody=json.dumps({"Event": "s3:TestEvent"}))
    wrapped = {"Type": "Notification", "Message": event(bucket, "t/2/x.json")}
    sqs.send_message(QueueUrl=queue["events"], MessageBody=json.dumps(wrapped))
    sqs.send_message(QueueUrl=queue["events"], MessageBody="nonsense")
    assert crawled()["LastCrawl"]["Status"] == "SUCCEEDED"
    assert partitions(glue, database) == [["1"], ["3"]]
    columns = glue.get_table(DatabaseName=database, Name="t")["Table"]["StorageDescriptor"]["Columns"]
    assert [column["Name"] for column in columns] == ["a", "b", "c"]
    assert waiting(queue["events"]) == 0
    strange = sqs.receive_message(QueueUrl=queue["dead"])["Messages"]
    assert [message["Body"] for message in strange] == ["nonsense"]
    told = log_of(name)
    assert "INFO : The crawl is running in listing mode: it is not running in S3 event mode." in told
    assert "INFO : The crawl is running by consuming Amazon S3 events." in told


def test_a_failed_crawl_gives_its_messages_back(
    glue: Any, put: Put, crawled: Crawled, database: str, bucket: str, queue: dict[str, str]
) -> None:
    threshold = json.dumps({"Version": 1.0, "CrawlerOutput": {"Tables": {"TableThreshold": 1}}})
    in_event_mode(glue, database, bucket, queue["events-arn"], Configuration=threshold)
    put("t/a.json", b'{"a":1}')
    put("t/b.json", b'{"b":1}')
    boto3.client("sqs").send_message(QueueUrl=queue["events"], MessageBody=event(bucket, "t/a.json"))
    assert crawled()["LastCrawl"]["Status"] == "FAILED"
    assert waiting(queue["events"]) == 1


def test_a_missing_queue_fails_the_crawl(glue: Any, crawled: Crawled, database: str, bucket: str) -> None:
    in_event_mode(glue, database, bucket, "arn:aws:sqs:us-east-1:000000000000:no-such-queue")
    last = crawled()["LastCrawl"]
    assert (last["Status"], "no-such-queue" in last["ErrorMessage"]) == ("FAILED", True)
