"""Spark's s3:// is the lake of the local AWS: the same objects, events and versions as by the API."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import boto3
import pytest

from lakeshift.local.server import LocalAws

pytestmark = pytest.mark.spark

_SCRIPT = Path(__file__).with_name("script.py")
_LAST = ("ObjectCreated:Put", "last")


class Done:
    """What the job said and what the API tells after it."""

    def __init__(self, aws: LocalAws, folder: Path) -> None:
        self.s3 = boto3.client("s3", endpoint_url=aws.endpoint)
        self.sqs = boto3.client("sqs", endpoint_url=aws.endpoint)
        name = uuid.uuid4().hex[:8]
        self.bucket, self.versioned = f"spark-{name}", f"spark-versions-{name}"
        self.folder = aws.state.buckets / self.bucket
        self.url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        for bucket in (self.bucket, self.versioned):
            self.s3.create_bucket(Bucket=bucket)
        self.s3.put_bucket_versioning(Bucket=self.versioned, VersioningConfiguration={"Status": "Enabled"})
        self.s3.put_object(Bucket=self.bucket, Key="in/a.json", Body=b'{"a": 1}\n{"a": 2}\n')
        for key in ("cold/a.json", "cold/b.json"):
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=b"old\n", StorageClass="GLACIER")
        arn = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        wanted = [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}]
        self.s3.put_bucket_notification_configuration(
            Bucket=self.bucket, NotificationConfiguration={"QueueConfigurations": wanted}
        )
        result = folder / "result.json"
        command = [sys.executable, str(_SCRIPT), str(aws.state.root), self.bucket, self.versioned, str(result)]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment, check=False)
        assert done.returncode == 0, done.stderr[-4000:]
        self.said: dict[str, Any] = json.loads(result.read_text())
        self.events = self._events()

    def _events(self) -> Counter[tuple[str, str]]:
        found: Counter[tuple[str, str]] = Counter()
        end = time.monotonic() + 30
        while True:
            messages = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
            for message in messages:
                for record in json.loads(message["Body"]).get("Records", []):
                    found[record["eventName"], unquote_plus(record["s3"]["object"]["key"])] += 1
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            if found[_LAST] and not messages:
                return found
            assert time.monotonic() < end, f"the event of the last object did not come; {found}"

    def keys(self, prefix: str) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]


@pytest.fixture(scope="module")
def done(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Done:
    return Done(local_aws, tmp_path_factory.mktemp("spark-s3"))


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("rows", 100),
        ("rows after a dynamic overwrite", 100),
        ("rows after an append", 110),
        ("read of an object put by the API", 2),
        ("text", ['{"a": 1}', '{"a": 2}']),
        ("seen before it is closed", False),
        ("seen once it is closed", True),
        ("renamed", True),
        ("renamed onto an object", False),
        ("renamed into a folder", True),
        ("folder renamed", True),
        ("rename of nothing", False),
        ("listed", [["moved", "open"], ["b", "c"]]),
        ("deleted", [True, False]),
        ("length", 1),
        ("archived listed", ["a.json", "b.json"]),
        ("archived length", 4),
        ("archived replaced", ["new"]),
        ("archived deleted", [True, ["b.json"]]),
    ],
)
def test_what_the_job_sees(done: Done, what: str, expected: Any) -> None:
    assert done.said[what] == expected


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("no bucket", "Error Code: NoSuchBucket; Bucket: no-such-bucket"),
        ("no bucket, writing", "Error Code: NoSuchBucket; Bucket: no-such-bucket"),
        ("no path", "Path does not exist: s3://"),
        ("not empty", "not an empty directory"),
        ("listing of nothing", "No such file or directory: s3://"),
        ("below an object", "is an object"),
        ("create over an object", "already exists"),
        ("archived read", "InvalidObjectState"),
    ],
)
def test_an_error_names_its_cause(done: Done, what: str, text: str) -> None:
    assert text in done.said[what]


def test_no_path_leaves_its_bucket(done: Done) -> None:
    assert all("no part of a key" in error for error in done.said["leaves the bucket"])
    assert done.s3.list_objects_v2(Bucket=done.versioned)["KeyCount"] > 0
    assert not (done.folder.parent / "stolen").exists()


def test_what_spark_wrote_is_right_by_the_api(done: Done) -> None:
    files = {
        file.relative_to(done.folder).as_posix(): file.read_bytes()
        for file in (done.folder / "table").rglob("*")
        if file.is_file()
    }
    assert sorted(files) == done.keys("table/")
    listed = done.s3.list_objects_v2(Bucket=done.bucket, Prefix="table/")["Contents"]
    assert {item["Key"]: (item["Size"], item["ETag"]) for item in listed} == {
        key: (len(body), f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"') for key, body in files.items()
    }


def test_nothing_but_objects_is_left(done: Done) -> None:
    litter = (".crc", ".lakeshift-upload", ".lakeshift-archived")
    assert not [file for file in done.folder.rglob("*") if file.name.endswith(litter)]
    assert not [file for file in done.folder.rglob("*") if file.name.startswith(("_temporary", ".spark-staging"))]


def test_every_object_written_sends_one_event(done: Done) -> None:
    created = {key: number for (event, key), number in done.events.items() if event == "ObjectCreated:Put"}
    parts = [key for key in done.keys("table/") if not key.endswith("_SUCCESS")]
    assert parts
    assert {key: created.get(key) for key in parts} == dict.fromkeys(parts, 1)
    assert not [key for key in created if "_temporary" in key or ".spark-staging" in key]
    assert (created["fs/open"], created["last"]) == (1, 1)
    assert done.events["ObjectRemoved:Delete", "fs/moved/b"] == 1


def test_every_version_spark_wrote_is_kept_in_order(done: Done) -> None:
    listed = done.s3.list_object_versions(Bucket=done.versioned, Prefix="twice")
    bodies = [
        done.s3.get_object(Bucket=done.versioned, Key="twice", VersionId=version["VersionId"])["Body"].read()
        for version in listed["Versions"]
    ]
    assert bodies == [b"4", b"3", b"2", b"1"]
    assert [version["IsLatest"] for version in listed["Versions"]] == [True, False, False, False]
    assert [marker["IsLatest"] for marker in listed["DeleteMarkers"]] == [False]


def test_an_overwritten_folder_keeps_what_was_there(done: Done) -> None:
    listed = done.s3.list_object_versions(Bucket=done.versioned, Prefix="out/part-")
    assert len(listed["Versions"]) == 2
    assert len(listed["DeleteMarkers"]) == 1
