"""One invocation of a schedule's target: a templated target by its ARN, or any API call by a universal target.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from botocore import xform_name

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.events import targets
from lakeshift.local.events.outbox import Delivery
from lakeshift.local.stepfunctions.clients import client
from lakeshift.local.stepfunctions.names import boto_service, is_known

__all__ = ["check", "default_input", "filled", "invoke"]

_TEMPLATED: Final = ("states", "sqs", "sns", "firehose", "kinesis", "events")
_UNIVERSAL: Final = "arn:aws:scheduler:::aws-sdk:"
_READS: Final = re.compile(
    "get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate|batchGet|batchDescribe|"
    "batchRead|transactGet|adminGet|adminList|testMigration|retrieve|testConnection|translateDocument|isAuthorized|"
    "invokeModel"
)
_PAGE: Final = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html"


def check(arn: str) -> None:
    """Raise NotSupportedLocallyError for what is not called locally, ValueError for what AWS does not call either."""
    if not arn.startswith(_UNIVERSAL):
        service = arn.split(":")[2]
        if service not in _TEMPLATED:
            raise NotSupportedLocallyError(
                f"A schedule with {service} as its target ({arn})",
                "Use a state machine, an SNS topic, an SQS queue, a Kinesis or Firehose stream, an event bus, or a "
                "universal target such as arn:aws:scheduler:::aws-sdk:glue:startJobRun.",
                _PAGE,
            )
        return
    service, _, action = arn.removeprefix(_UNIVERSAL).partition(":")
    if _READS.match(action):
        raise ValueError(f"{arn} is not supported: a universal target cannot call an operation that only reads.")
    if not is_known(service):
        raise NotSupportedLocallyError(f"A schedule that calls {service}:{action}", "Call it from a job.", _PAGE)
    if action not in _actions(boto_service(service)):
        raise ValueError(f"{arn} is not a valid target: {service} has no operation {action}.")


def _actions(service: str) -> set[str]:
    from moto.core.utils import get_service_model

    return {f"{name[0].lower()}{name[1:]}" for name in get_service_model(service).operation_names}


def default_input(event: Mapping[str, Any]) -> str:
    """What a target without Input gets."""
    return json.dumps(
        {
            "version": "0",
            "id": event["id"],
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": event["account"],
            "time": event["time"],
            "region": event["region"],
            "resources": event["resources"],
            "detail": "{}",
        }
    )


def filled(text: str, event: Mapping[str, Any], attempt: int) -> str:
    """The Input with its context attributes.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    """
    values = {
        "<aws.scheduler.schedule-arn>": event["resources"][0],
        "<aws.scheduler.scheduled-time>": event["time"],
        "<aws.scheduler.execution-id>": event["id"],
        "<aws.scheduler.attempt-number>": str(attempt),
    }
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def invoke(delivery: Delivery) -> None:
    """Call the target once; raises what the service answers."""
    target, event = delivery.target, delivery.event
    text = filled(event["input"], event, delivery.attempts + 1)
    if target["Arn"].startswith(_UNIVERSAL):
        service, _, action = target["Arn"].removeprefix(_UNIVERSAL).partition(":")
        getattr(client(service, event["region"]), xform_name(action))(**json.loads(text))
        return
    arn = target["Arn"].split(":", 5)
    if arn[2] == "states":
        targets.start_execution(arn, text, event["id"])
    elif arn[2] == "sqs":
        targets.send_message(arn, text, (target.get("SqsParameters") or {}).get("MessageGroupId"))
    elif arn[2] == "sns":
        targets.publish(arn, text)
    elif arn[2] == "events":
        _put_event(arn, target["EventBridgeParameters"], text)
    else:
        targets.put_record(arn, text, (target.get("KinesisParameters") or {}).get("PartitionKey"))


def _put_event(arn: list[str], parameters: Mapping[str, str], text: str) -> None:
    entry = {
        "Source": parameters["Source"],
        "DetailType": parameters["DetailType"],
        "Detail": text,
        "EventBusName": arn[5].partition("/")[2],
    }
    answer = client("events", arn[3]).put_events(Entries=[entry])
    for one in answer["Entries"]:
        if "ErrorCode" in one:
            raise ValueError(f"{one['ErrorCode']}: {one['ErrorMessage']}")
