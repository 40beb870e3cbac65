"""A change of an alarm's state: history, actions, and the event for rules."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import Any, Final

from lakeshift.local import events, state
from lakeshift.local.cloudwatch.alarms import Alarm
from lakeshift.local.cloudwatch.messages import alarm_event, notification, subject
from lakeshift.local.stepfunctions.clients import client

__all__ = ["change_state"]

_LOG: Final = logging.getLogger(__name__)


def change_state(
    alarm: Alarm,
    new: str,
    reason: str,
    reason_data: str | None,
    moment: datetime,
    region: str,
    triggering: list[dict[str, Any]] | None = None,
) -> bool:
    """Put ``alarm`` into ``new``; whether that is a change. Actions are taken on a change only, and when enabled."""
    before = {"state": alarm.state, "reason": alarm.reason, "moment": alarm.state_updated}
    if alarm.state == new:
        alarm.reason, alarm.reason_data = reason or alarm.reason, reason_data or alarm.reason_data
        return False
    alarm.state, alarm.reason, alarm.reason_data, alarm.state_updated = new, reason, reason_data, moment
    data = {
        "version": "1.0",
        "oldState": {"stateValue": before["state"], "stateReason": before["reason"]},
        "newState": {
            "stateValue": new,
            "stateReason": reason,
            **({"stateReasonData": json.loads(reason_data)} if reason_data else {}),
        },
    }
    alarm.note(moment, "StateUpdate", f"Alarm updated from {before['state']} to {new}", data)
    events.emit("aws.cloudwatch", "CloudWatch Alarm State Change", alarm_event(alarm, before), [alarm.arn])
    if alarm.definition.get("ActionsEnabled", True):
        text = json.dumps(notification(alarm, str(before["state"]), region, triggering or []))
        for arn in alarm.actions:
            _act(alarm, arn, text, moment, region)
    state.changed("cloudwatch")
    return True


def _act(alarm: Alarm, arn: str, text: str, moment: datetime, region: str) -> None:
    """One action; its failure is told in the history and changes nothing else, as on AWS."""
    data = {
        "actionState": "Succeeded",
        "stateUpdateTimestamp": int(moment.timestamp() * 1000),
        "notificationResource": arn,
    }
    try:
        client("sns", arn.split(":")[3]).publish(TopicArn=arn, Subject=subject(alarm, region), Message=text)
    except Exception as error:
        _LOG.error("The action %s of the alarm %s failed: %s", arn, alarm.name, error)
        alarm.note(
            moment, "Action", f"Failed to execute action {arn}", data | {"actionState": "Failed", "error": str(error)}
        )
        return
    alarm.note(moment, "Action", f"Successfully executed action {arn}", data)
