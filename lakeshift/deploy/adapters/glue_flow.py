"""Triggers, workflows, rulesets, security configurations: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.deploy.adapters.base import Live, Properties
from lakeshift.deploy.adapters.plain import Plain
from lakeshift.deploy.session import AwsSession

__all__ = ["DataQualityRuleset", "SecurityConfiguration", "Trigger", "Workflow"]

_START: Final = "StartOnCreation"
_STARTED: Final = ("ACTIVATED", "ACTIVATING")


class Trigger(Plain):
    """A trigger; it is deactivated for a change, and activated where ``StartOnCreation`` says so.

    GetTrigger never answers ``StartOnCreation``, and a conditional trigger that is only created never fires: the state
    is read as that property, and kept by StartTrigger and StopTrigger. One on demand has no state to keep.
    """

    type = "AWS::Glue::Trigger"
    identity = ("Name",)
    tagged = ("glue", "arn:aws:glue:{Region}:{Account}:trigger/{Name}")
    fixed = frozenset({"Type", "WorkflowName"})
    service = "glue"
    operation = "trigger"
    found_in = "Trigger"

    def shown(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """The state as ``StartOnCreation``."""
        return {**told, _START: told.get("State") in _STARTED}

    def comparable(self, properties: Properties) -> Properties:
        """A trigger on demand starts when it is told to, so its state says nothing."""
        return {key: value for key, value in properties.items() if key != _START or properties["Type"] != "ON_DEMAND"}

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """Started by a call of its own, which says so when it cannot be."""
        first = {key: value for key, value in want.items() if key != _START}
        super().create(aws, first, tags)
        if _starts(want):
            aws.call("glue", "start_trigger", Name=want["Name"])

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """An active trigger takes no change: it is stopped, changed, and started again."""
        was = live.properties.get(_START) is True
        if was:
            aws.call("glue", "stop_trigger", Name=want["Name"])
        if changed - {_START}:
            skipped = {"Name", "Type", "WorkflowName", _START}
            update = {key: value for key, value in want.items() if key not in skipped}
            aws.call("glue", "update_trigger", Name=want["Name"], TriggerUpdate=update)
        if _starts(want) if _START in want else was:
            aws.call("glue", "start_trigger", Name=want["Name"])


def _starts(want: Properties) -> bool:
    return str(want.get(_START, False)).lower() == "true" and want["Type"] != "ON_DEMAND"


class Workflow(Plain):
    """A workflow; its triggers name it."""

    type = "AWS::Glue::Workflow"
    identity = ("Name",)
    tagged = ("glue", "arn:aws:glue:{Region}:{Account}:workflow/{Name}")
    service = "glue"
    operation = "workflow"
    found_in = "Workflow"


class DataQualityRuleset(Plain):
    """A set of rules (DQDL), for a table or for none."""

    type = "AWS::Glue::DataQualityRuleset"
    identity = ("Name",)
    tagged = ("glue", "arn:aws:glue:{Region}:{Account}:dataQualityRuleset/{Name}")
    fixed = frozenset({"TargetTable"})
    service = "glue"
    operation = "data_quality_ruleset"

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """The table it is for stays."""
        given = {key: value for key, value in want.items() if key != "TargetTable"}
        aws.call("glue", "update_data_quality_ruleset", **given)


class SecurityConfiguration(Plain):
    """How jobs and crawlers encrypt what they write; it takes no tags and no change."""

    type = "AWS::Glue::SecurityConfiguration"
    identity = ("Name",)
    fixed = frozenset({"EncryptionConfiguration"})
    service = "glue"
    operation = "security_configuration"
    found_in = "SecurityConfiguration"
    tags_as = None

    def parameters(self, want: Properties) -> dict[str, Any]:
        """CloudFormation's list of one is ``S3Encryptions``."""
        given = dict(want["EncryptionConfiguration"])
        if "S3Encryptions" in given:
            given["S3Encryption"] = given.pop("S3Encryptions")
        return {"Name": want["Name"], "EncryptionConfiguration": given}

    def shown(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """In CloudFormation's words."""
        given = dict(told["EncryptionConfiguration"])
        if "S3Encryption" in given:
            given["S3Encryptions"] = given.pop("S3Encryption")
        return {"Name": told["Name"], "EncryptionConfiguration": given}
