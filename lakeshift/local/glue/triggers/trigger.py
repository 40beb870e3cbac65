"""One trigger: what was given, its state, and what it still waits for.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-trigger.html
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from lakeshift.local import clock

__all__ = ["Trigger"]

_SHOWN: Final = ("WorkflowName", "Type", "Description", "Schedule", "Actions", "Predicate", "EventBatchingCondition")


class Trigger:
    """State CREATED, ACTIVATED or DEACTIVATED; ON_DEMAND and EVENT triggers stay CREATED."""

    def __init__(self, arn: str, given: dict[str, Any]) -> None:
        self.arn = arn
        self.name: str = given["Name"]
        self.given = {name: given[name] for name in _SHOWN if given.get(name) not in (None, "", {})}
        self.state = "CREATED"
        self.met: list[int] = []  # conditions of a trigger of no workflow that came about since it fired
        self.scheduled_at: datetime = clock.now()

    @property
    def kind(self) -> str:
        """ON_DEMAND, SCHEDULED, CONDITIONAL or EVENT."""
        return str(self.given["Type"])

    @property
    def workflow_name(self) -> str | None:
        """Its workflow, where it has one."""
        return self.given.get("WorkflowName")

    @property
    def actions(self) -> list[dict[str, Any]]:
        """What it starts."""
        return list(self.given.get("Actions") or [])

    @property
    def conditions(self) -> list[dict[str, Any]]:
        """What a conditional trigger watches."""
        return list((self.given.get("Predicate") or {}).get("Conditions") or [])

    @property
    def is_start(self) -> bool:
        """Whether a run of its workflow begins with it."""
        return self.kind != "CONDITIONAL"

    def starts(self, job_name: str) -> bool:
        """Whether the job depends on it."""
        return any(action.get("JobName") == job_name for action in self.actions)

    def activate(self, state: str) -> None:
        """Go to ``state``; a schedule counts from then."""
        self.state, self.met, self.scheduled_at = state, [], clock.now()

    def as_dict(self) -> dict[str, Any]:
        """A ``Trigger`` of the API."""
        return {"Name": self.name, **self.given, "State": self.state}
