"""Namespaces and workgroups: https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_Operations.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from lakeshift.deploy.adapters.base import Adapter, Live, Properties
from lakeshift.deploy.adapters.cases import lower, upper
from lakeshift.deploy.adapters.secrets import resolved
from lakeshift.deploy.retry import wait_until
from lakeshift.deploy.session import AwsSession

__all__ = ["Namespace", "Workgroup"]

_ABSENT: Final = ("ResourceNotFoundException",)
_ADMIN: Final = "AdminUserPassword"


class _Serverless(Adapter):
    """What both share: names with a small first letter, states that are waited for."""

    service: ClassVar[str]  # namespace or workgroup
    lists: ClassVar[tuple[str, ...]] = ()

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """In CloudFormation's names."""
        told = self._told(aws, want)
        if told is None:
            return None
        return Live(self.shown(upper(told)), {key: str(value) for key, value in _flat(self.identity[0][:-4], told)})

    def shown(self, told: dict[str, Any]) -> dict[str, Any]:
        """The live properties."""
        return told

    def _told(self, aws: AwsSession, want: Properties) -> dict[str, Any] | None:
        name = lower({self.identity[0]: want[self.identity[0]]})
        found = aws.find("redshift-serverless", f"get_{self.service}", _ABSENT, **name)
        return None if found is None else found[self.service]

    def _wait(self, aws: AwsSession, want: Properties) -> None:
        def available() -> bool:
            told = self._told(aws, want)
            return told is not None and told["status"] == "AVAILABLE"

        wait_until(available, f"The {self.service} {want[self.identity[0]]}")

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags; returns once it is available."""
        listed = [{"key": key, "value": value} for key, value in tags.items()]
        aws.call("redshift-serverless", f"create_{self.service}", tags=listed, **_parameters(aws, want))
        self._wait(aws, want)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """The parts that differ."""
        given = {key: want[key] for key in (*self.identity, *sorted(changed))}
        aws.call("redshift-serverless", f"update_{self.service}", **_parameters(aws, given))
        self._wait(aws, want)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """Gone once AWS no longer shows it."""
        name = lower({self.identity[0]: want[self.identity[0]]})
        aws.call("redshift-serverless", f"delete_{self.service}", **name)
        wait_until(lambda: self._told(aws, want) is None, f"The end of the {self.service}")

    def comparable(self, properties: Properties) -> Properties:
        """Lists without an order in order."""
        found: dict[str, Any] = dict(properties)
        for key in self.lists:
            if key in found:
                found[key] = sorted(found[key] or [], key=str)
        return found


class Namespace(_Serverless):
    """A namespace: databases and users."""

    type = "AWS::RedshiftServerless::Namespace"
    identity = ("NamespaceName",)
    tagged = ("redshift-serverless", "{Namespace.NamespaceArn}")
    holds_data = True
    fixed = frozenset({"DbName"})
    write_only = frozenset({_ADMIN, "ManageAdminPassword"})
    service = "namespace"
    lists = ("IamRoles", "LogExports")

    def shown(self, told: dict[str, Any]) -> dict[str, Any]:
        """Roles by their ARN; the service may answer ``IamRole(applyStatus=in-sync, iamRoleArn=arn:...)``."""
        roles = [str(one).rpartition("iamRoleArn=")[2].rstrip(")") for one in told.get("IamRoles", [])]
        return {**told, "IamRoles": roles}


class Workgroup(_Serverless):
    """A workgroup: the compute of a namespace."""

    type = "AWS::RedshiftServerless::Workgroup"
    identity = ("WorkgroupName",)
    tagged = ("redshift-serverless", "{Workgroup.WorkgroupArn}")
    fixed = frozenset({"NamespaceName"})
    service = "workgroup"
    lists = ("SubnetIds", "SecurityGroupIds")

    def shown(self, told: dict[str, Any]) -> dict[str, Any]:
        """The port of its endpoint is its own."""
        return {"Port": told.get("Endpoint", {}).get("Port"), **told}

    def comparable(self, properties: Properties) -> Properties:
        """Of the parameters those that are declared, by key."""
        found = dict(super().comparable(properties))
        if "ConfigParameters" in found:
            found["ConfigParameters"] = {
                one["ParameterKey"]: one["ParameterValue"] for one in found["ConfigParameters"]
            }
        return found


def _flat(name: str, value: Any) -> list[tuple[str, Any]]:
    """``Workgroup.Endpoint.Address`` and kin."""
    if not isinstance(value, dict):
        return [(name, value)]
    return [pair for key, one in value.items() for pair in _flat(f"{name}.{key[0].upper()}{key[1:]}", one)]


def _parameters(aws: AwsSession, want: Properties) -> dict[str, Any]:
    given = {key: resolved(aws, value) if key == _ADMIN else value for key, value in want.items()}
    return {str(key): value for key, value in lower(given).items()}
