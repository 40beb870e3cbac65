"""What S3 does and plain moto does not, over the API: each of these is relied on by a client of the lake."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
import uuid
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lakeshift.local import clock
from lakeshift.local.server import LocalAws

PART = 5 * 1024 * 1024


@pytest.fixture
def s3(local_aws: LocalAws) -> Any:
    return boto3.client("s3", config=Config(signature_version="s3v4"))


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    name = f"repairs-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    yield name
    s3.delete_bucket_policy(Bucket=name)


def refused(call: Any, **given: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as error:
        call(**given)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def deny(s3: Any, bucket: str, **more: Any) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    } | more
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def test_a_tls_only_policy_lets_local_requests_pass(s3: Any, bucket: str) -> None:
    deny(s3, bucket, Condition={"Bool": {"aws:SecureTransport": "false"}})
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"


def test_a_policy_denies_one_action_with_aws_s_error(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="in/a", Body=b"1")
    deny(s3, bucket, Action=["s3:DeleteObject"], Resource=f"arn:aws:s3:::{bucket}/in/*")
    assert refused(s3.delete_object, Bucket=bucket, Key="in/a") == (403, "AccessDenied")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "in/a"}, {"Key": "out"}]})
    assert [one["Key"] for one in answer["Errors"]] == ["in/a"]
    assert [one["Key"] for one in answer["Deleted"]] == ["out"]
    assert s3.head_object(Bucket=bucket, Key="in/a")["ContentLength"] == 1


def test_a_policy_on_the_prefix_that_is_listed(s3: Any, bucket: str) -> None:
    deny(s3, bucket, Action="s3:ListBucket", Condition={"StringNotLike": {"s3:prefix": ["in/*"]}})
    s3.list_objects_v2(Bucket=bucket, Prefix="in/x")
    assert refused(s3.list_objects_v2, Bucket=bucket, Prefix="out/") == (403, "AccessDenied")
    assert refused(s3.list_objects_v2, Bucket=bucket) == (403, "AccessDenied")


def test_a_policy_that_asks_for_encryption(s3: Any, bucket: str) -> None:
    deny(s3, bucket, Action="s3:PutObject", Condition={"Null": {"s3:x-amz-server-side-encryption": "true"}})
    assert refused(s3.put_object, Bucket=bucket, Key="a") == (403, "AccessDenied")
    s3.put_object(Bucket=bucket, Key="a", ServerSideEncryption="AES256")


def fetched(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_presigned_url_expires_by_the_clock(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a"}, ExpiresIn=60)
    assert fetched(url) == (200, "1")
    date = url.partition("X-Amz-Date=")[2][:16]
    earlier = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) - timedelta(seconds=5)
    url = url.replace(date, f"{earlier:%Y%m%dT%H%M%SZ}")  # signed before the second in which the clock is moved
    clock.advance(61)
    status, text = fetched(url)
    assert status == 403
    assert "<Code>AccessDenied</Code>" in text
    assert "<Message>Request has expired</Message>" in text
    assert fetched(s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a"}, ExpiresIn=60))[0] == 200
    assert fetched(url.replace("X-Amz-Expires=60", "X-Amz-Expires=604801"))[0] == 400


@pytest.mark.parametrize(
    ("asked", "kind", "suffix"),
    [
        ({"ChecksumAlgorithm": "CRC32"}, "COMPOSITE", "-2"),
        ({"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}, "FULL_OBJECT", ""),
    ],
    ids=["composite", "full-object"],
)
def test_the_checksum_of_an_upload_in_parts(
    s3: Any, bucket: str, asked: dict[str, str], kind: str, suffix: str
) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a", **asked)["UploadId"]
    algorithm = asked["ChecksumAlgorithm"]
    parts = []
    for number, body in ((1, b"a" * PART), (2, b"b")):
        part = s3.upload_part(
            Bucket=bucket, Key="a", UploadId=upload, PartNumber=number, Body=body, ChecksumAlgorithm=algorithm
        )
        parts.append({"PartNumber": number, "ETag": part["ETag"], f"Checksum{algorithm}": part[f"Checksum{algorithm}"]})
    done = s3.complete_multipart_upload(Bucket=bucket, Key="a", UploadId=upload, MultipartUpload={"Parts": parts})
    value = done[f"Checksum{algorithm}"]
    assert (done["ChecksumType"], value.endswith("-2")) == (kind, suffix == "-2")
    if kind == "FULL_OBJECT":
        assert base64.b64decode(value) == zlib.crc32(b"a" * PART + b"b").to_bytes(4, "big")
    head = s3.head_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED")
    assert (head[f"Checksum{algorithm}"], head["ChecksumType"]) == (value, kind)
    wanted = ["Checksum", "ObjectParts", "ETag"]
    facts = s3.get_object_attributes(Bucket=bucket, Key="a", ObjectAttributes=wanted)
    assert facts["Checksum"] == {f"Checksum{algorithm}": value, "ChecksumType": kind}
    assert facts["ObjectParts"]["TotalPartsCount"] == 2


def test_without_a_choice_the_checksum_of_the_whole_object_is_crc64nvme(local_aws: LocalAws, bucket: str) -> None:
    plain = boto3.client("s3", config=Config(request_checksum_calculation="when_required"))
    assert local_aws.context is not None
    upload = plain.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    tag = plain.upload_part(Bucket=bucket, Key="a", UploadId=upload, PartNumber=1, Body=b"123456789")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
    done = plain.complete_multipart_upload(Bucket=bucket, Key="a", UploadId=upload, MultipartUpload=parts)
    assert done["ChecksumType"] == "FULL_OBJECT"
    assert base64.b64decode(done["ChecksumCRC64NVME"]).hex() == "ae8b14860a799888"


def test_bytes_that_do_not_match_their_checksum_are_refused(s3: Any, bucket: str) -> None:
    wrong = base64.b64encode(b"\0\0\0\0").decode()
    assert refused(s3.put_object, Bucket=bucket, Key="a", Body=b"1", ChecksumCRC32=wrong) == (400, "BadDigest")


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({"CopySourceIfMatch": "ETAG"}, 200),
        ({"CopySourceIfMatch": "0" * 32}, 412),
        ({"CopySourceIfNoneMatch": "ETAG"}, 412),
        ({"CopySourceIfModifiedSince": "2099-01-01"}, 412),
        ({"CopySourceIfUnmodifiedSince": "2001-01-01"}, 412),
        ({"CopySourceIfUnmodifiedSince": "2099-01-01"}, 200),
    ],
    ids=str,
)
def test_a_copy_under_a_condition(s3: Any, bucket: str, condition: dict[str, str], status: int) -> None:
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["ETag"]
    given = {name: etag if value == "ETAG" else value for name, value in condition.items()}
    source = {"Bucket": bucket, "Key": "a"}
    if status == 200:
        s3.copy_object(Bucket=bucket, Key="b", CopySource=source, **given)
    else:
        assert refused(s3.copy_object, Bucket=bucket, Key="b", CopySource=source, **given) == (
            412,
            "PreconditionFailed",
        )


def test_the_notification_configuration_is_read_back(s3: Any, bucket: str) -> None:
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}, SkipDestinationValidation=True
    )
    assert s3.get_bucket_notification_configuration(Bucket=bucket)["EventBridgeConfiguration"] == {}


def test_deletes_quiet_and_at_most_a_thousand(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}], "Quiet": True})
    assert "Deleted" not in answer
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    many = {"Objects": [{"Key": str(number)} for number in range(1_001)]}
    assert refused(s3.delete_objects, Bucket=bucket, Delete=many) == (400, "MalformedXML")


def test_a_delete_under_a_condition(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="a")["ETag"]
    assert refused(s3.delete_object, Bucket=bucket, Key="a", IfMatch='"0"') == (412, "PreconditionFailed")
    s3.delete_object(Bucket=bucket, Key="a", IfMatch=etag)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_locked_version_is_not_deleted(s3: Any) -> None:
    name = f"locked-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    until = "2099-01-01T00:00:00Z"
    version = s3.put_object(
        Bucket=name, Key="a", Body=b"1", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until,
        ChecksumAlgorithm="CRC32",
    )["VersionId"]  # fmt: skip
    assert refused(s3.delete_object, Bucket=name, Key="a", VersionId=version) == (403, "AccessDenied")
    assert s3.get_object(Bucket=name, Key="a")["Body"].read() == b"1"


def test_an_object_has_at_most_ten_tags(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a")
    tags = [{"Key": f"k{number}", "Value": "v"} for number in range(11)]
    status, code = refused(s3.put_object_tagging, Bucket=bucket, Key="a", Tagging={"TagSet": tags})
    assert (status, code) == (400, "BadRequest")


def test_listings_by_page_start_and_encoding(s3: Any, bucket: str) -> None:
    keys = ["a b", "a/1", "a/2", "c", "é"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key)
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, EncodingType="url")["Contents"]] == [
        quote(key) for key in keys
    ]
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, StartAfter="a/1")["Contents"]] == ["a/2", "c", "é"]
    none = s3.list_objects_v2(Bucket=bucket, MaxKeys=0)
    assert (none["KeyCount"], none["IsTruncated"]) == (0, False)
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = s3.list_objects_v2(Bucket=bucket, MaxKeys=2, **token)
        found += [one["Key"] for one in page["Contents"]]
        if not page["IsTruncated"]:
            break
        token = {"ContinuationToken": page["NextContinuationToken"]}
    assert found == keys


def test_a_range_of_the_version_that_is_meant(local_aws: LocalAws, s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"0123456789")["ETag"]
    assert s3.get_object(Bucket=bucket, Key="a", Range="bytes=2-3")["Body"].read() == b"23"
    assert refused(s3.get_object, Bucket=bucket, Key="a", Range="bytes=10-") == (416, "InvalidRange")
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a"})
    for condition, status, body in ((etag, 206, b"23"), ('"0"', 200, b"0123456789")):
        asked = urllib.request.Request(url, headers={"Range": "bytes=2-3", "If-Range": condition})
        with urllib.request.urlopen(asked) as answer:
            assert (answer.status, answer.read()) == (status, body)
    assert local_aws.endpoint
