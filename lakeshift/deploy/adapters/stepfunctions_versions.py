"""Versions and aliases of a state machine: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-cd-aliasing-versioning.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeshift.deploy.adapters.base import Adapter, Live, Properties, chosen
from lakeshift.deploy.adapters.cases import lower, upper
from lakeshift.deploy.session import AwsSession

__all__ = ["StateMachineAlias", "StateMachineVersion"]


class StateMachineVersion(Adapter):
    """The newest version, published of one revision; another revision publishes another version."""

    type = "AWS::StepFunctions::StateMachineVersion"
    identity = ("StateMachineArn", "StateMachineRevisionId")
    write_only = frozenset({"Description"})

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """The newest version, where it is of the revision that is wanted."""
        machine = want["StateMachineArn"]
        absent = ("StateMachineDoesNotExist", "ResourceNotFound")
        listed = aws.find("stepfunctions", "list_state_machine_versions", absent, stateMachineArn=machine)
        found = (listed or {}).get("stateMachineVersions", [])
        if not found:
            return None
        newest = max(found, key=lambda one: int(one["stateMachineVersionArn"].rpartition(":")[2]))
        arn = newest["stateMachineVersionArn"]
        told = aws.find("stepfunctions", "describe_state_machine", absent, stateMachineArn=arn)
        if told is None or (told.get("revisionId") or "INITIAL") != want["StateMachineRevisionId"]:
            return None
        return Live(chosen(want, *self.identity), {"Ref": arn, "Arn": arn})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """Publish; the first revision has no id on AWS."""
        machine, revision = want["StateMachineArn"], want["StateMachineRevisionId"]
        given = {} if revision == "INITIAL" else {"revisionId": revision}
        if "Description" in want:
            given["description"] = want["Description"]
        aws.call("stepfunctions", "publish_state_machine_version", stateMachineArn=machine, **given)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """A version never changes."""

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its ARN."""
        aws.call("stepfunctions", "delete_state_machine_version", stateMachineVersionArn=live.attributes["Ref"])


class StateMachineAlias(Adapter):
    """A name for a version, ``live``, that callers start."""

    type = "AWS::StepFunctions::StateMachineAlias"
    identity = ("StateMachineArn", "Name")

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """Where it sends executions."""
        absent = ("ResourceNotFound", "StateMachineDoesNotExist")
        found = aws.find("stepfunctions", "describe_state_machine_alias", absent, stateMachineAliasArn=_arn(want))
        if found is None:
            return None
        told = upper(chosen(found, "name", "description", "routingConfiguration"))
        return Live({**chosen(want, "StateMachineArn"), **told}, {"Ref": _arn(want), "Arn": _arn(want)})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """It takes no tags."""
        given = lower(chosen(want, "Name", "Description", "RoutingConfiguration"))
        aws.call("stepfunctions", "create_state_machine_alias", **given)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """To another version."""
        given = lower(chosen(want, "Description", "RoutingConfiguration"))
        aws.call("stepfunctions", "update_state_machine_alias", stateMachineAliasArn=_arn(want), **given)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """Its versions stay."""
        aws.call("stepfunctions", "delete_state_machine_alias", stateMachineAliasArn=_arn(want))


def _arn(want: Properties) -> Any:
    return f"{want['StateMachineArn']}:{want['Name']}"
