"""What AWS's services put into CloudWatch by themselves, made from the events that they send.

https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
"""

from __future__ import annotations

import logging
from typing import Any, Final

from lakeshift.local.cloudwatch.backend import put

__all__ = ["count_event", "count_rule"]

_LOG: Final = logging.getLogger(__name__)
_EXECUTIONS: Final = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}


def _datum(name: str, value: float, unit: str, **dimensions: str) -> dict[str, Any]:
    named = [{"Name": key, "Value": text} for key, text in dimensions.items()]
    return {"MetricName": name, "Value": value, "Unit": unit, "Dimensions": named}


def count_event(event: dict[str, Any]) -> None:
    """Metrics of one event of our own services; a fault here never stops the event."""
    if event.get("source") != "aws.states":
        return
    detail = event["detail"]
    name = _EXECUTIONS.get(detail.get("status", ""))
    if name is None:
        return
    machine = str(detail["stateMachineArn"])
    data = [_datum(name, 1, "Count", StateMachineArn=machine)]
    if detail.get("stopDate") is not None:
        took = float(detail["stopDate"]) - float(detail["startDate"])
        data.append(_datum("ExecutionTime", took, "Milliseconds", StateMachineArn=machine))
    _put("AWS/States", data)


def count_rule(rule_arn: str, metric: str) -> None:
    """``TriggeredRules``, ``Invocations`` or ``FailedInvocations`` of a rule."""
    _put("AWS/Events", [_datum(metric, 1, "Count", RuleName=rule_arn.rpartition("/")[2])])


def _put(namespace: str, data: list[dict[str, Any]]) -> None:
    try:
        put(namespace, data)
    except Exception:  # what is measured goes on, whatever becomes of the measure
        _LOG.exception("Metrics of %s could not be kept", namespace)
