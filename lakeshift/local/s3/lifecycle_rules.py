"""Lifecycle rules as PutBucketLifecycleConfiguration takes them: read, checked by AWS's rules, told back. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-errors.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

__all__ = ["COLDER", "LifecycleError", "Rule", "Transition", "check", "parse", "to_api"]

# From each class only to one that comes after it.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
COLDER: Final = (
    *("STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA"),
    *("GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"),
)
_INFREQUENT: Final = ("STANDARD_IA", "ONEZONE_IA")
_INFREQUENT_DAYS: Final = 30
_MOST_RULES: Final = 1_000
_LONGEST_ID: Final = 255
_FILTERS: Final = ("Prefix", "Tag", "And", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
_NUMBERS: Final = ("Days", "NoncurrentDays", "NewerNoncurrentVersions", "DaysAfterInitiation", *_FILTERS[3:])
_ACTIONS: Final = (
    *("Expiration", "Transition", "NoncurrentVersionExpiration", "NoncurrentVersionTransition"),
    "AbortIncompleteMultipartUpload",
)


class LifecycleError(ValueError):
    """The configuration is refused; ``code`` is S3's."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Transition:
    """To ``storage_class`` after ``days``, or from ``date`` on; ``newer`` noncurrent versions stay where they are."""

    storage_class: str
    days: int | None = None
    date: datetime | None = None
    newer: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; a filter that is not there lets everything pass. Sizes in bytes, both bounds excluded."""

    id: str
    enabled: bool
    prefix: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    larger: int | None = None
    smaller: int | None = None
    transitions: tuple[Transition, ...] = ()
    expire_days: int | None = None
    expire_date: datetime | None = None
    expire_markers: bool = False
    noncurrent: tuple[Transition, ...] = ()
    noncurrent_days: int | None = None
    noncurrent_newer: int = 0
    abort_days: int | None = None

    def covers(self, key: str, size: int) -> bool:
        """Whether the filter lets an object pass, but for its tags."""
        return (
            key.startswith(self.prefix)
            and (self.larger is None or size > self.larger)
            and (self.smaller is None or size < self.smaller)
        )


def parse(rules: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """Rules in the shape of the request's XML as a dict; raises LifecycleError."""
    if not rules or len(rules) > _MOST_RULES:
        raise _malformed()
    found = [_rule(rule) for rule in rules]
    for rule in found:
        check(rule)
    ids = [rule.id for rule in found if rule.id]
    if len(ids) != len(set(ids)):
        raise LifecycleError("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
    return found


def _malformed() -> LifecycleError:
    text = "The XML you provided was not well-formed or did not validate against our published schema"
    return LifecycleError("MalformedXML", text)


def _rule(rule: Mapping[str, Any]) -> Rule:
    if rule.get("Status") not in ("Enabled", "Disabled") or ("Filter" in rule) == ("Prefix" in rule):
        raise _malformed()
    if not any(name in rule for name in _ACTIONS):
        raise LifecycleError("InvalidRequest", "At least one action needs to be specified in a rule")
    expiration = rule.get("Expiration") or {}
    if len([name for name in ("Days", "Date", "ExpiredObjectDeleteMarker") if name in expiration]) > 1:
        raise _malformed()
    noncurrent = rule.get("NoncurrentVersionExpiration") or {}
    if "NoncurrentVersionExpiration" in rule and "NoncurrentDays" not in noncurrent:
        raise _malformed()
    abort = rule.get("AbortIncompleteMultipartUpload") or {}
    if "AbortIncompleteMultipartUpload" in rule and "DaysAfterInitiation" not in abort:
        raise _malformed()
    return Rule(
        id=str(rule.get("ID") or ""),
        enabled=rule["Status"] == "Enabled",
        **_filter(rule),
        transitions=tuple(_transition(one) for one in _several(rule.get("Transition"))),
        expire_days=_whole(expiration, "Days"),
        expire_date=_date(expiration.get("Date")),
        expire_markers=str(expiration.get("ExpiredObjectDeleteMarker")).lower() == "true",
        noncurrent=tuple(_noncurrent(one) for one in _several(rule.get("NoncurrentVersionTransition"))),
        noncurrent_days=_whole(noncurrent, "NoncurrentDays"),
        noncurrent_newer=_whole(noncurrent, "NewerNoncurrentVersions") or 0,
        abort_days=_whole(abort, "DaysAfterInitiation"),
    )


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _filter(rule: Mapping[str, Any]) -> dict[str, Any]:
    given = rule.get("Filter") or {}
    if (
        len([name for name in ("Prefix", "Tag", "And", "ObjectSizeGreaterThan", "ObjectSizeLessThan") if name in given])
        > 1
    ):
        raise _malformed()
    inner = given.get("And") or given
    tags = tuple((one["Key"], one.get("Value") or "") for one in _several(inner.get("Tag")))
    if len(dict(tags)) != len(tags):
        raise LifecycleError("InvalidRequest", "Duplicate Tag Keys are not allowed.")
    return {
        "prefix": (inner.get("Prefix") or rule.get("Prefix") or ""),
        "tags": tags,
        "larger": _whole(inner, "ObjectSizeGreaterThan"),
        "smaller": _whole(inner, "ObjectSizeLessThan"),
    }


def _whole(given: Mapping[str, Any], name: str) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    try:
        return int(value)
    except ValueError as error:
        raise _malformed() from error


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise _malformed() from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment.astimezone(UTC).time() != datetime.min.time():
        raise LifecycleError("InvalidArgument", "'Date' must be at midnight GMT")
    return moment


def _transition(given: Mapping[str, Any]) -> Transition:
    if given.get("StorageClass") not in COLDER[1:] or ("Days" in given) == ("Date" in given):
        raise _malformed()
    return Transition(given["StorageClass"], _whole(given, "Days"), _date(given.get("Date")))


def _noncurrent(given: Mapping[str, Any]) -> Transition:
    if given.get("StorageClass") not in COLDER[1:] or "NoncurrentDays" not in given:
        raise _malformed()
    newer = _whole(given, "NewerNoncurrentVersions") or 0
    return Transition(given["StorageClass"], _whole(given, "NoncurrentDays"), newer=newer)


def check(rule: Rule) -> None:
    """Raise LifecycleError for a rule whose parts do not go together."""
    if len(rule.id) > _LONGEST_ID:
        raise LifecycleError("InvalidArgument", f"ID length should not exceed allowed limit of {_LONGEST_ID}")
    for days, name in (
        (rule.expire_days, "'Days' for Expiration action"),
        (rule.noncurrent_days, "'NoncurrentDays' for NoncurrentVersionExpiration action"),
        (rule.abort_days, "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action"),
    ):
        if days is not None and days < 1:
            raise LifecycleError("InvalidArgument", f"{name} must be a positive integer")
    if rule.tags and (rule.abort_days is not None or rule.expire_markers):
        what = "AbortIncompleteMultipartUpload" if rule.abort_days is not None else "ExpiredObjectDeleteMarker"
        raise LifecycleError("InvalidRequest", f"{what} cannot be specified with Tags.")
    _check_order(rule, rule.transitions, rule.expire_days, "Days", "Expiration")
    _check_order(rule, rule.noncurrent, rule.noncurrent_days, "NoncurrentDays", "NoncurrentVersionExpiration")
    dated = {one.date is not None for one in rule.transitions}
    if rule.expire_days is not None or rule.expire_date is not None:
        dated.add(rule.expire_date is not None)
    if len(dated) > 1:
        raise LifecycleError(
            "InvalidRequest",
            "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for prefix "
            f"'{rule.prefix}'",
        )


def _check_order(rule: Rule, transitions: Sequence[Transition], expire: int | None, unit: str, action: str) -> None:
    classes = [one.storage_class for one in transitions]
    if len(set(classes)) != len(classes):
        raise LifecycleError("InvalidRequest", "StorageClass must be unique within the Transition actions of a rule")
    before: Transition | None = None
    for one in sorted(transitions, key=lambda one: COLDER.index(one.storage_class)):
        if one.days is None:
            continue
        if one.days < 0:
            raise LifecycleError("InvalidArgument", f"'{unit}' in Transition action must be nonnegative")
        if one.storage_class in _INFREQUENT and one.days < _INFREQUENT_DAYS:
            raise LifecycleError(
                "InvalidArgument",
                f"'{unit}' in Transition action must be greater than or equal to {_INFREQUENT_DAYS} for storageClass "
                f"'{one.storage_class}'",
            )
        if before is not None and before.days is not None and one.days <= before.days:
            raise LifecycleError(
                "InvalidArgument",
                f"'{unit}' in the 'Transition' action for StorageClass '{one.storage_class}' for filter "
                f"'(prefix={rule.prefix})' must be greater than '{unit}' in the 'Transition' action for StorageClass "
                f"'{before.storage_class}'",
            )
        if expire is not None and expire <= one.days:
            raise LifecycleError(
                "InvalidArgument",
                f"'{unit}' in the {action} action for filter '(prefix={rule.prefix})' must be greater than '{unit}' "
                "in the Transition action",
            )
        before = one


def to_api(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as it was put, in the shape of GetBucketLifecycleConfiguration's answer."""
    found: dict[str, Any] = {"ID": rule.get("ID"), "Status": rule["Status"]}
    if "Prefix" in rule:
        found["Prefix"] = rule["Prefix"] or ""
    else:
        found["Filter"] = _filter_to_api(rule.get("Filter") or {})
    for name, answered in (
        ("Transition", "Transitions"),
        ("NoncurrentVersionTransition", "NoncurrentVersionTransitions"),
    ):
        if name in rule:
            found[answered] = [_numbers(one) for one in _several(rule[name])]
    for name in ("Expiration", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if name in rule:
            found[name] = _numbers(rule[name] or {})
    return found


def _filter_to_api(given: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(given)
    if "And" in found:
        inner = dict(found["And"] or {})
        if "Tag" in inner:
            inner["Tags"] = [{"Key": one["Key"], "Value": one.get("Value") or ""} for one in _several(inner.pop("Tag"))]
        found["And"] = _numbers(inner)
    if "Prefix" in found:
        found["Prefix"] = found["Prefix"] or ""
    return _numbers(found)


def _numbers(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _told(name, value) for name, value in given.items()}


def _told(name: str, value: Any) -> Any:
    if name in _NUMBERS:
        return int(value)
    if name == "Date":
        return _date(value)
    return str(value).lower() == "true" if name == "ExpiredObjectDeleteMarker" else value
