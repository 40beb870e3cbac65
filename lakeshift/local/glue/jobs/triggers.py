"""Triggers and workflows: their definitions are kept; the local Glue does not run them and says so.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-trigger.html
"""

from __future__ import annotations

from typing import Any, Final

from moto.core.responses import ActionResult
from moto.glue.models import FakeTrigger, GlueBackend
from moto.glue.responses import GlueResponse
from moto.glue.utils import Action, Predicate

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.glue.jobs.errors import IdempotentParameterMismatchError, NotSupportedError, ValidationError

__all__ = ["TriggerOperations", "TriggerResponses"]

_PAGE: Final = "https://docs.aws.amazon.com/glue/latest/dg/about-triggers.html"
_INSTEAD: Final = "Start the job with StartJobRun, or order jobs with a Step Functions state machine."
_TYPES: Final = ("SCHEDULED", "CONDITIONAL", "ON_DEMAND", "EVENT")


class TriggerOperations(GlueBackend):
    """What the backend does for triggers."""

    def update_trigger(self, name: str, update: dict[str, Any]) -> FakeTrigger:
        """Overwrite the members given; raises moto's TriggerNotFoundException."""
        trigger = self.get_trigger(name)
        if "Actions" in update:
            trigger.actions = [Action(action) for action in update["Actions"]]
        if "Predicate" in update:
            trigger.predicate = Predicate(update["Predicate"])
        for member, attribute in (
            ("Description", "description"),
            ("Schedule", "schedule"),
            ("EventBatchingCondition", "event_batching_condition"),
        ):
            if member in update:
                setattr(trigger, attribute, update[member])
        return trigger


class TriggerResponses(GlueResponse):
    """How the API answers for triggers."""

    def create_trigger(self) -> ActionResult:
        """CreateTrigger; one that would have to be active at once is refused."""
        name, kind = self.parameters["Name"], self.parameters.get("Type")
        if kind not in _TYPES:
            raise ValidationError(
                f"1 validation error detected: Value '{kind}' at 'type' failed to satisfy constraint: "
                f"Member must satisfy enum value set: [{', '.join(_TYPES)}]"
            )
        if self.parameters.get("StartOnCreation"):
            raise _refused("CreateTrigger with StartOnCreation")
        if name in self.glue_backend.triggers:
            raise IdempotentParameterMismatchError(
                f"Trigger with name: {name} already submitted with different configuration"
            )
        return super().create_trigger()

    def update_trigger(self) -> ActionResult:
        """UpdateTrigger."""
        update = dict(self.parameters.get("TriggerUpdate") or {})
        trigger = self.glue_backend.update_trigger(self.parameters["Name"], update)
        return ActionResult({"Trigger": trigger.as_dict()})

    def start_trigger(self) -> ActionResult:
        """StartTrigger: refused once the trigger is known to exist."""
        self.glue_backend.get_trigger(self.parameters["Name"])
        raise _refused("StartTrigger")


def _refused(feature: str) -> NotSupportedError:
    return NotSupportedError(NotSupportedLocallyError(feature, _INSTEAD, _PAGE))
