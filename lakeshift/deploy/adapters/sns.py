"""Topics, their policies and subscriptions: https://docs.aws.amazon.com/sns/latest/api/API_Operations.html."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from lakeshift.deploy.adapters import documents
from lakeshift.deploy.adapters.base import Adapter, Live, Properties, chosen, only_one, tag_list
from lakeshift.deploy.session import AwsSession, error_code

__all__ = ["Subscription", "Topic", "TopicPolicy"]

_ABSENT: Final = ("NotFound", "NotFoundException")
_DEFAULT: Final = "__default_policy_ID"
_OWNER: Final = (
    *("GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic"),
    *("Subscribe", "ListSubscriptionsByTopic", "Publish"),
)
_TOPIC: Final = ("DisplayName", "KmsMasterKeyId")
_SUBSCRIPTION: Final = ("RawMessageDelivery", "FilterPolicy")


class Topic(Adapter):
    """A topic."""

    type = "AWS::SNS::Topic"
    identity = ("TopicName",)
    tagged = ("sns", "arn:aws:sns:{Region}:{Account}:{Name}")

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """Its attributes."""
        found = aws.find("sns", "get_topic_attributes", _ABSENT, TopicArn=_arn(aws, want))
        return None if found is None else Live({"TopicName": want["TopicName"], **found["Attributes"]})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its attributes and tags."""
        aws.call("sns", "create_topic", Name=want["TopicName"], Attributes=_texts(want, _TOPIC), Tags=tag_list(tags))

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Attribute by attribute."""
        for name, value in _texts(want, _TOPIC).items():
            if name in changed:
                arn = _arn(aws, want)
                aws.call("sns", "set_topic_attributes", TopicArn=arn, AttributeName=name, AttributeValue=value)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """With its subscriptions."""
        aws.call("sns", "delete_topic", TopicArn=_arn(aws, want))


class TopicPolicy(Adapter):
    """Who may publish to a topic, beside its owner's own policy, which every topic has from the start."""

    type = "AWS::SNS::TopicPolicy"
    identity = ("Topics",)

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """The policy as a document; the one that SNS makes itself is none."""
        found = aws.find("sns", "get_topic_attributes", _ABSENT, TopicArn=only_one(want, "Topics"))
        text = (found or {}).get("Attributes", {}).get("Policy")
        if not text or documents.parsed(text).get("Id") == _DEFAULT:
            return None
        return Live({"Topics": want["Topics"], "PolicyDocument": text})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """Put it; a policy takes no tags."""
        self._put(aws, want, documents.as_text(want["PolicyDocument"]))

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Put it whole."""
        self.create(aws, want, {})

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """Back to the policy of a new topic: its owner alone."""
        topic = only_one(want, "Topics")
        statement = {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": [f"SNS:{name}" for name in _OWNER],
            "Resource": topic,
            "Condition": {"StringEquals": {"AWS:SourceOwner": aws.account()}},
        }
        self._put(aws, want, json.dumps({"Version": "2008-10-17", "Id": _DEFAULT, "Statement": [statement]}))

    @staticmethod
    def _put(aws: AwsSession, want: Properties, text: str) -> None:
        topic = only_one(want, "Topics")
        aws.call("sns", "set_topic_attributes", TopicArn=topic, AttributeName="Policy", AttributeValue=text)

    def comparable(self, properties: Properties) -> Properties:
        """The document in one form."""
        return {**properties, "PolicyDocument": documents.policy(properties["PolicyDocument"])}


class Subscription(Adapter):
    """Who a topic tells; known by topic, protocol and endpoint."""

    type = "AWS::SNS::Subscription"
    identity = ("TopicArn", "Protocol", "Endpoint")

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """One that waits for its confirmation is there, but shows no attributes."""
        try:
            found = aws.pages("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=want["TopicArn"])
        except ClientError as error:
            if error_code(error) in _ABSENT:
                return None
            raise
        for one in found:
            if (one["Protocol"], one["Endpoint"]) == (want["Protocol"], want["Endpoint"]):
                return self._live(aws, want, one["SubscriptionArn"])
        return None

    def _live(self, aws: AwsSession, want: Properties, arn: str) -> Live:
        if not arn.startswith("arn:"):
            return Live(want)
        told = aws.call("sns", "get_subscription_attributes", SubscriptionArn=arn)["Attributes"]
        return Live({**chosen(want, *self.identity), **chosen(told, *_SUBSCRIPTION)}, {"Ref": arn})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """A subscription takes no tags."""
        aws.call("sns", "subscribe", **chosen(want, *self.identity), Attributes=_texts(want, _SUBSCRIPTION))

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Attribute by attribute."""
        for name, value in _texts(want, _SUBSCRIPTION).items():
            if name in changed:
                aws.call(
                    "sns",
                    "set_subscription_attributes",
                    SubscriptionArn=live.attributes["Ref"],
                    AttributeName=name,
                    AttributeValue=value,
                )

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its ARN."""
        aws.call("sns", "unsubscribe", SubscriptionArn=live.attributes["Ref"])

    def comparable(self, properties: Properties) -> Properties:
        """The filter as what it says."""
        found: dict[str, Any] = dict(properties)
        if "FilterPolicy" in found:
            found["FilterPolicy"] = documents.parsed(found["FilterPolicy"])
        return found


def _arn(aws: AwsSession, want: Properties) -> str:
    return f"arn:aws:sns:{aws.region}:{aws.account()}:{want['TopicName']}"


def _texts(want: Properties, names: tuple[str, ...]) -> dict[str, str]:
    """Attributes are texts: true is ``true``, a document its JSON."""
    return {name: documents.as_text(value) for name, value in chosen(want, *names).items()}
