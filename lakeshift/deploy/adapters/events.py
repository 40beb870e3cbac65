"""Rules: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.deploy.adapters import documents
from lakeshift.deploy.adapters.base import Adapter, Live, Properties, chosen, tag_list
from lakeshift.deploy.session import AwsSession

__all__ = ["Rule"]

_RULE: Final = ("Name", "Description", "EventPattern", "ScheduleExpression", "State", "RoleArn")


class Rule(Adapter):
    """A rule of the default bus and its targets."""

    type = "AWS::Events::Rule"
    identity = ("Name",)
    tagged = ("events", "arn:aws:events:{Region}:{Account}:rule/{Name}")

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """With its targets."""
        found = aws.find("events", "describe_rule", ("ResourceNotFoundException",), Name=want["Name"])
        if found is None:
            return None
        targets = aws.call("events", "list_targets_by_rule", Rule=want["Name"]).get("Targets", [])
        return Live({**chosen(found, *_RULE), "Targets": targets})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """The rule, then its targets."""
        aws.call("events", "put_rule", Tags=tag_list(tags), **_parameters(want))
        self._targets(aws, want, Live({}))

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """The rule whole; targets that are no longer declared go, as PutTargets never removes one."""
        if changed - {"Targets"}:
            aws.call("events", "put_rule", **_parameters(want))
        if "Targets" in changed:
            self._targets(aws, want, live)

    @staticmethod
    def _targets(aws: AwsSession, want: Properties, live: Live) -> None:
        targets = want.get("Targets", [])
        if targets:
            aws.call("events", "put_targets", Rule=want["Name"], Targets=targets)
        declared = {one["Id"] for one in targets}
        stale = [one["Id"] for one in live.properties.get("Targets", []) if one["Id"] not in declared]
        if stale:
            aws.call("events", "remove_targets", Rule=want["Name"], Ids=stale)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """Its targets first, as EventBridge wants it."""
        ids = [one["Id"] for one in live.properties.get("Targets", [])]
        if ids:
            aws.call("events", "remove_targets", Rule=want["Name"], Ids=ids)
        aws.call("events", "delete_rule", Name=want["Name"])

    def comparable(self, properties: Properties) -> Properties:
        """The pattern as what it says, targets by their id."""
        found: dict[str, Any] = dict(properties)
        if "EventPattern" in found:
            found["EventPattern"] = documents.parsed(found["EventPattern"])
        if "Targets" in found:
            found["Targets"] = sorted(found["Targets"], key=lambda one: str(one["Id"]))
        return found


def _parameters(want: Properties) -> dict[str, Any]:
    found = chosen(want, *_RULE)
    if "EventPattern" in found:
        found["EventPattern"] = documents.as_text(found["EventPattern"])
    return found
