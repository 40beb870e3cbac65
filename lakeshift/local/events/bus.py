"""The event buses: events of our own services in, deliveries to the targets of matching rules out.

What matches is found before the caller goes on, and on record (``outbox``); delivery itself is asynchronous, as on AWS.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from lakeshift.local import clock, state
from lakeshift.local.context import ACCOUNT, REGION, LocalContext
from lakeshift.local.events.letters import LoopSuspectedError
from lakeshift.local.events.outbox import Delivery, Outbox
from lakeshift.local.events.worker import Worker

__all__ = [
    "begin",
    "close",
    "dispatch",
    "emit",
    "event_of",
    "idle",
    "measure",
    "open_outbox",
    "outbox",
    "queue",
    "told",
    "wake",
]

_LOG: Final = logging.getLogger(__name__)
_WINDOW: Final = 600.0  # seconds of real time
_MOST: Final = int(os.environ.get("LAKESHIFT_RULE_LIMIT") or 5000)  # events of one rule within the window
_MOST_HOPS: Final = 10  # buses that one event may come over

_opening = threading.RLock()
_worker: Worker | None = None
_times: dict[str, deque[float]] = defaultdict(deque)


def open_outbox(context: LocalContext | None) -> None:
    """Take deliveries into ``context``'s state folder, which may hold some; None keeps them in memory."""
    from lakeshift.local.events.targets import send

    global _worker  # noqa: PLW0603 - one local AWS a process
    with _opening:
        if _worker is not None:
            _worker.close()
            _worker.outbox.close()
        file = None if context is None else context.state.services / "event-deliveries.sqlite"
        _worker = Worker(Outbox(file), send, measured=_count)


def begin() -> None:
    """Deliver from now on."""
    _working().begin()


def close() -> None:
    """Deliver nothing any more; what is not done, and what still comes in, is delivered after the next start."""
    _working().close()


def _working() -> Worker:
    with _opening:
        if _worker is None:
            open_outbox(None)
        assert _worker is not None  # noqa: S101 - just opened
        return _worker


def outbox() -> Outbox:
    """Where deliveries and the schedules' firings are kept."""
    return _working().outbox


def wake() -> None:
    """Something was put into the outbox."""
    _working().wake()


def event_of(
    source: str, detail_type: str, detail: dict[str, Any], resources: Iterable[str] = (), moment: datetime | None = None
) -> dict[str, Any]:
    """An event as rules and targets see it, of now by the local AWS's clock."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": f"{moment or clock.now():%Y-%m-%dT%H:%M:%SZ}",
        "region": REGION,
        "resources": list(resources),
        "detail": detail,
    }


def emit(source: str, detail_type: str, detail: dict[str, Any], resources: list[str] | None = None) -> None:
    """Put an event of one of our services (``aws.glue``) on the default bus; never raises."""
    event = event_of(source, detail_type, detail, resources or [])
    _measure["event"](event)
    try:
        dispatch("default", event)
    except Exception:
        _LOG.exception("The event %s of %s was not put on the bus", detail_type, source)


def _count(rule_arn: str, metric: str) -> None:
    _measure["rule"](rule_arn, metric)


_measure: dict[str, Callable[..., None]] = {"event": lambda _: None, "rule": lambda *_: None}


def measure(event: Callable[[dict[str, Any]], None], rule: Callable[[str, str], None]) -> None:
    """Have each event of our services, and each (rule ARN, metric of AWS/Events), counted; these never raise."""
    _measure.update(event=event, rule=rule)


def dispatch(bus: str, event: dict[str, Any], region: str = REGION, hops: int = 0) -> None:
    """Queue the event for every target of every enabled rule of the bus that it matches."""
    from moto.events.models import events_backends  # moto's events are loaded only where they are used

    found = events_backends[ACCOUNT][region].event_buses.get(bus)
    for rule in list(found.rules.values()) if found is not None else ():
        # A rule with a schedule alone has no pattern and matches no event.
        if rule.state != "DISABLED" and rule.event_pattern.get_pattern() and rule.event_pattern.matches_event(event):
            queue(rule, event, hops)


def queue(rule: Any, event: dict[str, Any], hops: int = 0) -> None:
    """Queue the event for every target of one of moto's rules."""
    _measure["rule"](rule.arn, "TriggeredRules")
    now = clock.now().timestamp()
    deliveries = [Delivery(rule.arn, target, event, created=now, due=now, hops=hops) for target in list(rule.targets)]
    trouble = _loop(rule, hops)
    if trouble is not None:
        for one in deliveries:
            _working().give_up(one, trouble)
        return
    outbox().put(deliveries)
    wake()


def _loop(rule: Any, hops: int) -> LoopSuspectedError | None:
    """AWS lets a rule that is fired by its own target go on for ever; here it ends loudly, at a bound."""
    if hops > _MOST_HOPS:
        return LoopSuspectedError(f"The event came over {hops} event buses to {rule.arn}: do rules send in a circle?")
    now, times = time.monotonic(), _times[rule.arn]
    times.append(now)
    while times[0] < now - _WINDOW:
        times.popleft()
    if len(times) <= _MOST:
        return None
    times.clear()
    rule.disable()
    state.changed("events")
    trouble = LoopSuspectedError(
        f"The rule {rule.arn} matched more than {_MOST} events within {_WINDOW:.0f} s and is disabled: does its target "
        "do what fires it? If not, start with a higher LAKESHIFT_RULE_LIMIT and enable the rule (EnableRule)."
    )
    _LOG.error("%s", trouble)
    return trouble


def idle() -> bool:
    """Whether nothing waits to be delivered."""
    return _working().is_idle()


def told() -> dict[str, int]:
    """What ``GET /_lakeshift/events`` answers."""
    return {"waiting": outbox().waiting(), "lost": _working().given_up}
