"""The event buses: events of our own services in, deliveries to the targets of matching rules out.

Delivery is asynchronous, as on AWS: a worker thread tries a target, tries again, and then sends the event to the
target's dead-letter queue with the reason.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from lakeshift.local.context import ACCOUNT, REGION
from lakeshift.local.events.shape import body
from lakeshift.local.events.targets import deliver
from lakeshift.local.stepfunctions.clients import client

__all__ = ["Delivery", "emit", "idle", "measure", "send", "trigger"]

_LOG: Final = logging.getLogger(__name__)
_TRIES: Final = 3
_FIRST_PAUSE: Final = 0.2  # seconds, doubled each time


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one target of one rule."""

    rule_arn: str
    target: dict[str, Any] = field(repr=False)
    event: dict[str, Any] = field(repr=False)


_waiting: queue.Queue[Delivery | dict[str, Any]] = queue.Queue()
_starting = threading.Lock()
_worker: threading.Thread | None = None


def emit(source: str, detail_type: str, detail: dict[str, Any], resources: list[str] | None = None) -> None:
    """Put an event of one of our services (``aws.glue``) on the default bus; returns at once and never raises."""
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": REGION,
        "resources": list(resources or []),
        "detail": detail,
    }
    _measure["event"](event)
    _put(event)


_measure: dict[str, Callable[..., None]] = {"event": lambda _: None, "rule": lambda *_: None}


def measure(event: Callable[[dict[str, Any]], None], rule: Callable[[str, str], None]) -> None:
    """Have each event of our services, and each (rule ARN, metric of AWS/Events), counted; these never raise."""
    _measure.update(event=event, rule=rule)


def send(rule: Any, event: dict[str, Any]) -> None:
    """Queue the event for every target of one of moto's rules, where the rule is enabled and matches.

    A rule with a schedule alone has no pattern and matches no event.
    """
    if rule.state == "ENABLED" and rule.event_pattern.get_pattern() and rule.event_pattern.matches_event(event):
        trigger(rule, event)


def trigger(rule: Any, event: dict[str, Any]) -> None:
    """Queue the event for every target of the rule, whatever its pattern."""
    _measure["rule"](rule.arn, "TriggeredRules")
    for target in list(rule.targets):
        _put(Delivery(rule.arn, target, event))


def idle() -> bool:
    """Whether nothing waits to be delivered."""
    return _waiting.unfinished_tasks == 0


def _put(item: Delivery | dict[str, Any]) -> None:
    global _worker  # noqa: PLW0603 - one worker a process
    _waiting.put(item)
    with _starting:
        if _worker is None or not _worker.is_alive():
            _worker = threading.Thread(target=_work, name="event-bus", daemon=True)
            _worker.start()


def _work() -> None:
    while True:
        item = _waiting.get()
        try:
            if isinstance(item, Delivery):
                _try(item)
            else:
                _match(item)
        except Exception:
            _LOG.exception("An event was not handled: %s", item)
        finally:
            _waiting.task_done()


def _match(event: dict[str, Any]) -> None:
    from moto.events.models import events_backends

    for rule in list(events_backends[ACCOUNT][REGION].event_buses["default"].rules.values()):
        send(rule, event)


def _try(delivery: Delivery) -> None:
    allowed = (delivery.target.get("RetryPolicy") or {}).get("MaximumRetryAttempts", _TRIES - 1)
    tries = 1 + min(int(allowed), _TRIES - 1)
    for attempt in range(tries):
        try:
            _measure["rule"](delivery.rule_arn, "Invocations")
            deliver(delivery.target, body(delivery.target, delivery.event, delivery.rule_arn))
            return
        except Exception as error:
            reason = error
        if attempt < tries - 1:
            time.sleep(_FIRST_PAUSE * 2**attempt)
    _give_up(delivery, reason, tries)


def _give_up(delivery: Delivery, reason: Exception, tries: int) -> None:
    _measure["rule"](delivery.rule_arn, "FailedInvocations")
    _LOG.error("The target %s was not reached after %d tries: %s", delivery.target["Arn"], tries, reason)
    dead_letters = (delivery.target.get("DeadLetterConfig") or {}).get("Arn")
    if dead_letters is None:
        return
    arn = dead_letters.split(":")
    queues = client("sqs", arn[3])
    attributes = {
        "RULE_ARN": delivery.rule_arn,
        "TARGET_ARN": delivery.target["Arn"],
        "ERROR_CODE": _code(reason),
        "ERROR_MESSAGE": str(reason) or type(reason).__name__,
        "RETRY_ATTEMPTS": str(tries - 1),
    }
    queues.send_message(
        QueueUrl=queues.get_queue_url(QueueName=arn[5])["QueueUrl"],
        MessageBody=json.dumps(delivery.event),
        MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    )


def _code(reason: Exception) -> str:
    response = getattr(reason, "response", None)
    return str(response["Error"]["Code"]) if isinstance(response, dict) else type(reason).__name__
