"""Trigger operations of the local Glue.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-trigger.html
"""

from __future__ import annotations

from typing import Any, Final

from moto.core.responses import ActionResult
from moto.glue.models import GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.local.glue.jobs.errors import (
    EntityNotFoundError,
    IdempotentParameterMismatchError,
    InvalidInputError,
    ResourceNumberLimitExceededError,
)
from lakeshift.local.glue.jobs.paging import page
from lakeshift.local.glue.triggers import firing
from lakeshift.local.glue.triggers.checks import objection
from lakeshift.local.glue.triggers.trigger import Trigger

__all__ = ["TriggerOperations", "TriggerResponses"]

_MOST: Final = 1000  # of an account
_UPDATED: Final = ("Description", "Schedule", "Actions", "Predicate", "EventBatchingCondition")


class TriggerOperations(GlueBackend):
    """What the backend does for triggers."""

    def adopt_triggers(self) -> None:
        """Take over those of a snapshot that was written when moto kept them."""
        for name, one in list(self.triggers.items()):
            if not isinstance(one, Trigger):
                self.triggers[name] = Trigger(one.arn, one.as_dict())

    def get_trigger(self, name: str) -> Trigger:
        """The trigger; raises EntityNotFoundError."""
        trigger: Trigger | None = self.triggers.get(name)
        if trigger is None:
            raise EntityNotFoundError(f"Trigger with name: {name} not found.")
        return trigger

    def put_trigger(self, given: dict[str, Any]) -> Trigger:
        """Make a trigger; raises what AWS raises for one that cannot be."""
        if len(self.triggers) >= _MOST:
            raise ResourceNumberLimitExceededError(f"The number of triggers is limited to {_MOST}.")
        self._check(given)
        workflow = given.get("WorkflowName")
        if workflow is not None and given["Type"] != "CONDITIONAL" and self.start_trigger_of(workflow) is not None:
            raise InvalidInputError("Workflow already has a starting trigger")
        name = given["Name"]
        trigger = Trigger(f"arn:aws:glue:{self.region_name}:{self.account_id}:trigger/{name}", given)
        if given.get("StartOnCreation"):
            trigger.activate("ACTIVATED")
        self.triggers[name] = trigger
        self.tag_resource(trigger.arn, given.get("Tags"))
        return trigger

    def update_trigger(self, name: str, update: dict[str, Any]) -> Trigger:
        """Overwrite the members given; a schedule counts from now."""
        trigger = self.get_trigger(name)
        changed: dict[str, Any] = {member: update[member] for member in _UPDATED if member in update}
        self._check({**trigger.given, **changed, "Name": name})
        trigger.given = {**trigger.given, **changed}
        trigger.activate(trigger.state)
        return trigger

    def start_trigger_of(self, workflow_name: str) -> Trigger | None:
        """What a run of the workflow begins with."""
        return next((one for one in self.triggers_of(workflow_name) if one.is_start), None)

    def triggers_of(self, workflow_name: str) -> list[Trigger]:
        """All triggers of the workflow."""
        return [one for one in self.triggers.values() if one.workflow_name == workflow_name]

    def _check(self, given: dict[str, Any]) -> None:
        trouble = objection(given)
        if trouble is not None:
            raise InvalidInputError(trouble)
        workflow = given.get("WorkflowName")
        if workflow is not None and workflow not in self.workflows:
            raise EntityNotFoundError(f"Workflow with name: {workflow} not found.")
        watched = (given.get("Predicate") or {}).get("Conditions") or []
        for one in (*given["Actions"], *watched):
            if one.get("JobName") and one["JobName"] not in self.jobs:
                raise EntityNotFoundError(f"Job with name: {one['JobName']} not found.")
            if one.get("CrawlerName") and one["CrawlerName"] not in self.crawlers:
                raise EntityNotFoundError(f"Crawler with name: {one['CrawlerName']} not found.")


class TriggerResponses(GlueResponse):
    """How the API answers for triggers."""

    def create_trigger(self) -> ActionResult:
        """CreateTrigger; the same definition again is the same trigger."""
        given = dict(self.parameters)
        existing = self.glue_backend.triggers.get(given["Name"])
        if existing is None:
            self.glue_backend.put_trigger(given)
            firing.changed()
        elif existing.given != Trigger("", given).given:
            text = f"Trigger with name: {given['Name']} already submitted with different configuration"
            raise IdempotentParameterMismatchError(text)
        return ActionResult({"Name": given["Name"]})

    def update_trigger(self) -> ActionResult:
        """UpdateTrigger."""
        update = dict(self.parameters.get("TriggerUpdate") or {})
        trigger = self.glue_backend.update_trigger(self.parameters["Name"], update)
        firing.changed()
        return ActionResult({"Trigger": trigger.as_dict()})

    def delete_trigger(self) -> ActionResult:
        """DeleteTrigger; one that is not there is no error."""
        trigger = self.glue_backend.triggers.pop(self.parameters["Name"], None)
        if trigger is not None:
            self.glue_backend.tagger.delete_all_tags_for_resource(trigger.arn)
        return ActionResult({"Name": self.parameters["Name"]})

    def start_trigger(self) -> ActionResult:
        """StartTrigger: an ON_DEMAND one fires, others are activated."""
        trigger = self.glue_backend.get_trigger(self.parameters["Name"])
        if trigger.kind == "EVENT":
            raise InvalidInputError("Trigger Type EVENT cannot be started")
        if trigger.kind == "ON_DEMAND":
            firing.fire(self.glue_backend, trigger)
        elif trigger.state != "ACTIVATED":
            trigger.activate("ACTIVATED")
            firing.changed()
        return ActionResult({"Name": trigger.name})

    def stop_trigger(self) -> ActionResult:
        """StopTrigger: one that is activated fires no more."""
        trigger = self.glue_backend.get_trigger(self.parameters["Name"])
        if trigger.state != "ACTIVATED":
            raise InvalidInputError(f"The operation is not allowed when trigger is in state: {trigger.state}")
        trigger.activate("DEACTIVATED")
        firing.changed()
        return ActionResult({"Name": trigger.name})

    def get_trigger(self) -> ActionResult:
        """GetTrigger."""
        return ActionResult({"Trigger": self.glue_backend.get_trigger(self.parameters["Name"]).as_dict()})

    def get_triggers(self) -> ActionResult:
        """GetTriggers, all or those that start a job."""
        rows, token = self._page()
        return ActionResult({"Triggers": [one.as_dict() for one in rows], "NextToken": token})

    def list_triggers(self) -> ActionResult:
        """ListTriggers: names, all or those that start a job, or have tags."""
        rows, token = self._page()
        return ActionResult({"TriggerNames": [one.name for one in rows], "NextToken": token})

    def batch_get_triggers(self) -> ActionResult:
        """BatchGetTriggers, with the names that do not exist."""
        triggers, names = self.glue_backend.triggers, list(dict.fromkeys(self.parameters["TriggerNames"]))
        return ActionResult(
            {
                "Triggers": [triggers[name].as_dict() for name in names if name in triggers],
                "TriggersNotFound": [name for name in names if name not in triggers],
            }
        )

    def _page(self) -> tuple[list[Trigger], str | None]:
        job, tags = self.parameters.get("DependentJobName"), self.parameters.get("Tags") or {}
        if job is not None:
            self.glue_backend.get_job(job)
        found = [one for one in self.glue_backend.triggers.values() if job is None or one.starts(job)]
        if tags:
            found = [one for one in found if self.is_tags_match(one.arn, tags)]
        return page(found, lambda one: one.name, self.parameters.get("NextToken"), self.parameters.get("MaxResults"))
