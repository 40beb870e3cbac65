"""Delivery of a rule's text to its target, by the service in the target's name; what does not act is refused.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.events.outbox import Delivery
from lakeshift.local.events.shape import body, value_at
from lakeshift.local.stepfunctions.clients import client

__all__ = ["check", "deliver", "publish", "put_record", "send", "send_message", "start_execution"]

Send = Callable[[Delivery, list[str], str], object]

_PAGE: Final = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html"


def start_execution(arn: list[str], text: str, name: str) -> object:
    """Start the state machine under a name of this delivery, so that a repeated delivery is no second execution."""
    try:
        return client("stepfunctions", arn[3]).start_execution(stateMachineArn=":".join(arn), input=text, name=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ExecutionAlreadyExists":
            return None
        raise


def send_message(arn: list[str], text: str, group: str | None) -> object:
    """To a queue, in its message group where it is a FIFO queue."""
    queues = client("sqs", arn[3])
    url = queues.get_queue_url(QueueName=arn[5])["QueueUrl"]
    return queues.send_message(QueueUrl=url, MessageBody=text, **({"MessageGroupId": group} if group else {}))


def publish(arn: list[str], text: str) -> object:
    """To a topic."""
    return client("sns", arn[3]).publish(TopicArn=":".join(arn), Message=text)


def put_record(arn: list[str], text: str, partition_key: str | None = None) -> object:
    """To a Kinesis stream by its partition key, or to a Firehose stream."""
    name = arn[5].partition("/")[2]
    if arn[2] == "kinesis":
        record = {"Data": text.encode(), "PartitionKey": partition_key or str(uuid.uuid4())}
        return client("kinesis", arn[3]).put_record(StreamName=name, **record)
    return client("firehose", arn[3]).put_record(DeliveryStreamName=name, Record={"Data": text.encode()})


def _to_machine(delivery: Delivery, arn: list[str], text: str) -> object:
    part = uuid.uuid5(uuid.NAMESPACE_URL, f"{delivery.origin} {delivery.target['Id']}")
    return start_execution(arn, text, f"{delivery.event['id']}_{part}")


def _to_queue(delivery: Delivery, arn: list[str], text: str) -> object:
    return send_message(arn, text, (delivery.target.get("SqsParameters") or {}).get("MessageGroupId"))


def _to_topic(_: Delivery, arn: list[str], text: str) -> object:
    return publish(arn, text)


def _to_stream(delivery: Delivery, arn: list[str], text: str) -> object:
    path = (delivery.target.get("KinesisParameters") or {}).get("PartitionKeyPath")
    key = value_at(path, delivery.event) if path else delivery.event["id"]
    return put_record(arn, text, str(key))


def _to_log_group(delivery: Delivery, arn: list[str], text: str) -> object:
    logs, group = client("logs", arn[3]), arn[5].removeprefix("log-group:").removesuffix(":*")
    stream = str(delivery.event["id"])
    try:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
    # By the real clock: CloudWatch Logs takes no line from the future, and its own clock is not the moved one.
    line = {"timestamp": int(time.time() * 1000), "message": text}
    answer = logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[line])
    if answer.get("rejectedLogEventsInfo"):
        raise ValueError(f"The log group {group} rejected the event: {answer['rejectedLogEventsInfo']}")
    return answer


def _to_bus(delivery: Delivery, arn: list[str], text: str) -> None:  # noqa: ARG001 - one signature
    from lakeshift.local.events.bus import dispatch

    client("events", arn[3]).describe_event_bus(Name=arn[5].partition("/")[2])
    dispatch(arn[5].partition("/")[2], delivery.event, arn[3], delivery.hops + 1)


def _to_workflow(delivery: Delivery, arn: list[str], text: str) -> None:  # noqa: ARG001 - one signature
    from lakeshift.local.glue.workflows.notify import notify_event

    notify_event(arn[4], arn[3], arn[5].partition("/")[2], str(delivery.event["id"]))


def _to_warehouse(delivery: Delivery, arn: list[str], text: str) -> object:  # noqa: ARG001 - one signature
    given = delivery.target.get("RedshiftDataParameters") or {}
    asked: dict[str, Any] = {
        "Database": given.get("Database"),
        "DbUser": given.get("DbUser"),
        "SecretArn": given.get("SecretManagerArn"),
        "StatementName": given.get("StatementName"),
        "WithEvent": given.get("WithEvent"),
        "ClientToken": f"{delivery.event['id']}"[:64],
    }
    where = "WorkgroupName" if arn[2] == "redshift-serverless" else "ClusterIdentifier"
    asked[where] = arn[5].replace(":", "/").partition("/")[2]
    asked = {name: value for name, value in asked.items() if value is not None}
    data = client("redshift-data", arn[3])
    if given.get("Sqls"):
        return data.batch_execute_statement(Sqls=given["Sqls"], **asked)
    return data.execute_statement(Sql=given.get("Sql", ""), **asked)


_SENDERS: Final[dict[str, Send]] = {
    "states": _to_machine,
    "sqs": _to_queue,
    "sns": _to_topic,
    "firehose": _to_stream,
    "kinesis": _to_stream,
    "logs": _to_log_group,
    "events": _to_bus,
    "glue": _to_workflow,
    "redshift": _to_warehouse,
    "redshift-serverless": _to_warehouse,
}
_KINDS: Final = {"events": "event-bus/", "glue": "workflow/", "states": "stateMachine:", "logs": "log-group:"}


def check(arn: str) -> None:
    """Raise NotSupportedLocallyError for a target that would never be reached."""
    service, resource = arn.split(":")[2], arn.split(":", 5)[5]
    if service in _SENDERS and resource.startswith(_KINDS.get(service, "")):
        return
    raise NotSupportedLocallyError(
        f"An EventBridge rule with {service} ({resource.partition('/')[0].partition(':')[0]}) as its target ({arn})",
        "Use a state machine, a Glue workflow, an SNS topic, an SQS queue, a Kinesis or Firehose stream, a log group, "
        "another event bus or a Redshift cluster.",
        _PAGE,
    )


def deliver(delivery: Delivery, text: str) -> None:
    """Send ``text`` to the rule's target once; raises what the service answers, and NotSupportedLocallyError."""
    check(delivery.target["Arn"])
    arn = delivery.target["Arn"].split(":", 5)
    _SENDERS[arn[2]](delivery, arn, text)


def send(delivery: Delivery) -> None:
    """Deliver once, of a rule, of a schedule or of a scheduled Glue trigger."""
    if ":scheduler:" in delivery.origin:
        from lakeshift.local.scheduler.targets import invoke

        invoke(delivery)
    elif ":trigger/" in delivery.origin:
        from lakeshift.local.glue.triggers.firing import fire_scheduled

        fire_scheduled(delivery)
    else:
        deliver(delivery, body(delivery.target, delivery.event, delivery.origin))
