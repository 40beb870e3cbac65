"""Roles: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.deploy.adapters import documents
from lakeshift.deploy.adapters.base import Adapter, Live, Properties, chosen, tag_list
from lakeshift.deploy.session import AwsSession

__all__ = ["Role"]

_TRUST: Final = "AssumeRolePolicyDocument"
_PLAIN: Final = ("Description", "MaxSessionDuration")


class Role(Adapter):
    """A role, who may take it, its inline policies and the managed ones attached to it."""

    type = "AWS::IAM::Role"
    identity = ("RoleName",)
    tagged = ("role", "{Name}")

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """Every inline policy is read, so that one put there by hand is seen."""
        name = want["RoleName"]
        found = aws.find("iam", "get_role", ("NoSuchEntity",), RoleName=name)
        if found is None:
            return None
        names = aws.pages("iam", "list_role_policies", "PolicyNames", RoleName=name)
        inline = [aws.call("iam", "get_role_policy", RoleName=name, PolicyName=one) for one in names]
        properties = {
            **chosen(found["Role"], "RoleName", _TRUST, *_PLAIN),
            "Policies": [chosen(one, "PolicyName", "PolicyDocument") for one in inline],
        }
        if "ManagedPolicyArns" in want:
            attached = aws.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name)
            properties["ManagedPolicyArns"] = [one["PolicyArn"] for one in attached]
        return Live(properties)

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """The role, then its policies."""
        trust = documents.as_text(want[_TRUST])
        more = chosen(want, "RoleName", *_PLAIN)
        aws.call("iam", "create_role", AssumeRolePolicyDocument=trust, Tags=tag_list(tags), **more)
        self._policies(aws, want, Live({}))

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Each part by its own call."""
        name = want["RoleName"]
        if _TRUST in changed:
            text = documents.as_text(want[_TRUST])
            aws.call("iam", "update_assume_role_policy", RoleName=name, PolicyDocument=text)
        if changed & set(_PLAIN):
            aws.call("iam", "update_role", RoleName=name, **chosen(want, *_PLAIN))
        if changed & {"Policies", "ManagedPolicyArns"}:
            self._policies(aws, want, live)

    def _policies(self, aws: AwsSession, want: Properties, live: Live) -> None:
        name = want["RoleName"]
        declared = {one["PolicyName"]: one["PolicyDocument"] for one in want.get("Policies", [])}
        for policy, document in declared.items():
            text = documents.as_text(document)
            aws.call("iam", "put_role_policy", RoleName=name, PolicyName=policy, PolicyDocument=text)
        for one in live.properties.get("Policies", []) if "Policies" in want else []:
            if one["PolicyName"] not in declared:
                aws.call("iam", "delete_role_policy", RoleName=name, PolicyName=one["PolicyName"])
        attached = set(live.properties.get("ManagedPolicyArns", []))
        managed = set(want.get("ManagedPolicyArns", []))
        for arn in sorted(managed - attached):
            aws.call("iam", "attach_role_policy", RoleName=name, PolicyArn=arn)
        for arn in sorted(attached - managed):
            aws.call("iam", "detach_role_policy", RoleName=name, PolicyArn=arn)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """Its policies first, as IAM wants it."""
        name = want["RoleName"]
        for policy in aws.pages("iam", "list_role_policies", "PolicyNames", RoleName=name):
            aws.call("iam", "delete_role_policy", RoleName=name, PolicyName=policy)
        for one in aws.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name):
            aws.call("iam", "detach_role_policy", RoleName=name, PolicyArn=one["PolicyArn"])
        aws.call("iam", "delete_role", RoleName=name)

    def comparable(self, properties: Properties) -> Properties:
        """Documents in one form, policies by name."""
        found: dict[str, Any] = {**properties, _TRUST: documents.policy(properties[_TRUST])}
        if "Policies" in found:
            by_name = {one["PolicyName"]: documents.policy(one["PolicyDocument"]) for one in found["Policies"]}
            found["Policies"] = [{"PolicyName": name, "PolicyDocument": by_name[name]} for name in sorted(by_name)]
        if "ManagedPolicyArns" in found:
            found["ManagedPolicyArns"] = sorted(found["ManagedPolicyArns"], key=str)
        return found
