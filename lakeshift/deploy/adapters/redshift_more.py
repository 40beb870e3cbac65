"""Around a cluster: parameter groups, scheduled actions, usage limits.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.deploy.adapters import documents
from lakeshift.deploy.adapters.base import Adapter, Live, Properties, chosen, tag_list
from lakeshift.deploy.adapters.redshift import RedshiftTags
from lakeshift.deploy.session import AwsSession

__all__ = ["ClusterParameterGroup", "ScheduledAction", "UsageLimit"]

_WLM: Final = "wlm_json_configuration"
_LIMIT: Final = ("ClusterIdentifier", "FeatureType", "LimitType", "Period")


class ClusterParameterGroup(RedshiftTags):
    """Parameters of clusters: workload management (queues, concurrency scaling), query limits, TLS."""

    type = "AWS::Redshift::ClusterParameterGroup"
    identity = ("ParameterGroupName",)
    tagged = ("redshift", "arn:aws:redshift:{Region}:{Account}:parametergroup:{Name}")
    fixed = frozenset({"ParameterGroupFamily", "Description"})

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """The parameters that somebody has set."""
        name = {"ParameterGroupName": want["ParameterGroupName"]}
        absent = ("ClusterParameterGroupNotFound", "ClusterParameterGroupNotFoundFault")
        found = aws.find("redshift", "describe_cluster_parameter_groups", absent, **name)
        if found is None or not found["ParameterGroups"]:
            return None
        told = aws.pages("redshift", "describe_cluster_parameters", "Parameters", Source="user", **name)
        parameters = [chosen(one, "ParameterName", "ParameterValue") for one in told if one.get("Source") == "user"]
        return Live({**found["ParameterGroups"][0], "Parameters": parameters})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """The group, then its parameters."""
        given = {key: value for key, value in want.items() if key != "Parameters"}
        aws.call("redshift", "create_cluster_parameter_group", Tags=tag_list(tags), **given)
        self._set(aws, want)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Those declared are set; those no longer declared go back to their default."""
        self._set(aws, want)
        declared = {one["ParameterName"] for one in want.get("Parameters", [])}
        stale = [one["ParameterName"] for one in live.properties["Parameters"] if one["ParameterName"] not in declared]
        if stale:
            aws.call(
                "redshift",
                "reset_cluster_parameter_group",
                ParameterGroupName=want["ParameterGroupName"],
                Parameters=[{"ParameterName": name} for name in stale],
            )

    @staticmethod
    def _set(aws: AwsSession, want: Properties) -> None:
        parameters = [
            {**one, "ParameterValue": documents.as_text(one["ParameterValue"])} for one in want.get("Parameters", [])
        ]
        if parameters:
            name = want["ParameterGroupName"]
            aws.call("redshift", "modify_cluster_parameter_group", ParameterGroupName=name, Parameters=parameters)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """Redshift refuses while a cluster has it."""
        aws.call("redshift", "delete_cluster_parameter_group", ParameterGroupName=want["ParameterGroupName"])

    def comparable(self, properties: Properties) -> Properties:
        """Parameters by name; the queues as what they say."""
        found: dict[str, Any] = dict(properties)
        if "Parameters" in found:
            listed = {one["ParameterName"]: one["ParameterValue"] for one in found["Parameters"]}
            if _WLM in listed:
                listed[_WLM] = documents.parsed(listed[_WLM])
            found["Parameters"] = [{"ParameterName": name, "ParameterValue": listed[name]} for name in sorted(listed)]
        return found


class ScheduledAction(Adapter):
    """A pause, resume or resize at a time; it takes no tags."""

    type = "AWS::Redshift::ScheduledAction"
    identity = ("ScheduledActionName",)

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """Its state as ``Enable``."""
        name = want["ScheduledActionName"]
        absent = ("ScheduledActionNotFound", "ScheduledActionNotFoundFault")
        found = aws.find("redshift", "describe_scheduled_actions", absent, ScheduledActionName=name)
        if found is None or not found.get("ScheduledActions"):
            return None
        told = found["ScheduledActions"][0]
        return Live({**told, "Enable": told.get("State") == "ACTIVE"})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """As the API has it."""
        aws.call("redshift", "create_scheduled_action", **want)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """The parts that differ."""
        given = {key: want[key] for key in changed}
        aws.call("redshift", "modify_scheduled_action", ScheduledActionName=want["ScheduledActionName"], **given)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its name."""
        aws.call("redshift", "delete_scheduled_action", ScheduledActionName=want["ScheduledActionName"])

    def comparable(self, properties: Properties) -> Properties:
        """Times in one form."""
        found: dict[str, Any] = dict(properties)
        for key in ("StartTime", "EndTime"):
            if key in found:
                found[key] = documents.moment(found[key])
        return found


class UsageLimit(RedshiftTags):
    """How much of a feature a cluster may use in a period; known by cluster, feature, kind and period."""

    type = "AWS::Redshift::UsageLimit"
    identity = _LIMIT
    tagged = ("redshift", "arn:aws:redshift:{Region}:{Account}:usagelimit:{UsageLimitId}")

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """A period that is not given is a month."""
        absent = ("ClusterNotFound", "ClusterNotFoundFault", "UsageLimitNotFound")
        wanted = chosen(want, "ClusterIdentifier", "FeatureType")
        found = aws.find("redshift", "describe_usage_limits", absent, **wanted)
        for one in (found or {}).get("UsageLimits", []):
            same = one["LimitType"] == want["LimitType"] and one.get("Period") == want.get("Period", "monthly")
            if same and one["ClusterIdentifier"] == want["ClusterIdentifier"]:
                return Live(one, {"Ref": one["UsageLimitId"], "UsageLimitId": one["UsageLimitId"]})
        return None

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags."""
        aws.call("redshift", "create_usage_limit", Tags=tag_list(tags), **want)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Amount and what happens when it is reached."""
        given = {key: want[key] for key in changed}
        aws.call("redshift", "modify_usage_limit", UsageLimitId=live.attributes["UsageLimitId"], **given)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its id."""
        aws.call("redshift", "delete_usage_limit", UsageLimitId=live.attributes["UsageLimitId"])
