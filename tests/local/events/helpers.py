"""What the tests of events share: an inbox, rules, events, waiting for what another thread does."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3

from lakeshift.local.events import bus
from tests.waiting import until

ROLE = "arn:aws:iam::000000000000:role/pipeline"
PASS = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})


class Inbox:
    """An SQS queue and what has come in."""

    def __init__(self, suffix: str = "", **attributes: str) -> None:
        self.client = boto3.client("sqs")
        name = f"inbox-{uuid.uuid4().hex}{suffix}"
        self.url = self.client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        answer = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn = answer["Attributes"]["QueueArn"]

    def _receive(self, most: int) -> list[dict[str, Any]]:
        answer = self.client.receive_message(
            QueueUrl=self.url, MessageAttributeNames=["All"], AttributeNames=["All"], MaxNumberOfMessages=most
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        for message in messages:
            self.client.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return messages

    def next(self) -> dict[str, Any]:
        found: dict[str, Any] = until(lambda: self._receive(1))[0]
        return found

    def all(self, least: int = 0) -> list[dict[str, Any]]:
        """Everything that has come once nothing is on its way, at least so many."""
        until(bus.idle)
        found: list[dict[str, Any]] = []
        while more := self._receive(10):
            found += more
        while len(found) < least:
            found += until(lambda: self._receive(10))
        return found

    def document(self) -> Any:
        return json.loads(self.next()["Body"])

    def is_empty(self) -> bool:
        until(bus.idle)
        return self._receive(1) == []


def rule(pattern: dict[str, Any], target: dict[str, Any], **more: Any) -> str:
    client, name = boto3.client("events"), f"rule-{uuid.uuid4().hex}"
    client.put_rule(Name=name, EventPattern=json.dumps(pattern), **more)
    client.put_targets(Rule=name, Targets=[{"Id": "one", "RoleArn": ROLE, **target}])
    return name


def put(source: str, detail: dict[str, Any] | None = None) -> dict[str, Any]:
    entry = {"Source": source, "DetailType": "Test", "Detail": json.dumps(detail or {"n": 1})}
    return boto3.client("events").put_events(Entries=[entry])
