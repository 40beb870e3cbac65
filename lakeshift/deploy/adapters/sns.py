"""Topics and subscriptions: https://docs.aws.amazon.com/sns/latest/api/API_Operations.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from lakeshift.deploy.adapters import documents
from lakeshift.deploy.adapters.base import Adapter, Live, Properties, chosen, tag_list
from lakeshift.deploy.session import AwsSession, error_code

__all__ = ["Subscription", "Topic"]

_ABSENT: Final = ("NotFound", "NotFoundException")
_TOPIC: Final = ("DisplayName", "KmsMasterKeyId")
_SUBSCRIPTION: Final = ("RawMessageDelivery", "FilterPolicy")


class Topic(Adapter):
    """A topic."""

    type = "AWS::SNS::Topic"
    identity = ("TopicName",)

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
