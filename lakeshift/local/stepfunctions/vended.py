"""Logs of executions to CloudWatch, at the level that the state machine asks for.

https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from lakeshift.local.logs import streams
from lakeshift.local.stepfunctions import clients

if TYPE_CHECKING:
    from lakeshift.local.stepfunctions.executions import LocalExecution

__all__ = ["is_logged", "writer"]

_FATAL: Final = frozenset({"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"})
_ERROR: Final = ("Failed", "TimedOut", "Aborted", "FailStateEntered")
_DATA: Final = frozenset({"input", "inputDetails", "output", "outputDetails", "parameters", "assignedVariables"})


def is_logged(level: str, kind: str) -> bool:
    """Whether an event of that type is written at the level."""
    if level == "FATAL":
        return kind in _FATAL
    return level == "ALL" or (level == "ERROR" and kind.endswith(_ERROR))


def writer(execution: LocalExecution) -> Callable[[dict[str, Any]], None]:
    """What writes an execution's events to the log group of its machine; does nothing at level OFF."""
    logging = execution.source.logging
    level = logging.get("level", "OFF")
    arns = [one["cloudWatchLogsLogGroup"]["logGroupArn"] for one in logging.get("destinations", [])]
    if level == "OFF" or not arns:
        return lambda _: None
    group = arns[0].partition(":log-group:")[2].removesuffix(":*")
    stream = f"states/{execution.source.name}/{execution.start_date:%Y-%m-%d-%H-%M}/{execution.exec_arn[-8:]}"
    with_data = bool(logging.get("includeExecutionData"))

    def write(event: dict[str, Any]) -> None:
        context = clients.current()
        if context is None or not is_logged(level, event["type"]):
            return
        moment = clients.epoch_milliseconds(event["timestamp"])
        line = {
            "id": str(event["id"]),
            "type": event["type"],
            "details": _details(event, with_data=with_data),
            "redrive_count": str(execution.redrive_count),
            "previous_event_id": str(event["previousEventId"]),
            "event_timestamp": str(moment),
            "execution_arn": execution.exec_arn,
        }
        streams.write_events(context, group, stream, [(moment, json.dumps(line))])

    return write


def _details(event: dict[str, Any], *, with_data: bool) -> dict[str, Any]:
    details: dict[str, Any] = next((value for key, value in event.items() if key.endswith("EventDetails")), {})
    return {key: value for key, value in details.items() if with_data or key not in _DATA}
