"""The thread that delivers: tries a target, tries again by its retry policy, then writes a dead letter.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import Any, Final

from lakeshift.local import clock, state
from lakeshift.local.events import letters
from lakeshift.local.events.outbox import Delivery, Outbox
from lakeshift.local.stepfunctions.clients import client

__all__ = ["Worker"]

_LOG: Final = logging.getLogger(__name__)
_LOOK: Final = 0.1  # seconds between two looks at a clock that may have been moved, while something waits for it

Send = Callable[[Delivery], object]
Letter = Callable[[str, str, dict[str, str]], object]
Measured = Callable[[str, str], object]


def _write_letter(queue_arn: str, body: str, attributes: dict[str, str]) -> None:
    arn = queue_arn.split(":")
    queues = client("sqs", arn[3])
    queues.send_message(
        QueueUrl=queues.get_queue_url(QueueName=arn[5])["QueueUrl"],
        MessageBody=body,
        MessageAttributes={key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()},
    )


class Worker:
    """Works through an outbox until it is closed.

    ``send`` delivers once, ``letter`` writes to a dead-letter queue, ``measured`` is told of rules' metrics.
    """

    def __init__(
        self, outbox: Outbox, send: Send, letter: Letter = _write_letter, measured: Measured = lambda *_: None
    ) -> None:
        self.outbox = outbox
        self.given_up = 0  # deliveries without a dead-letter queue that are lost
        self._send, self._letter, self._measured = send, letter, measured
        self._changed = threading.Condition()
        self._busy = False
        self._closed = False
        self._thread = threading.Thread(target=self._follow, name="event-bus", daemon=True)

    def begin(self) -> None:
        """Deliver from now on; until then deliveries are taken in only."""
        with self._changed:
            if not self._closed and self._thread.ident is None:
                self._thread.start()

    def wake(self) -> None:
        """Something is to be delivered."""
        with self._changed:
            self._changed.notify_all()

    def is_idle(self) -> bool:
        """Whether nothing is to be delivered now; a retry may be due later."""
        with self._changed:
            first = self.outbox.first()
            return not self._busy and (first is None or first.due > clock.now().timestamp())

    def close(self) -> None:
        """Deliver nothing any more; what is not done stays in the outbox."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout=10)

    def _next(self) -> Delivery | None:
        """The next delivery once it is due; None at the end."""
        with self._changed:
            self._busy = False
            while not self._closed:
                first = self.outbox.first()
                if first is not None and first.due <= clock.now().timestamp():
                    self._busy = True
                    return first
                self._changed.wait(None if first is None else _LOOK)
        return None

    def _follow(self) -> None:
        while (delivery := self._next()) is not None:
            try:
                self._try(delivery)
            except Exception:  # the next delivery must not wait for this one
                _LOG.exception("A delivery was not handled: %s", delivery)
                self.outbox.done(delivery)

    def _try(self, delivery: Delivery) -> None:
        try:
            self._send(delivery)
        except Exception as reason:
            self._failed(delivery, reason)
        else:
            self.outbox.done(delivery)
            self._count(delivery, "Invocations")

    def _count(self, delivery: Delivery, metric: str) -> None:
        """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html."""
        if ":rule/" in delivery.origin:
            self._measured(delivery.origin, metric)

    def _failed(self, delivery: Delivery, reason: Exception) -> None:
        now = clock.now().timestamp()
        retried = letters.is_retried(reason)
        condition = letters.exhausted(delivery, now) if retried else None
        if retried and condition is None:
            self.outbox.later(delivery, now + letters.backoff(delivery.attempts + 1))
            return
        self.give_up(delivery, reason, condition)
        self.outbox.done(delivery)

    def give_up(self, delivery: Delivery, reason: Exception, condition: str | None = None) -> None:
        """Write the dead letter, or say in the log that the event is lost."""
        arn = delivery.target["Arn"]
        _LOG.error("%s did not reach %s after %d retries: %s", delivery.origin, arn, delivery.attempts, reason)
        self._count(delivery, "FailedInvocations")
        queue = (delivery.target.get("DeadLetterConfig") or {}).get("Arn")
        if queue is None:
            self.given_up += 1
            return
        try:
            self._letter(queue, _body(delivery), letters.attributes(delivery, reason, condition))
        except Exception:
            self.given_up += 1
            _LOG.exception("The dead-letter queue %s of %s was not reached either", queue, delivery.origin)
        state.changed("sqs")


def _body(delivery: Delivery) -> str:
    """The event; of a schedule what it would have sent."""
    if ":scheduler:" in delivery.origin:
        return str(delivery.event["input"])
    return json.dumps(_public(delivery.event))


def _public(event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key != "ingestion-time"}
