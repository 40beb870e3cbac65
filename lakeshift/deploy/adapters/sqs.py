"""Queues and their policies: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.deploy.adapters import documents
from lakeshift.deploy.adapters.base import Adapter, Live, Properties, only_one
from lakeshift.deploy.session import AwsSession

__all__ = ["Queue", "QueuePolicy"]

_ABSENT: Final = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


class Queue(Adapter):
    """A queue; its URL is known only once it is there."""

    type = "AWS::SQS::Queue"
    identity = ("QueueName",)
    tagged = ("sqs", "{QueueUrl}")

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """Its attributes have CloudFormation's names."""
        found = aws.find("sqs", "get_queue_url", _ABSENT, QueueName=want["QueueName"])
        if found is None:
            return None
        url = found["QueueUrl"]
        told = aws.call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return Live({"QueueName": want["QueueName"], **told}, {"Ref": url, "QueueUrl": url})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its attributes and tags."""
        aws.call("sqs", "create_queue", QueueName=want["QueueName"], Attributes=_attributes(want), tags=dict(tags))

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """The attributes that differ."""
        attributes = {name: value for name, value in _attributes(want).items() if name in changed}
        aws.call("sqs", "set_queue_attributes", QueueUrl=live.attributes["Ref"], Attributes=attributes)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """With the messages in it."""
        aws.call("sqs", "delete_queue", QueueUrl=live.attributes["Ref"])

    def comparable(self, properties: Properties) -> Properties:
        """The redrive policy as what it says."""
        found: dict[str, Any] = dict(properties)
        if "RedrivePolicy" in found:
            found["RedrivePolicy"] = documents.parsed(found["RedrivePolicy"])
        return found


class QueuePolicy(Adapter):
    """Who may send to a queue."""

    type = "AWS::SQS::QueuePolicy"
    identity = ("Queues",)

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """The policy as a document."""
        names = ["Policy"]
        found = aws.find(
            "sqs", "get_queue_attributes", _ABSENT, QueueUrl=only_one(want, "Queues"), AttributeNames=names
        )
        text = (found or {}).get("Attributes", {}).get("Policy")
        return Live({"Queues": want["Queues"], "PolicyDocument": text}) if text else None

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """Put it; a policy takes no tags."""
        attributes = {"Policy": documents.as_text(want["PolicyDocument"])}
        aws.call("sqs", "set_queue_attributes", QueueUrl=only_one(want, "Queues"), Attributes=attributes)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Put it whole."""
        self.create(aws, want, {})

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """An empty policy is none."""
        aws.call("sqs", "set_queue_attributes", QueueUrl=only_one(want, "Queues"), Attributes={"Policy": ""})

    def known_as(self, properties: Properties) -> tuple[Any, ...]:
        """The queue's name: the rest of its URL is where the service answers, which of the local AWS may change."""
        return tuple(one.rpartition("/")[2] if isinstance(one, str) else one for one in properties["Queues"])

    def comparable(self, properties: Properties) -> Properties:
        """The document in one form; queues by their names."""
        document = documents.policy(properties["PolicyDocument"])
        return {"Queues": list(self.known_as(properties)), "PolicyDocument": document}


def _attributes(want: Properties) -> dict[str, str]:
    return {name: documents.as_text(value) for name, value in want.items() if name != "QueueName"}
