"""Notifications of a bucket between CloudFormation's shape and that of the S3 API, which replaces all of them at once.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.errors import LakeshiftError

__all__ = ["from_api", "to_api"]

_BRIDGE: Final = "EventBridgeConfiguration"
# CloudFormation's list: (the API's list, CloudFormation's name of where it goes, the API's)
_KINDS: Final = {
    "TopicConfigurations": ("TopicConfigurations", "Topic", "TopicArn"),
    "QueueConfigurations": ("QueueConfigurations", "Queue", "QueueArn"),
    "LambdaConfigurations": ("LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
}


def to_api(value: Mapping[str, Any], bucket: str) -> dict[str, Any]:
    """For PutBucketNotificationConfiguration. Raises LakeshiftError for keys that are none."""
    other = sorted(set(value) - {_BRIDGE, *_KINDS})
    if other:
        told = ", ".join((_BRIDGE, *_KINDS))
        raise LakeshiftError(f"{bucket}: NotificationConfiguration takes {told}, not {', '.join(other)}.")
    found: dict[str, Any] = {}
    if str(value.get(_BRIDGE, {}).get("EventBridgeEnabled", False)).lower() == "true":
        found[_BRIDGE] = {}
    for kind, (listed, ours, theirs) in _KINDS.items():
        if value.get(kind):
            found[listed] = [_to_rule(one, ours, theirs) for one in value[kind]]
    return found


def from_api(found: Mapping[str, Any]) -> dict[str, Any]:
    """In CloudFormation's shape, an entry for each event, in order."""
    told: dict[str, Any] = {_BRIDGE: {"EventBridgeEnabled": _BRIDGE in found}}
    for kind, (listed, ours, theirs) in _KINDS.items():
        entries = [_from_rule(one, event, ours, theirs) for one in found.get(listed, []) for event in one["Events"]]
        told[kind] = sorted(entries, key=str)
    return told


def _to_rule(one: Mapping[str, Any], ours: str, theirs: str) -> dict[str, Any]:
    rule: dict[str, Any] = {theirs: one[ours], "Events": [one["Event"]]}
    if "Filter" in one:
        rule["Filter"] = {"Key": {"FilterRules": one["Filter"]["S3Key"]["Rules"]}}
    return rule


def _from_rule(one: Mapping[str, Any], event: str, ours: str, theirs: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"Event": event, ours: one[theirs]}
    rules = one.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    if rules:
        entry["Filter"] = {"S3Key": {"Rules": [{**rule, "Name": str(rule["Name"]).lower()} for rule in rules]}}
    return entry
