"""Lifecycle rules and restores, carried out by the one clock over the S3 API; who may read what is archived."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.lake import ArchivedObjectError, FolderLake
from lakeshift.local import clock
from lakeshift.local.server import LocalAws
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.load_sources import load_files

COLD = {"Transitions": [{"Days": 90, "StorageClass": "GLACIER"}]}


@dataclass
class Bucket:
    """One bucket of its own, and its lake."""

    s3: Any
    name: str
    lake: FolderLake

    def rules(self, *rules: dict[str, Any]) -> None:
        given = [{"ID": f"rule{i}", "Status": "Enabled", "Filter": {"Prefix": ""}} | one for i, one in enumerate(rules)]
        self.s3.put_bucket_lifecycle_configuration(
            Bucket=self.name,
            LifecycleConfiguration={"Rules": given},
            TransitionDefaultMinimumObjectSize="varies_by_storage_class",
        )

    def versioned(self) -> None:
        self.s3.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": "Enabled"})

    def put(self, key: str, body: bytes = b"x", **more: Any) -> None:
        self.s3.put_object(Bucket=self.name, Key=key, Body=body, **more)

    def classes(self) -> dict[str, str]:
        found = self.s3.list_objects_v2(Bucket=self.name).get("Contents", [])
        return {one["Key"]: one["StorageClass"] for one in found}

    def versions(self) -> list[tuple[str, str]]:
        """(key, class or MARKER) of all there are, in order."""
        found = self.s3.list_object_versions(Bucket=self.name)
        both = [(one["Key"], one["StorageClass"]) for one in found.get("Versions", [])]
        return sorted([*both, *((one["Key"], "MARKER") for one in found.get("DeleteMarkers", []))])

    def code(self, operation: str, key: str, **more: Any) -> str:
        with pytest.raises(ClientError) as refused:
            getattr(self.s3, operation)(Bucket=self.name, Key=key, **more)
        return str(refused.value.response["Error"]["Code"])


@pytest.fixture
def bucket(local_aws: LocalAws) -> Bucket:
    s3 = boto3.client("s3")
    name = f"cold-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    assert local_aws.context is not None
    return Bucket(s3, name, local_aws.context.lake)


def days(count: float) -> list[str]:
    clock.advance(count * 86_400)
    return clock.moved()


def test_objects_go_cold_on_time_and_are_listed_with_their_class(bucket: Bucket) -> None:
    bucket.rules(COLD)
    bucket.put("old/a", b"12345")
    assert not [line for line in days(89) if bucket.name in line]
    bucket.put("new")
    told = days(2)
    assert f"s3 {bucket.name}: 1 objects went to GLACIER by the rule rule0" in told
    assert bucket.classes() == {"new": "STANDARD", "old/a": "GLACIER"}
    head = bucket.s3.head_object(Bucket=bucket.name, Key="old/a")
    assert (head["StorageClass"], head["ContentLength"]) == ("GLACIER", 5)
    facts = bucket.s3.get_object_attributes(
        Bucket=bucket.name, Key="old/a", ObjectAttributes=["StorageClass", "ObjectSize"]
    )
    assert (facts["StorageClass"], facts["ObjectSize"]) == ("GLACIER", 5)


def test_nobody_reads_an_archived_object(bucket: Bucket) -> None:
    bucket.put("t/a.csv", b"1,2", StorageClass="GLACIER")
    bucket.put("t/b.csv", b"3,4")
    assert bucket.code("get_object", "t/a.csv") == "InvalidObjectState"
    copy = {"Bucket": bucket.name, "Key": "t/a.csv"}
    assert bucket.code("copy_object", "c", CopySource=copy) in ("InvalidObjectState", "ObjectNotInActiveTierError")
    with pytest.raises(ArchivedObjectError, match="InvalidObjectState"):
        bucket.lake.read(bucket.name, "t/a.csv")
    with pytest.raises(RedshiftError, match="InvalidObjectState"):
        load_files(bucket.lake, f"s3://{bucket.name}/t/", manifest=False, columnar=False)
    assert [(info.key, info.archived) for info in bucket.lake.list(bucket.name)] == [
        ("t/a.csv", True),
        ("t/b.csv", False),
    ]
    assert not bucket.lake.path(bucket.name, "t/a.csv").exists()


@pytest.mark.parametrize(
    ("storage_class", "tier", "hours"),
    [
        ("GLACIER", "Expedited", 5 / 60),
        ("GLACIER", "Standard", 5),
        ("GLACIER", "Bulk", 12),
        ("DEEP_ARCHIVE", "Standard", 12),
        ("DEEP_ARCHIVE", "Bulk", 48),
    ],
)
def test_a_restore_takes_its_tiers_time_and_its_copy_expires(
    bucket: Bucket, storage_class: str, tier: str, hours: float
) -> None:
    bucket.put("a", b"cold", StorageClass=storage_class)
    asked = {"Days": 2, "GlacierJobParameters": {"Tier": tier}}
    answer = bucket.s3.restore_object(Bucket=bucket.name, Key="a", RestoreRequest=asked)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert bucket.s3.head_object(Bucket=bucket.name, Key="a")["Restore"] == 'ongoing-request="true"'
    assert bucket.code("restore_object", "a", RestoreRequest=asked) == "RestoreAlreadyInProgress"
    assert bucket.code("get_object", "a") == "InvalidObjectState"
    assert f"s3 {bucket.name}: 1 objects are restored" in days((hours + 0.01) / 24)
    head = bucket.s3.head_object(Bucket=bucket.name, Key="a")
    assert head["Restore"].startswith('ongoing-request="false", expiry-date="')
    assert head["StorageClass"] == storage_class
    assert bucket.s3.get_object(Bucket=bucket.name, Key="a")["Body"].read() == b"cold"
    assert bucket.lake.read(bucket.name, "a") == b"cold"
    again = bucket.s3.restore_object(Bucket=bucket.name, Key="a", RestoreRequest=asked)
    assert again["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert f"s3 {bucket.name}: 1 restored copies have expired" in days(4)
    assert bucket.code("get_object", "a") == "InvalidObjectState"
    with pytest.raises(ArchivedObjectError):
        bucket.lake.read(bucket.name, "a")


@pytest.mark.parametrize(
    ("storage_class", "request_", "code"),
    [
        ("STANDARD", {"Days": 1}, "InvalidObjectState"),
        ("GLACIER", {}, "MalformedXML"),
        ("DEEP_ARCHIVE", {"Days": 1, "GlacierJobParameters": {"Tier": "Expedited"}}, "InvalidArgument"),
    ],
)
def test_a_restore_that_s3_refuses(bucket: Bucket, storage_class: str, request_: dict[str, Any], code: str) -> None:
    bucket.put("a", StorageClass=storage_class)
    assert bucket.code("restore_object", "a", RestoreRequest=request_) == code


def test_versions_go_cold_and_expire_and_a_marker_is_left_and_goes(bucket: Bucket) -> None:
    bucket.versioned()
    bucket.rules(
        {"Expiration": {"Days": 10}},
        {
            "NoncurrentVersionTransitions": [{"NoncurrentDays": 5, "StorageClass": "GLACIER"}],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 20},
        },
        {"Expiration": {"ExpiredObjectDeleteMarker": True}},
    )
    bucket.put("a", b"1")
    bucket.put("a", b"2")
    days(7)
    assert bucket.versions() == [("a", "GLACIER"), ("a", "STANDARD")]
    assert bucket.s3.get_object(Bucket=bucket.name, Key="a")["Body"].read() == b"2"
    days(5)
    assert bucket.versions() == [("a", "GLACIER"), ("a", "MARKER"), ("a", "STANDARD")]
    days(13)
    assert bucket.versions() == [("a", "GLACIER"), ("a", "MARKER")]
    days(30)
    assert bucket.versions() == []


def test_a_cold_version_that_becomes_current_stays_cold(bucket: Bucket) -> None:
    bucket.versioned()
    bucket.put("a", b"1", StorageClass="GLACIER")
    second = bucket.s3.put_object(Bucket=bucket.name, Key="a", Body=b"2")["VersionId"]
    assert bucket.s3.get_object(Bucket=bucket.name, Key="a")["Body"].read() == b"2"
    bucket.s3.delete_object(Bucket=bucket.name, Key="a", VersionId=second)
    assert bucket.code("get_object", "a") == "InvalidObjectState"
    assert [info.archived for info in bucket.lake.list(bucket.name)] == [True]


@pytest.mark.parametrize("versioned", [False, True], ids=["unversioned", "versioned"])
def test_a_cold_object_is_replaced_and_removed_whole(bucket: Bucket, versioned: bool) -> None:
    if versioned:
        bucket.versioned()
    bucket.put("a", b"1", StorageClass="GLACIER")
    bucket.put("a", b"2")
    assert bucket.s3.get_object(Bucket=bucket.name, Key="a")["Body"].read() == b"2"
    bucket.put("a", b"3", StorageClass="DEEP_ARCHIVE")
    bucket.s3.delete_object(Bucket=bucket.name, Key="a")
    assert bucket.classes() == {}
    assert list(bucket.lake.list(bucket.name)) == []


def test_tags_filter_and_a_disabled_rule_does_nothing(bucket: Bucket) -> None:
    bucket.rules(
        {"Filter": {"Tag": {"Key": "keep", "Value": "no"}}, "Expiration": {"Days": 1}},
        {"Status": "Disabled", "Expiration": {"Days": 1}},
    )
    bucket.put("a", Tagging="keep=no")
    bucket.put("b", Tagging="keep=yes")
    days(3)
    assert list(bucket.classes()) == ["b"]


def test_an_abandoned_upload_is_aborted(bucket: Bucket) -> None:
    bucket.rules({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}})
    bucket.s3.create_multipart_upload(Bucket=bucket.name, Key="a")
    days(6)
    assert len(bucket.s3.list_multipart_uploads(Bucket=bucket.name)["Uploads"]) == 1
    days(3)
    assert "Uploads" not in bucket.s3.list_multipart_uploads(Bucket=bucket.name)


def test_files_that_spark_wrote_go_cold_too_and_age_by_the_one_clock(bucket: Bucket) -> None:
    bucket.rules(COLD)
    for number in range(1_100):
        bucket.lake.put(bucket.name, f"d/{number % 7}/{number}.json", b"{}")
    days(95)
    bucket.lake.put(bucket.name, "d/new.json", b"{}")
    days(1)
    cold = [info.key for info in bucket.lake.list(bucket.name) if info.archived]
    assert len(cold) == 1_100
    pages = bucket.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket.name)
    listed = [(one["Key"], one["StorageClass"]) for page in pages for one in page["Contents"]]
    assert [key for key, _ in listed] == sorted([*cold, "d/new.json"])
    assert {key for key, kind in listed if kind == "STANDARD"} == {"d/new.json"}


def test_a_wrong_rule_is_refused_as_s3_does(bucket: Bucket) -> None:
    with pytest.raises(ClientError, match="must be greater than or equal to 30") as refused:
        bucket.rules({"Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]})
    assert refused.value.response["Error"]["Code"] == "InvalidArgument"


def test_the_rules_are_read_back_as_put(bucket: Bucket) -> None:
    bucket.rules(
        COLD, {"Filter": {"And": {"Prefix": "x", "Tags": [{"Key": "a", "Value": "b"}]}}, "Expiration": {"Days": 9}}
    )
    answer = bucket.s3.get_bucket_lifecycle_configuration(Bucket=bucket.name)
    assert answer["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
    assert answer["Rules"] == [
        {"ID": "rule0", "Status": "Enabled", "Filter": {"Prefix": ""}, **COLD},
        {
            "ID": "rule1",
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "x", "Tags": [{"Key": "a", "Value": "b"}]}},
            "Expiration": {"Days": 9},
        },
    ]
