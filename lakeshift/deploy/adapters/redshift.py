"""Clusters: https://docs.aws.amazon.com/redshift/latest/APIReference/API_Operations.html."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lakeshift.deploy.adapters.base import Adapter, Live, Properties, tag_list
from lakeshift.deploy.adapters.secrets import resolved
from lakeshift.deploy.retry import wait_until
from lakeshift.deploy.session import AwsSession

__all__ = ["Cluster", "RedshiftTags"]

_ABSENT: Final = ("ClusterNotFound", "ClusterNotFoundFault")


class RedshiftTags(Adapter):
    """Tags come with the resource itself, and are added by its ARN, ``tagged``."""

    def tags(self, aws: AwsSession, want: Properties, live: Live) -> Mapping[str, str]:
        """As the resource shows them."""
        return {one["Key"]: one["Value"] for one in live.properties.get("Tags", [])}

    def tag(self, aws: AwsSession, want: Properties, live: Live, tags: Mapping[str, str]) -> None:
        """Those that are there stay."""
        aws.call("redshift", "create_tags", ResourceName=self._whose(aws, want, live), Tags=tag_list(tags))


class Cluster(RedshiftTags):
    """A provisioned cluster."""

    type = "AWS::Redshift::Cluster"
    identity = ("ClusterIdentifier",)
    tagged = ("redshift", "arn:aws:redshift:{Region}:{Account}:cluster:{Name}")
    holds_data = True
    fixed = frozenset({"DBName", "MasterUsername", "ClusterSubnetGroupName"})
    write_only = frozenset({"MasterUserPassword"})

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """In CloudFormation's shape; one that is being made has no endpoint yet."""
        found = _describe(aws, want)
        if found is None:
            return None
        nodes = found.get("NumberOfNodes", 1)
        properties = {
            **found,
            "ClusterType": "single-node" if nodes == 1 else "multi-node",
            "IamRoles": [one["IamRoleArn"] for one in found.get("IamRoles", [])],
            "VpcSecurityGroupIds": [one["VpcSecurityGroupId"] for one in found.get("VpcSecurityGroups", [])],
            "ClusterParameterGroupName": next(
                (one["ParameterGroupName"] for one in found.get("ClusterParameterGroups", [])), None
            ),
        }
        endpoint = found.get("Endpoint") or {}
        attributes = {f"Endpoint.{key}": str(endpoint[key]) for key in ("Address", "Port") if key in endpoint}
        return Live(properties, attributes)

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags; returns once it is available, which on AWS takes minutes."""
        password = resolved(aws, want["MasterUserPassword"])
        aws.call("redshift", "create_cluster", Tags=tag_list(tags), **{**want, "MasterUserPassword": password})
        self._wait(aws, want)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Roles by their own call, the rest by ModifyCluster."""
        name = want["ClusterIdentifier"]
        if "IamRoles" in changed:
            before, after = set(live.properties["IamRoles"]), set(want["IamRoles"])
            aws.call(
                "redshift",
                "modify_cluster_iam_roles",
                ClusterIdentifier=name,
                AddIamRoles=sorted(after - before),
                RemoveIamRoles=sorted(before - after),
            )
            self._wait(aws, want)
        rest = {key: want[key] for key in changed if key != "IamRoles"}
        if rest:
            aws.call("redshift", "modify_cluster", ClusterIdentifier=name, **rest)
            self._wait(aws, want)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """With a last snapshot, from which it can be restored."""
        name = want["ClusterIdentifier"]
        snapshot = f"{name}-deleted-{datetime.now(UTC):%Y%m%d%H%M%S}"
        aws.call("redshift", "delete_cluster", ClusterIdentifier=name, FinalClusterSnapshotIdentifier=snapshot)
        wait_until(lambda: _describe(aws, want) is None, f"The end of the cluster {name}")

    def comparable(self, properties: Properties) -> Properties:
        """Lists without an order in order."""
        found: dict[str, Any] = dict(properties)
        for key in ("IamRoles", "VpcSecurityGroupIds"):
            if key in found:
                found[key] = sorted(found[key], key=str)
        return found

    @staticmethod
    def _wait(aws: AwsSession, want: Properties) -> None:
        wait_until(lambda: _is_available(aws, want), f"The cluster {want['ClusterIdentifier']}")


def _describe(aws: AwsSession, want: Properties) -> dict[str, Any] | None:
    name = want["ClusterIdentifier"]
    found = aws.find("redshift", "describe_clusters", _ABSENT, ClusterIdentifier=name)
    return None if found is None else found["Clusters"][0]


def _is_available(aws: AwsSession, want: Properties) -> bool:
    found = _describe(aws, want)
    return found is not None and found["ClusterStatus"] == "available"
