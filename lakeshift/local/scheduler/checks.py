"""What CreateSchedule and UpdateSchedule refuse. Pure.

https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.scheduler.expressions import parse
from lakeshift.local.scheduler.targets import check

__all__ = ["objection"]

_EARLIEST_START: Final = timedelta(minutes=5)
_PARAMETERS: Final = {  # what a templated target cannot do without: service, member
    "kinesis": "KinesisParameters",
    "events": "EventBridgeParameters",
}


def objection(given: Mapping[str, Any], now: datetime, start: datetime | None, end: datetime | None) -> str | None:
    """Why the schedule is refused with a ValidationException; None where it is not."""
    return next(_objections(given, now, start, end), None)


def _objections(given: Mapping[str, Any], now: datetime, start: datetime | None, end: datetime | None) -> Iterator[str]:
    try:
        found = parse(given["schedule_expression"], given.get("schedule_expression_timezone"), start, end)
    except ValueError as error:
        yield str(error)
        return
    if not found.is_once and start is not None and now - start > _EARLIEST_START:
        yield "The StartDate you specify cannot be earlier than 5 minutes ago."
    if not found.is_once and end is not None:
        if end < now:
            yield "The EndDate you specify cannot be earlier than the current time."
        if start is not None and end <= start:
            yield "The StartDate must come before the EndDate."
    window = given.get("flexible_time_window") or {}
    if (window.get("Mode") == "FLEXIBLE") != (window.get("MaximumWindowInMinutes") is not None):
        yield "Invalid FlexibleTimeWindow: MaximumWindowInMinutes is of the mode FLEXIBLE, and of no other."
    yield from _target_objections(given.get("target") or {})


def _target_objections(target: Mapping[str, Any]) -> Iterator[str]:
    arn = str(target.get("Arn", ""))
    if arn.count(":") < 5 or not arn.startswith("arn:"):
        yield f"Provided Arn is not in correct format: {arn}"
        return
    if not target.get("RoleArn"):
        yield "Value null at 'target.roleArn' failed to satisfy constraint: Member must not be null"
    try:
        check(arn)
    except (NotSupportedLocallyError, ValueError) as refused:
        yield str(refused)
    service = arn.split(":")[2]
    if service in _PARAMETERS and not target.get(_PARAMETERS[service]):
        yield f"{_PARAMETERS[service]} must be specified for the target {arn}."
    if service == "sqs" and arn.endswith(".fifo") and not (target.get("SqsParameters") or {}).get("MessageGroupId"):
        yield f"SqsParameters.MessageGroupId must be specified for the FIFO queue {arn}."
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if queue and (":sqs:" not in queue or queue.endswith(".fifo")):
        yield f"DeadLetterConfig.Arn must be a standard SQS queue: {queue}"
    if ":aws-sdk:" in arn or service in ("states", "events"):
        yield from _input_objections(target.get("Input"))


def _input_objections(text: str | None) -> Iterator[str]:
    if text is None:
        return
    try:
        json.loads(text)
    except ValueError:
        yield "Invalid RequestJson provided. Reason: the Input of the target is no JSON."
