"""Keys and their aliases: https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html.

A key has no name: it is found by its tag ``Name``, which its definition has to have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.deploy.adapters import documents
from lakeshift.deploy.adapters.base import Adapter, Live, Properties, chosen
from lakeshift.deploy.session import AwsSession
from lakeshift.errors import LakeshiftError

__all__ = ["Alias", "Key"]

_MADE: Final = ("Description", "KeyUsage", "KeySpec", "MultiRegion")
_GONE: Final = ("PendingDeletion", "PendingReplicaDeletion")
_POLICY: Final = "KeyPolicy"


class Key(Adapter):
    """A key of our own."""

    type = "AWS::KMS::Key"
    identity = ("Tags",)
    tagged = ("kms", "{KeyId}")
    holds_data = True
    fixed = frozenset({"KeyUsage", "KeySpec", "MultiRegion"})
    write_only = frozenset({"PendingWindowInDays"})

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """The key that has the tags; one that waits for its deletion is not there."""
        for key in aws.pages("kms", "list_keys", "Keys"):
            told = aws.call("kms", "describe_key", KeyId=key["KeyId"])["KeyMetadata"]
            if told.get("KeyManager", "CUSTOMER") == "CUSTOMER" and told.get("KeyState") not in _GONE:
                tags = aws.pages("kms", "list_resource_tags", "Tags", KeyId=key["KeyId"])
                if _name(want["Tags"]) in [one["TagValue"] for one in tags if one["TagKey"] == "Name"]:
                    return _live(aws, told, want)
        return None

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags and policy, then its rotation."""
        listed = {**{one["Key"]: one["Value"] for one in want["Tags"]}, **tags}
        made = [{"TagKey": key, "TagValue": value} for key, value in listed.items()]
        policy = {"Policy": documents.as_text(want[_POLICY])} if _POLICY in want else {}
        key = aws.call("kms", "create_key", Tags=made, **policy, **chosen(want, *_MADE))["KeyMetadata"]["KeyId"]
        off = {"Enabled": True, "EnableKeyRotation": False}  # as a new key is
        self._switches(aws, want, key, frozenset(name for name in off if name in want and _on(want, name) != off[name]))

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Each part by its own call."""
        key = live.attributes["KeyId"]
        if _POLICY in changed:
            text = documents.as_text(want[_POLICY])
            aws.call("kms", "put_key_policy", KeyId=key, PolicyName="default", Policy=text)
        if "Description" in changed:
            aws.call("kms", "update_key_description", KeyId=key, Description=want["Description"])
        if "Tags" in changed:
            tags = [{"TagKey": one["Key"], "TagValue": one["Value"]} for one in want["Tags"]]
            aws.call("kms", "tag_resource", KeyId=key, Tags=tags)
        self._switches(aws, want, key, changed)

    @staticmethod
    def _switches(aws: AwsSession, want: Properties, key: str, changed: frozenset[str]) -> None:
        if "EnableKeyRotation" in changed:
            on = _on(want, "EnableKeyRotation")
            aws.call("kms", "enable_key_rotation" if on else "disable_key_rotation", KeyId=key)
        if "Enabled" in changed:
            aws.call("kms", "enable_key" if _on(want, "Enabled") else "disable_key", KeyId=key)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """In 30 days, or as ``PendingWindowInDays`` says; until then it can be taken back."""
        days = int(want.get("PendingWindowInDays", 30))
        aws.call("kms", "schedule_key_deletion", KeyId=live.attributes["KeyId"], PendingWindowInDays=days)

    def known_as(self, properties: Properties) -> tuple[Any, ...]:
        """Its tag Name."""
        return (_name(properties["Tags"]),)

    def comparable(self, properties: Properties) -> Properties:
        """The policy in one form, tags by key."""
        found: dict[str, Any] = dict(properties)
        if _POLICY in found:
            found[_POLICY] = documents.policy(found[_POLICY])
        found["Tags"] = {one["Key"]: one["Value"] for one in found["Tags"]}
        return found


class Alias(Adapter):
    """A name for a key."""

    type = "AWS::KMS::Alias"
    identity = ("AliasName",)

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """The key it is for."""
        for one in aws.pages("kms", "list_aliases", "Aliases"):
            if one["AliasName"] == want["AliasName"]:
                return Live({"AliasName": one["AliasName"], "TargetKeyId": one.get("TargetKeyId", "")})
        return None

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """An alias takes no tags."""
        aws.call("kms", "create_alias", **want)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """To another key."""
        aws.call("kms", "update_alias", **want)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """The key stays."""
        aws.call("kms", "delete_alias", AliasName=want["AliasName"])

    def comparable(self, properties: Properties) -> Properties:
        """A key by its id, whether its ARN or its id is given."""
        target = properties["TargetKeyId"]
        return {**properties, "TargetKeyId": target.rpartition("/")[2] if isinstance(target, str) else target}


def _name(tags: Any) -> Any:
    found = [one["Value"] for one in tags if one["Key"] == "Name"]
    if not found:
        raise LakeshiftError("AWS::KMS::Key needs `Tags: [{Key: Name, Value: ...}]`: a key has no other name here.")
    return found[0]


def _live(aws: AwsSession, told: Mapping[str, Any], want: Properties) -> Live:
    key = told["KeyId"]
    properties: dict[str, Any] = {**told}
    tags = aws.pages("kms", "list_resource_tags", "Tags", KeyId=key)
    properties["Tags"] = [{"Key": one["TagKey"], "Value": one["TagValue"]} for one in tags]
    if _POLICY in want:
        properties[_POLICY] = aws.call("kms", "get_key_policy", KeyId=key, PolicyName="default")["Policy"]
    if "EnableKeyRotation" in want:
        properties["EnableKeyRotation"] = aws.call("kms", "get_key_rotation_status", KeyId=key)["KeyRotationEnabled"]
    return Live(properties, {"Ref": key, "KeyId": key, "Arn": told["Arn"]})


def _on(want: Properties, name: str) -> bool:
    return str(want.get(name, False)).lower() == "true"
