"""What lifecycle rules do to a version at a moment, and which configurations S3 refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lakeshift.local.s3.lifecycle_due import due_at, of_current, of_marker, of_noncurrent, passing
from lakeshift.local.s3.lifecycle_rules import LifecycleError, Rule, parse, to_api

BORN = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
BIG, SMALL = 1_000_000, 100
EVERY, VARIES = "all_storage_classes_128K", "varies_by_storage_class"


def day(number: int, hour: int = 0) -> datetime:
    """That day of January 2026 and on."""
    return datetime.fromtimestamp(datetime(2026, 1, 1, hour, tzinfo=UTC).timestamp() + (number - 1) * 86_400, UTC)


def rule(**more: Any) -> Rule:
    given = {"ID": "r", "Status": "Enabled", "Filter": {}} | more
    return parse([given])[0]


def to(storage_class: str, **more: Any) -> dict[str, Any]:
    return {"StorageClass": storage_class, **more}


def test_days_are_rounded_to_the_next_midnight() -> None:
    assert due_at(BORN, 3) == day(19)


@pytest.mark.parametrize(
    ("given", "now", "size", "small", "action"),
    [
        ({"Transition": to("GLACIER", Days="3")}, day(18, 23), BIG, EVERY, None),
        ({"Transition": to("GLACIER", Days="3")}, day(19), BIG, EVERY, "GLACIER"),
        ({"Transition": to("GLACIER", Days="3")}, day(19), SMALL, EVERY, None),
        ({"Transition": to("GLACIER", Days="3")}, day(19), SMALL, VARIES, "GLACIER"),
        ({"Transition": to("GLACIER_IR", Days="3")}, day(19), SMALL, VARIES, None),
        (
            {"Transition": to("GLACIER_IR", Days="3"), "Filter": {"ObjectSizeGreaterThan": "1"}},
            *(day(19), SMALL, EVERY, "GLACIER_IR"),
        ),
        (
            {"Transition": [to("STANDARD_IA", Days="30"), to("GLACIER", Days="90")], "Expiration": {"Days": "365"}},
            *(day(60), BIG, EVERY, "STANDARD_IA"),
        ),
        (
            {"Transition": [to("STANDARD_IA", Days="30"), to("GLACIER", Days="90")], "Expiration": {"Days": "365"}},
            *(day(121), BIG, EVERY, "GLACIER"),
        ),
        (
            {"Transition": [to("STANDARD_IA", Days="30"), to("GLACIER", Days="90")], "Expiration": {"Days": "365"}},
            *(day(400), BIG, EVERY, "EXPIRE"),
        ),
        ({"Transition": to("DEEP_ARCHIVE", Date="2026-01-20T00:00:00Z")}, day(20), BIG, EVERY, "DEEP_ARCHIVE"),
        ({"Expiration": {"Date": "2026-01-20T00:00:00Z"}}, day(19), BIG, EVERY, None),
        ({"Expiration": {"Date": "2026-01-20T00:00:00Z"}}, day(20), SMALL, EVERY, "EXPIRE"),
    ],
    ids=lambda value: "",
)
def test_of_the_current_version(
    given: dict[str, Any], now: datetime, size: int, small: str, action: str | None
) -> None:
    found = of_current([rule(**given)], "STANDARD", size, BORN, now, small)
    assert (found.action if found else None) == action


def test_never_back_to_a_warmer_class() -> None:
    warm = rule(Transition=to("STANDARD_IA", Days="30"))
    assert of_current([warm], "GLACIER", BIG, BORN, day(300), EVERY) is None


def test_noncurrent_versions_count_from_their_successor_and_the_newest_stay() -> None:
    kept = rule(NoncurrentVersionExpiration={"NoncurrentDays": "5", "NewerNoncurrentVersions": "2"})
    assert of_noncurrent([kept], "STANDARD", BIG, BORN, 1, day(100), EVERY) is None
    assert of_noncurrent([kept], "STANDARD", BIG, BORN, 2, day(20), EVERY) is None
    assert of_noncurrent([kept], "STANDARD", BIG, BORN, 2, day(21), EVERY) is not None
    cold = rule(NoncurrentVersionTransition=to("GLACIER", NoncurrentDays="5"))
    found = of_noncurrent([cold], "STANDARD", BIG, BORN, 0, day(21), EVERY)
    assert found is not None
    assert found.action == "GLACIER"


def test_a_lone_delete_marker_goes_when_asked() -> None:
    assert of_marker([rule(Expiration={"ExpiredObjectDeleteMarker": "true"})], BORN, BORN) is not None
    assert of_marker([rule(Expiration={"Days": "5"})], BORN, day(20)) is None
    assert of_marker([rule(Expiration={"Days": "5"})], BORN, day(21)) is not None


@pytest.mark.parametrize(
    ("given", "passes"),
    [
        ({"Prefix": "a/"}, True),
        ({"Prefix": "b/"}, False),
        ({"Tag": {"Key": "k", "Value": "v"}}, True),
        ({"Tag": {"Key": "k", "Value": "w"}}, False),
        ({"And": {"Prefix": "a/", "Tag": [{"Key": "k", "Value": "v"}]}}, True),
        ({"And": {"Prefix": "a/", "Tag": [{"Key": "k", "Value": "v"}, {"Key": "x", "Value": "y"}]}}, False),
        ({"ObjectSizeGreaterThan": "10"}, False),
        ({"ObjectSizeLessThan": "11"}, True),
    ],
)
def test_a_filter_lets_pass(given: dict[str, Any], passes: bool) -> None:
    made = rule(Filter=given, Expiration={"Days": "1"})
    assert bool(passing([made], "a/b", 10, {"k": "v"})) is passes


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        ({"Status": "On", "Expiration": {"Days": "1"}}, "MalformedXML", "well-formed"),
        ({"Prefix": "", "Expiration": {"Days": "1"}}, "MalformedXML", "well-formed"),
        ({}, "InvalidRequest", "At least one action"),
        ({"Expiration": {"Days": "0"}}, "InvalidArgument", "'Days' for Expiration action must be a positive integer"),
        ({"Expiration": {"Date": "2026-01-20T01:00:00Z"}}, "InvalidArgument", "midnight GMT"),
        ({"Expiration": {"Days": "1", "ExpiredObjectDeleteMarker": "true"}}, "MalformedXML", "well-formed"),
        ({"Transition": to("STANDARD_IA", Days="7")}, "InvalidArgument", "greater than or equal to 30"),
        ({"Transition": to("COLD", Days="7")}, "MalformedXML", "well-formed"),
        (
            {"Transition": to("GLACIER", Days="7"), "Expiration": {"Days": "7"}},
            "InvalidArgument",
            "must be greater than",
        ),
        (
            {"Transition": [to("GLACIER", Days="90"), to("DEEP_ARCHIVE", Days="90")]},
            *("InvalidArgument", "must be greater than 'Days'"),
        ),
        (
            {"Transition": to("GLACIER", Days="7"), "Expiration": {"Date": "2027-01-20T00:00:00Z"}},
            *("InvalidRequest", "Found mixed"),
        ),
        (
            {
                "Filter": {"Tag": {"Key": "a", "Value": "b"}},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": "1"},
            },
            *("InvalidRequest", "cannot be specified with Tags"),
        ),
        (
            {"Filter": {"Prefix": "a", "Tag": {"Key": "a", "Value": "b"}}, "Expiration": {"Days": "1"}},
            "MalformedXML",
            "form",
        ),
        ({"ID": "x" * 256, "Expiration": {"Days": "1"}}, "InvalidArgument", "ID length"),
        ({"NoncurrentVersionExpiration": {}}, "MalformedXML", "well-formed"),
    ],
    ids=lambda value: "",
)
def test_what_s3_refuses(given: dict[str, Any], code: str, told: str) -> None:
    with pytest.raises(LifecycleError, match=told) as refused:
        rule(**given)
    assert refused.value.code == code


def test_two_rules_of_one_id_are_refused() -> None:
    one = {"ID": "a", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": "1"}}
    with pytest.raises(LifecycleError, match="Rule ID must be unique"):
        parse([one, one])


def test_a_rule_is_told_as_it_was_put() -> None:
    put = {
        "ID": "a",
        "Status": "Enabled",
        "Filter": {"And": {"Prefix": "x/", "Tag": {"Key": "k", "Value": "v"}, "ObjectSizeGreaterThan": "5"}},
        "Transition": to("GLACIER", Days="90"),
        "NoncurrentVersionExpiration": {"NoncurrentDays": "30", "NewerNoncurrentVersions": "2"},
    }
    assert to_api(put) == {
        "ID": "a",
        "Status": "Enabled",
        "Filter": {"And": {"Prefix": "x/", "Tags": [{"Key": "k", "Value": "v"}], "ObjectSizeGreaterThan": 5}},
        "Transitions": [{"StorageClass": "GLACIER", "Days": 90}],
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 2},
    }
