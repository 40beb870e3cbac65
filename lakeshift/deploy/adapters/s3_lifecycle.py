"""Lifecycle rules between CloudFormation's shape and that of the S3 API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.errors import LakeshiftError

__all__ = ["from_api", "to_api"]

_SAME: Final = ("Status", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
_KNOWN: Final = (*_SAME, "Id", "Prefix", "ExpirationInDays", "Transitions")


def to_api(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule of CloudFormation for PutBucketLifecycleConfiguration. Raises LakeshiftError for keys not known here."""
    unknown = sorted(set(rule) - set(_KNOWN))
    if unknown:
        raise LakeshiftError(f"Lifecycle rules take {', '.join(_KNOWN)} here, not {', '.join(unknown)}.")
    found: dict[str, Any] = {key: rule[key] for key in _SAME if key in rule}
    found["ID"] = rule["Id"]
    found["Filter"] = {"Prefix": rule.get("Prefix", "")}
    if "ExpirationInDays" in rule:
        found["Expiration"] = {"Days": rule["ExpirationInDays"]}
    if "Transitions" in rule:
        found["Transitions"] = [
            {"StorageClass": one["StorageClass"], "Days": one["TransitionInDays"]} for one in rule["Transitions"]
        ]
    return found


def from_api(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule of GetBucketLifecycleConfiguration in CloudFormation's shape."""
    found: dict[str, Any] = {key: rule[key] for key in _SAME if key in rule}
    found["Id"] = rule.get("ID")
    prefix = rule.get("Filter", {}).get("Prefix") or rule.get("Prefix")
    if prefix:
        found["Prefix"] = prefix
    if "Days" in rule.get("Expiration", {}):
        found["ExpirationInDays"] = rule["Expiration"]["Days"]
    if rule.get("Transitions"):
        found["Transitions"] = [
            {"StorageClass": one["StorageClass"], "TransitionInDays": one.get("Days")} for one in rule["Transitions"]
        ]
    return found
