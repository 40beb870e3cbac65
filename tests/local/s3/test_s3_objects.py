"""The S3 API over plain files: what one side writes is at once right on the other."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.local.s3 import notify_written
from lakeshift.local.server import LocalAws

_numbers = itertools.count()


@pytest.fixture(scope="module")
def s3(local_aws: LocalAws) -> Any:
    return boto3.client("s3", endpoint_url=local_aws.endpoint)


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"objects-{uuid.uuid4().hex[:8]}-{next(_numbers)}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def folder(local_aws: LocalAws, bucket: str) -> Path:
    return local_aws.state.buckets / bucket


def _body(s3: Any, bucket: str, key: str, **more: Any) -> bytes:
    return bytes(s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read())


def _code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_an_object_put_is_a_plain_file(s3: Any, bucket: str, folder: Path) -> None:
    s3.put_object(Bucket=bucket, Key="a/b.txt", Body=b"hello")
    assert (folder / "a/b.txt").read_bytes() == b"hello"


def test_a_file_written_is_an_object(s3: Any, bucket: str, folder: Path) -> None:
    (folder / "d").mkdir()
    (folder / "d/f").write_bytes(b"by hand")
    os.utime(folder / "d/f", (1_700_000_000, 1_700_000_000))
    head = s3.head_object(Bucket=bucket, Key="d/f")
    assert head["ETag"] == f'"{hashlib.md5(b"by hand", usedforsecurity=False).hexdigest()}"'
    assert head["ContentLength"] == 7
    assert head["LastModified"].timestamp() == 1_700_000_000
    assert _body(s3, bucket, "d/f") == b"by hand"


def test_a_file_changed_by_hand_is_another_object(s3: Any, bucket: str, folder: Path) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"one", ContentType="text/plain", Metadata={"a": "b"})
    (folder / "k").write_bytes(b"two!")
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ContentLength"], head["Metadata"]) == (4, {})
    assert head["ETag"] == f'"{hashlib.md5(b"two!", usedforsecurity=False).hexdigest()}"'


def test_metadata_of_an_object_put_is_kept(s3: Any, bucket: str) -> None:
    s3.put_object(
        Bucket=bucket,
        Key="k",
        Body=b"x",
        ContentType="text/csv",
        Metadata={"m": "v"},
        Tagging="t=1",
        StorageClass="STANDARD_IA",
        ContentEncoding="gzip",
    )
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ContentType"], head["Metadata"], head["StorageClass"]) == ("text/csv", {"m": "v"}, "STANDARD_IA")
    assert head["ContentEncoding"] == "gzip"
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "t", "Value": "1"}]


def test_tags_are_replaced(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="t=1")
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "u", "Value": "2"}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "u", "Value": "2"}]


@pytest.mark.parametrize(
    ("header", "expected"),
    [("bytes=0-0", b"0"), ("bytes=2-4", b"234"), ("bytes=8-", b"89"), ("bytes=-3", b"789"), ("bytes=5-99", b"56789")],
)
def test_a_range_is_served(s3: Any, bucket: str, header: str, expected: bytes) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    answer = s3.get_object(Bucket=bucket, Key="k", Range=header)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["Body"].read() == expected


def test_a_range_behind_the_end_is_refused(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k", Range="bytes=10-")
    assert _code(error) == "InvalidRange"


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, 3 * 1024 * 1024 + 1])
def test_an_object_of_any_size_comes_back_whole(s3: Any, bucket: str, size: int) -> None:
    body = bytes(itertools.islice(itertools.cycle(range(251)), size))
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    assert _body(s3, bucket, "k") == body


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "a//b", "a/", "/a", "a/../b", "é/日本", "a b+c&d=e", "..", "x" * 300]
)
def test_an_odd_key_is_an_object_like_any_other(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=b"odd")
    assert _body(s3, bucket, key) == b"odd"
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.delete_object(Bucket=bucket, Key=key)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_key_of_more_than_1024_bytes_is_refused(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k" * 1025, Body=b"")
    assert _code(error) == "KeyTooLongError"


@pytest.mark.parametrize("name", ["a..b", "192.168.1.1", "xn--bucket", "bucket-s3alias"])
def test_a_bucket_name_against_the_rules_is_refused(s3: Any, name: str) -> None:
    with pytest.raises(ClientError) as error:
        s3.create_bucket(Bucket=name)
    assert _code(error) == "InvalidBucketName"


def test_pages_of_both_list_calls_hold_every_key_once(s3: Any, bucket: str, folder: Path) -> None:
    expected = sorted(f"{letter}/{number}" for letter in "abc" for number in range(7))
    for key in expected:
        (folder / key).parent.mkdir(exist_ok=True)
        (folder / key).touch()
    for call in ("list_objects", "list_objects_v2"):
        pages = s3.get_paginator(call).paginate(Bucket=bucket, PaginationConfig={"PageSize": 4})
        assert [item["Key"] for page in pages for item in page["Contents"]] == expected


def test_common_prefixes_are_paged_with_the_keys(s3: Any, bucket: str, folder: Path) -> None:
    for key in ("a/1", "a/2", "b", "c/1", "d/e/1", "f"):
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).touch()
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2})
    found = [
        [*(one["Prefix"] for one in page.get("CommonPrefixes", [])), *(one["Key"] for one in page.get("Contents", []))]
        for page in pages
    ]
    assert found == [["a/", "b"], ["c/", "d/"], ["f"]]


@pytest.mark.parametrize("hidden", ["_temporary/0/x", ".spark-staging-1/x", ".a.lakeshift-upload"])
def test_what_is_being_written_is_not_listed(s3: Any, bucket: str, folder: Path, hidden: str) -> None:
    (folder / hidden).parent.mkdir(parents=True, exist_ok=True)
    (folder / hidden).touch()
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    s3.delete_bucket(Bucket=bucket)
    assert not folder.exists()


def test_a_bucket_with_a_file_is_not_deleted(s3: Any, bucket: str, folder: Path) -> None:
    (folder / "f").touch()
    with pytest.raises(ClientError) as error:
        s3.delete_bucket(Bucket=bucket)
    assert _code(error) == "BucketNotEmpty"
    assert (folder / "f").exists()


def test_parts_become_one_file_with_a_multipart_etag(s3: Any, bucket: str, folder: Path) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", Metadata={"m": "v"})["UploadId"]
    parts = [b"a" * 5 * 1024 * 1024, b"b" * 10]
    done = [
        {"PartNumber": n, "ETag": s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=n, Body=p)["ETag"]}
        for n, p in enumerate(parts, 1)
    ]
    s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": done})
    digest = hashlib.md5(
        b"".join(hashlib.md5(part, usedforsecurity=False).digest() for part in parts), usedforsecurity=False
    ).hexdigest()
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ETag"], head["Metadata"]) == (f'"{digest}-2"', {"m": "v"})
    assert (folder / "k").read_bytes() == b"".join(parts)


def test_a_copy_keeps_metadata_and_bytes(s3: Any, bucket: str, folder: Path) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"x", Metadata={"m": "v"})
    s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a")
    assert (folder / "b").read_bytes() == b"x"
    assert s3.head_object(Bucket=bucket, Key="b")["Metadata"] == {"m": "v"}


def test_conditional_puts_look_at_the_file(s3: Any, bucket: str, folder: Path) -> None:
    (folder / "k").write_bytes(b"x")
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"y", IfNoneMatch="*")
    assert _code(error) == "PreconditionFailed"
    s3.put_object(Bucket=bucket, Key="k", Body=b"y", IfMatch=hashlib.md5(b"x", usedforsecurity=False).hexdigest())
    assert (folder / "k").read_bytes() == b"y"


def _versions(s3: Any, bucket: str, key: str) -> list[bytes]:
    listed = s3.list_object_versions(Bucket=bucket, Prefix=key).get("Versions", [])
    return [_body(s3, bucket, key, VersionId=version["VersionId"]) for version in listed]


def _replace(file: Path, body: bytes) -> None:
    part = file.with_name(".part.lakeshift-upload")
    part.write_bytes(body)
    part.replace(file)


@pytest.fixture
def versioned(s3: Any, bucket: str) -> str:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def test_every_version_is_kept_whoever_wrote_it(s3: Any, versioned: str, folder: Path) -> None:
    s3.put_object(Bucket=versioned, Key="k", Body=b"1 api")
    _replace(folder / "k", b"2 file")
    s3.put_object(Bucket=versioned, Key="k", Body=b"3 api")
    assert _versions(s3, versioned, "k") == [b"3 api", b"2 file", b"1 api"]


def test_a_versioned_object_changed_in_place_by_hand_loses_what_it_was(s3: Any, versioned: str, folder: Path) -> None:
    s3.put_object(Bucket=versioned, Key="k", Body=b"1 api")
    (folder / "k").write_bytes(b"2 by hand")
    assert _versions(s3, versioned, "k") == [b"2 by hand"]


def test_an_object_from_before_versioning_is_the_null_version(s3: Any, bucket: str, folder: Path) -> None:
    (folder / "k").write_bytes(b"old")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    _replace(folder / "k", b"new")
    assert _body(s3, bucket, "k", VersionId="null") == b"old"
    assert _versions(s3, bucket, "k") == [b"new", b"old"]


@pytest.mark.parametrize("by_hand", [False, True], ids=["by the API", "by hand"])
def test_a_deleted_object_leaves_a_marker_and_its_versions(
    s3: Any, versioned: str, folder: Path, by_hand: bool
) -> None:
    s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    if by_hand:
        (folder / "k").unlink()
    else:
        s3.delete_object(Bucket=versioned, Key="k")
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=versioned, Key="k")
    assert _code(error) == "NoSuchKey"
    listed = s3.list_object_versions(Bucket=versioned)
    assert [marker["IsLatest"] for marker in listed["DeleteMarkers"]] == [True]
    assert _versions(s3, versioned, "k") == [b"1"]


def test_deleting_the_marker_brings_the_object_back(s3: Any, versioned: str, folder: Path) -> None:
    for body in (b"1", b"2"):
        s3.put_object(Bucket=versioned, Key="k", Body=body)
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    s3.delete_object(Bucket=versioned, Key="k", VersionId=marker)
    assert (folder / "k").read_bytes() == b"2"
    assert len(s3.list_object_versions(Bucket=versioned)["Versions"]) == 2
    assert "DeleteMarkers" not in s3.list_object_versions(Bucket=versioned)


def test_deleting_the_newest_version_brings_back_the_one_before(s3: Any, versioned: str, folder: Path) -> None:
    s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    newest = s3.put_object(Bucket=versioned, Key="k", Body=b"2")["VersionId"]
    s3.delete_object(Bucket=versioned, Key="k", VersionId=newest)
    assert (folder / "k").read_bytes() == b"1"
    assert _versions(s3, versioned, "k") == [b"1"]


def test_versions_survive_markers_between_them(s3: Any, versioned: str) -> None:
    s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    s3.delete_object(Bucket=versioned, Key="k")
    second = s3.put_object(Bucket=versioned, Key="k", Body=b"2")["VersionId"]
    s3.put_object(Bucket=versioned, Key="k", Body=b"3")
    s3.delete_object(Bucket=versioned, Key="k", VersionId=second)
    listed = s3.list_object_versions(Bucket=versioned)
    assert (len(listed["Versions"]), len(listed["DeleteMarkers"])) == (2, 1)
    assert _versions(s3, versioned, "k") == [b"3", b"1"]


def test_suspended_versioning_replaces_only_the_null_version(s3: Any, versioned: str) -> None:
    s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Suspended"})
    for body in (b"2", b"3"):
        s3.put_object(Bucket=versioned, Key="k", Body=body)
    assert _versions(s3, versioned, "k") == [b"3", b"1"]


@pytest.fixture
def queue(local_aws: LocalAws, s3: Any, bucket: str) -> Iterator[Any]:
    sqs = boto3.client("sqs", endpoint_url=local_aws.endpoint)
    url = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}],
            "EventBridgeConfiguration": {},
        },
    )

    def received() -> list[tuple[str, str, int]]:
        found = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                for record in json.loads(message["Body"]).get("Records", []):
                    thing = record["s3"]["object"]
                    found.append((record["eventName"], thing["key"], thing.get("size", 0)))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    received()
    return received


def test_the_eventbridge_configuration_is_told(s3: Any, bucket: str, queue: Any) -> None:
    told = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert told["EventBridgeConfiguration"] == {}
    assert len(told["QueueConfigurations"]) == 1


def test_the_eventbridge_configuration_is_told_where_it_is_the_only_one(s3: Any, bucket: str) -> None:
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    assert s3.get_bucket_notification_configuration(Bucket=bucket)["EventBridgeConfiguration"] == {}


def test_the_head_of_a_missing_object_is_404(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket=bucket, Key="none")
    assert _code(error) == "404"


def test_what_is_written_as_a_file_sends_the_events_of_a_put(s3: Any, bucket: str, folder: Path, queue: Any) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"123")
    (folder / "b").write_bytes(b"12345")
    notify_written(bucket, "b")
    (folder / "b").unlink()
    notify_written(bucket, "b", removed=True)
    expected = [("ObjectCreated:Put", "a", 3), ("ObjectCreated:Put", "b", 5), ("ObjectRemoved:Delete", "b", 0)]
    assert sorted(queue()) == sorted(expected)


@pytest.mark.parametrize(
    ("condition", "readable"),
    [
        pytest.param({"Bool": {"aws:SecureTransport": "false"}}, True, id="the usual TLS-only policy"),
        pytest.param({"Bool": {"aws:SecureTransport": ["false"]}}, True, id="the same, as a list"),
        pytest.param({"Bool": {"aws:SecureTransport": "true"}}, False, id="a condition that holds"),
        pytest.param({"StringEquals": {"aws:PrincipalTag/x": "y"}}, True, id="a key that is not known here"),
        pytest.param({}, False, id="no condition"),
    ],
)
def test_a_deny_applies_only_where_its_condition_holds(
    s3: Any, bucket: str, condition: dict[str, Any], readable: bool
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{bucket}/*"]}
    if condition:
        statement["Condition"] = condition
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    if readable:
        assert _body(s3, bucket, "k") == b"x"
    else:
        with pytest.raises(ClientError):
            s3.get_object(Bucket=bucket, Key="k")


def test_a_presigned_url_is_served(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a b", Body=b"x")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b"})
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"x"
