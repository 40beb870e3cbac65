"""Delivery of a rule's text to its target, by the service in the target's name; what does not act is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.stepfunctions.clients import client

__all__ = ["check", "deliver"]

Send = Callable[[Mapping[str, Any], list[str], str], object]

_PAGE: Final = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html"


def _start_execution(target: Mapping[str, Any], arn: list[str], text: str) -> object:
    return client("stepfunctions", arn[3]).start_execution(stateMachineArn=target["Arn"], input=text)


def _send_message(target: Mapping[str, Any], arn: list[str], text: str) -> object:
    queues = client("sqs", arn[3])
    url = queues.get_queue_url(QueueName=arn[5])["QueueUrl"]
    group = (target.get("SqsParameters") or {}).get("MessageGroupId")
    return queues.send_message(QueueUrl=url, MessageBody=text, **({"MessageGroupId": group} if group else {}))


def _publish(target: Mapping[str, Any], arn: list[str], text: str) -> object:
    return client("sns", arn[3]).publish(TopicArn=target["Arn"], Message=text)


def _put_record(target: Mapping[str, Any], arn: list[str], text: str) -> object:  # noqa: ARG001 - one signature
    name = arn[5].partition("/")[2]
    return client("firehose", arn[3]).put_record(DeliveryStreamName=name, Record={"Data": text.encode()})


_SENDERS: Final[dict[str, Send]] = {
    "states": _start_execution,
    "sqs": _send_message,
    "sns": _publish,
    "firehose": _put_record,
}


def check(arn: str) -> None:
    """Raise NotSupportedLocallyError for a target that would never be reached."""
    service = arn.split(":")[2]
    if service not in _SENDERS:
        what = "a Glue workflow" if service == "glue" else service
        raise NotSupportedLocallyError(
            f"An EventBridge rule with {what} as its target ({arn})",
            "Use a state machine, an SNS topic, an SQS queue or a Firehose stream.",
            _PAGE,
        )


def deliver(target: Mapping[str, Any], text: str) -> None:
    """Send ``text`` to the target once; raises what the service answers, and NotSupportedLocallyError."""
    check(target["Arn"])
    arn = target["Arn"].split(":", 5)
    _SENDERS[arn[2]](target, arn, text)
