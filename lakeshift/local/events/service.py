"""What of the events lives beside the requests: the deliveries, the timetable, the route that tells of them."""

from __future__ import annotations

from lakeshift.local import clock, routes
from lakeshift.local.context import LocalContext
from lakeshift.local.events import bus, rule_schedules, rules
from lakeshift.local.events.timetable import Timetable

__all__ = ["changed", "start", "stop"]

_running: dict[str, Timetable] = {}  # by the endpoint of their server


def start(context: LocalContext) -> None:
    """Deliver and fire; ``GET /_lakeshift/events`` tells how many deliveries wait and how many are lost."""
    from lakeshift.local.datasync import schedules as transfers
    from lakeshift.local.glue.triggers import schedules as triggers
    from lakeshift.local.scheduler import schedules

    bus.begin()
    sources = (rule_schedules.appointments, schedules.appointments, triggers.appointments, transfers.appointments)
    _running[context.endpoint] = Timetable(bus.outbox(), sources, bus.wake)
    rules.follow(_running[context.endpoint])
    clock.on_move("schedules", _running[context.endpoint].report)
    routes.add("GET", "/_lakeshift/events", lambda _: routes.json_response(bus.told()))


def stop(context: LocalContext) -> None:
    """End the timetable, then the deliveries."""
    timetable = _running.pop(context.endpoint, None)
    if timetable is not None:
        rules.follow(None)
        clock.on_move("schedules", list)
        timetable.close()
        bus.close()


def changed() -> None:
    """A schedule of any kind was made, changed or removed."""
    for timetable in _running.values():
        timetable.changed()
