"""EventBridge made to act: rules deliver and fire on schedule, and what would not act is refused.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any, Final

from moto.core.exceptions import JsonRESTError
from moto.events.exceptions import InvalidEventPatternException, ValidationException

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local import clock
from lakeshift.local.events import bus, pattern, pattern_rules, target_checks
from lakeshift.local.events.timetable import Timetable
from lakeshift.local.stepfunctions.symbols import replace
from lakeshift.schedule import next_time

__all__ = ["follow", "install_rules"]

_MODELS: Final = "moto.events.models:"
_LARGEST: Final = 1024 * 1024  # bytes of all entries of one PutEvents
_MANDATORY: Final = ("id", "account", "source", "time", "region", "resources", "detail-type")
_REFUSED: Final = {
    "create_archive": "Send what you want to keep to a queue, a log group or a Firehose stream.",
    "start_replay": "Put the events again (PutEvents).",
    "create_api_destination": "Call the API from a job or a state machine.",
    "create_endpoint": "There is one region locally.",
}
_timetables: list[Timetable] = []


def follow(timetable: Timetable | None) -> None:
    """Tell this timetable of every rule that changes; None: no server runs."""
    _timetables[:] = [timetable] if timetable is not None else []


def install_rules() -> None:
    """Put our operations in the place of moto's."""
    replace(f"{_MODELS}Rule.send_to_targets", _send_to_targets)
    replace(f"{_MODELS}EventPattern.matches_event", _matches_event)
    replace(f"{_MODELS}EventPatternParser.parse", _parse)
    replace(f"{_MODELS}EventsBackend.put_events", _put_events)
    replace("moto.events.responses:EventsHandler.test_event_pattern", _test_event_pattern)
    _install_schedules()
    _install_targets()
    for operation, instead in _REFUSED.items():
        _refuse(operation, instead)


def _send_to_targets(self: Any, original_event: dict[str, Any], transform_input: bool = True) -> None:  # noqa: ARG001
    event = {**original_event, "time": _iso(original_event.get("time"))}
    if self.state != "DISABLED" and self.event_pattern.get_pattern() and self.event_pattern.matches_event(event):
        bus.queue(self, event)


def _matches_event(self: Any, event: dict[str, Any]) -> bool:
    return pattern.matches(self.get_pattern(), event)


def _parse(self: Any) -> dict[str, Any]:
    if not self.pattern:
        return {}
    try:
        return pattern_rules.parse(self.pattern)
    except pattern_rules.InvalidPatternError as error:
        raise InvalidEventPatternException(reason=str(error)) from None


def _iso(moment: Any) -> str:
    when = datetime.fromtimestamp(float(moment), UTC) if isinstance(moment, int | float) else None
    return f"{when:%Y-%m-%dT%H:%M:%SZ}" if when else str(moment or f"{clock.now():%Y-%m-%dT%H:%M:%SZ}")


def _put_events(self: Any, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html."""
    if not 1 <= len(events) <= 10:
        raise ValidationException(
            "1 validation error detected: Value '[PutEventsRequestEntry]' at 'entries' failed to satisfy constraint: "
            f"Member must have length {'less than or equal to 10' if events else 'greater than or equal to 1'}"
        )
    if sum(len(json.dumps(entry)) for entry in events) > _LARGEST:
        raise ValidationException("Total size of the entries in the request is over the limit.")
    return [_put_event(self, entry) for entry in events]


def _put_event(backend: Any, entry: dict[str, Any]) -> dict[str, Any]:
    trouble = _entry_error(entry)
    if trouble is not None:
        return {"ErrorCode": trouble[0], "ErrorMessage": trouble[1]}
    name = backend._normalize_event_bus_arn(entry.get("EventBusName"))
    backend.describe_event_bus(name)
    event = bus.event_of(
        entry["Source"], entry["DetailType"], json.loads(entry["Detail"]), entry.get("Resources") or []
    )
    event |= {"id": str(uuid.uuid4()), "region": backend.region_name, "account": backend.account_id}
    if entry.get("Time") is not None:
        event["time"] = _iso(entry["Time"])
    bus.dispatch(name, event, backend.region_name)
    return {"EventId": event["id"]}


def _entry_error(entry: dict[str, Any]) -> tuple[str, str] | None:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return "InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument."
    if entry["Source"].startswith("aws."):
        return "NotAuthorizedForSourceException", "Not authorized for the source."
    try:
        if isinstance(json.loads(entry["Detail"]), dict):
            return None
    except ValueError:
        pass
    return "MalformedDetail", "Detail is malformed."


def _test_event_pattern(self: Any) -> str:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html."""
    given = json.loads(self.body)
    try:
        wanted = pattern_rules.parse(given["EventPattern"])
    except pattern_rules.InvalidPatternError as error:
        raise InvalidEventPatternException(reason=str(error)) from None
    try:
        event = json.loads(given["Event"])
    except ValueError:
        raise ValidationException("Parameter Event is not valid. Reason: the event is no JSON.") from None
    missing = [name for name in _MANDATORY if name not in event]
    if missing:
        raise ValidationException(f"Parameter Event is not valid. Reason: it lacks {', '.join(missing)}.")
    return json.dumps({"Result": pattern.matches(wanted, event)})


def _changed() -> None:
    for timetable in _timetables:
        timetable.changed()


def _install_schedules() -> None:
    def put_rule(self: Any, name: str, *given: Any, **named: Any) -> Any:
        expression = named.get("scheduled_expression")
        if expression:
            _check_expression(expression)
        existing = self.event_buses["default"].rules.get(name)
        rule = put_always(self, name, *given, **named)
        same = existing is not None and (existing.scheduled_expression, existing.state) == (expression, rule.state)
        rule.scheduled_at = existing.__dict__.get("scheduled_at", clock.now()) if same else clock.now()
        _changed()
        return rule

    def enable(self: Any) -> None:
        if self.state == "DISABLED":
            self.scheduled_at = clock.now()
        self.state = "ENABLED"
        _changed()

    def disable(self: Any) -> None:
        self.state = "DISABLED"
        _changed()

    put_always = replace(f"{_MODELS}EventsBackend.put_rule", put_rule)
    replace(f"{_MODELS}Rule.enable", enable)
    replace(f"{_MODELS}Rule.disable", disable)


def _check_expression(expression: str) -> None:
    try:
        next_time(expression, clock.now(), clock.now())
    except ValueError:
        raise ValidationException("Parameter ScheduleExpression is not valid.") from None


def _install_targets() -> None:
    def put_targets(self: Any, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]) -> None:
        for target in targets:
            trouble = target_checks.objection(target)
            if trouble is not None:
                raise ValidationException(trouble)
        rule = self.describe_rule(name, event_bus_arn)
        if len({one["Id"] for one in (*rule.targets, *targets)}) > target_checks.MOST_TARGETS:
            raise JsonRESTError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
        put_always(self, name, event_bus_arn, targets)

    put_always = replace(f"{_MODELS}EventsBackend.put_targets", put_targets)


def _refuse(operation: str, instead: str) -> None:
    action = "".join(part.capitalize() for part in operation.split("_"))

    def refused(self: Any, *_: Any, **__: Any) -> None:  # noqa: ARG001 - a method
        page = f"https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_{action}.html"
        raise ValidationException(str(NotSupportedLocallyError(f"events:{action}", instead, page)))

    from moto.events.models import EventsBackend

    if hasattr(EventsBackend, operation):
        replace(f"{_MODELS}EventsBackend.{operation}", refused)
