"""Scheduler's operations: moto's, with the checks of AWS and word to the timetable.

https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from typing import Any, Final

from moto.core.exceptions import JsonRESTError
from moto.scheduler.exceptions import ScheduleGroupNotFound, ValidationException

from lakeshift.local import clock
from lakeshift.local.events import service
from lakeshift.local.scheduler.checks import objection
from lakeshift.local.scheduler.schedules import moment_of
from lakeshift.local.stepfunctions.symbols import replace

__all__ = ["install"]

_BACKEND: Final = "moto.scheduler.models:EventBridgeSchedulerBackend."
_DEFAULTS: Final = {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}


class ConflictError(JsonRESTError):
    """The name is taken."""

    code = 409

    def __init__(self, message: str) -> None:
        super().__init__("ConflictException", message)


def _check(given: dict[str, Any]) -> None:
    trouble = objection(given, clock.now(), moment_of(given.get("start_date")), moment_of(given.get("end_date")))
    if trouble is not None:
        raise ValidationException(trouble)
    policy = given["target"].get("RetryPolicy") or {}
    given["target"]["RetryPolicy"] = {**_DEFAULTS, **policy}


def install() -> None:
    """Put our checks under the operations."""

    def create(self: Any, **given: Any) -> Any:
        if (given.get("group_name") or "default") not in self.schedule_groups:
            raise ScheduleGroupNotFound(given["group_name"])
        _check(given)
        given["action_after_completion"] = given.get("action_after_completion") or "NONE"
        schedule = create_always(self, **given)
        schedule.scheduled_at = clock.now()
        schedule.creation_date = schedule.last_modified_date = clock.now().timestamp()
        service.changed()
        return schedule

    def update(self: Any, **given: Any) -> Any:
        """UpdateSchedule replaces the whole: what is not given goes back to its default."""
        _check(given)
        given["state"] = given.get("state") or "ENABLED"
        schedule = update_always(self, **given)
        schedule.scheduled_at = clock.now()
        schedule.last_modified_date = clock.now().timestamp()
        service.changed()
        return schedule

    def update_schedule(self: Any) -> str:
        """With ActionAfterCompletion, which moto leaves as it was."""
        answer = str(update_response(self))
        name = self.uri.split("?")[0].split("/")[-1]
        schedule = self.scheduler_backend.get_schedule(self._get_param("GroupName"), name)
        schedule.action_after_completion = self._get_param("ActionAfterCompletion") or "NONE"
        return answer

    def create_group(self: Any, name: str, tags: Any) -> Any:
        if name in self.schedule_groups:
            raise ConflictError(f"Schedule group {name} already exists.")
        return create_group_always(self, name, tags)

    def delete_group(self: Any, name: str | None) -> None:
        if (name or "default") == "default":
            raise ValidationException("The default schedule group cannot be deleted.")
        self.get_schedule_group(name)
        delete_group_always(self, name)

    create_always = replace(f"{_BACKEND}create_schedule", create)
    update_always = replace(f"{_BACKEND}update_schedule", update)
    update_response = replace("moto.scheduler.responses:EventBridgeSchedulerResponse.update_schedule", update_schedule)
    create_group_always = replace(f"{_BACKEND}create_schedule_group", create_group)
    delete_group_always = replace(f"{_BACKEND}delete_schedule_group", delete_group)
