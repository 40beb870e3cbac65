"""Managed policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.deploy.adapters import documents
from lakeshift.deploy.adapters.base import Adapter, Live, Properties, chosen, tag_list
from lakeshift.deploy.session import AwsSession

__all__ = ["ManagedPolicy"]

_DOCUMENT: Final = "PolicyDocument"
_MOST: Final = 5  # versions that IAM keeps


class ManagedPolicy(Adapter):
    """A policy of our own; each change is a new version, the oldest goes where there are five."""

    type = "AWS::IAM::ManagedPolicy"
    identity = ("ManagedPolicyName",)
    tagged = ("policy", "arn:aws:iam::{Account}:policy/{Name}")
    fixed = frozenset({"Description"})

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """Its default version."""
        found = aws.find("iam", "get_policy", ("NoSuchEntity",), PolicyArn=_arn(aws, want))
        if found is None:
            return None
        version = found["Policy"]["DefaultVersionId"]
        told = aws.call("iam", "get_policy_version", PolicyArn=_arn(aws, want), VersionId=version)["PolicyVersion"]
        more = chosen(found["Policy"], "Description")
        return Live({"ManagedPolicyName": want["ManagedPolicyName"], _DOCUMENT: told["Document"], **more})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags."""
        text = documents.as_text(want[_DOCUMENT])
        more = chosen(want, "Description")
        name = want["ManagedPolicyName"]
        aws.call("iam", "create_policy", PolicyName=name, PolicyDocument=text, Tags=tag_list(tags), **more)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """A new version, which is the default from now on."""
        versions = _versions(aws, want)
        if len(versions) >= _MOST:
            oldest = min((one for one in versions if not one["IsDefaultVersion"]), key=lambda one: one["CreateDate"])
            aws.call("iam", "delete_policy_version", PolicyArn=_arn(aws, want), VersionId=oldest["VersionId"])
        text = documents.as_text(want[_DOCUMENT])
        aws.call("iam", "create_policy_version", PolicyArn=_arn(aws, want), PolicyDocument=text, SetAsDefault=True)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """Its other versions first, as IAM wants it."""
        for one in _versions(aws, want):
            if not one["IsDefaultVersion"]:
                aws.call("iam", "delete_policy_version", PolicyArn=_arn(aws, want), VersionId=one["VersionId"])
        aws.call("iam", "delete_policy", PolicyArn=_arn(aws, want))

    def comparable(self, properties: Properties) -> Properties:
        """The document in one form."""
        return {**properties, _DOCUMENT: documents.policy(properties[_DOCUMENT])}


def _arn(aws: AwsSession, want: Properties) -> str:
    return f"arn:aws:iam::{aws.account()}:policy/{want['ManagedPolicyName']}"


def _versions(aws: AwsSession, want: Properties) -> list[dict[str, Any]]:
    return aws.pages("iam", "list_policy_versions", "Versions", PolicyArn=_arn(aws, want))
