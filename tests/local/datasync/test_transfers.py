from __future__ import annotations

import os
import pickle
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.datasync.models import datasync_backends

from lakeshift.local.context import ACCOUNT, REGION
from lakeshift.local.datasync.execution import TaskExecution
from lakeshift.local.datasync.plan import Entry, is_chosen, plan
from lakeshift.local.datasync.stores import S3Store
from lakeshift.local.server import LocalAws

AGENT = "arn:aws:datasync:us-east-1:000000000000:agent/agent-00000000000000000"
ROLE = {"BucketAccessRoleArn": "arn:aws:iam::000000000000:role/datasync"}


class Transfer:
    """A folder of the share, a bucket, and a task between them."""

    def __init__(self, aws: LocalAws) -> None:
        name = uuid.uuid4().hex
        self.folder = aws.state.sources / "share" / name
        self.folder.mkdir(parents=True)
        self.bucket = f"bucket-{name}"
        self.objects, self.client = boto3.client("s3"), boto3.client("datasync")
        self.objects.create_bucket(Bucket=self.bucket)
        self.source = self.client.create_location_nfs(
            ServerHostname="share.example.com", Subdirectory=f"/{name}", OnPremConfig={"AgentArns": [AGENT]}
        )["LocationArn"]
        self.target = self.client.create_location_s3(
            S3BucketArn=f"arn:aws:s3:::{self.bucket}", Subdirectory="/airlines/", S3Config=ROLE
        )["LocationArn"]

    def task(self, **more: Any) -> str:
        return self.client.create_task(
            SourceLocationArn=self.source, DestinationLocationArn=self.target, Name="airlines", **more
        )["TaskArn"]

    def run(self, task: str) -> dict[str, Any]:
        arn = self.client.start_task_execution(TaskArn=task)["TaskExecutionArn"]
        deadline, pause = time.monotonic() + 10, threading.Event()
        while (told := self.client.describe_task_execution(TaskExecutionArn=arn))["Status"] not in ("SUCCESS", "ERROR"):
            assert time.monotonic() < deadline
            pause.wait(0.01)
        return told

    def keys(self) -> list[str]:
        return [item["Key"] for item in self.objects.list_objects_v2(Bucket=self.bucket).get("Contents", [])]


@pytest.fixture
def transfer(local_aws: LocalAws) -> Iterator[Transfer]:
    made = Transfer(local_aws)
    yield made
    shutil.rmtree(made.folder, ignore_errors=True)  # a folder this fixture made below the test's own state folder


def test_only_changed_files_are_copied(transfer: Transfer) -> None:
    file = transfer.folder / "airlines.csv"
    file.write_text("carrier,name\nAA,American\n")
    task = transfer.task()
    first, second = transfer.run(task), transfer.run(task)
    counted = (first["Status"], first["FilesTransferred"], first["BytesTransferred"])
    assert counted == ("SUCCESS", 1, file.stat().st_size)
    assert (second["Status"], second["FilesTransferred"], second["FilesSkipped"]) == ("SUCCESS", 0, 1)
    before = file.stat().st_mtime_ns
    file.write_text("carrier,name\nAA,Americas\n")
    os.utime(file, ns=(before + 10**9, before + 10**9))
    third = transfer.run(task)
    assert (third["FilesTransferred"], third["FilesVerified"]) == (1, 1)
    body = transfer.objects.get_object(Bucket=transfer.bucket, Key="airlines/airlines.csv")["Body"].read()
    assert body == file.read_bytes()


def test_filters_choose_what_is_copied(transfer: Transfer) -> None:
    for name in ("airlines.csv", "notes.txt", "old/airlines.csv"):
        (transfer.folder / name).parent.mkdir(exist_ok=True)
        (transfer.folder / name).write_text(name)
    task = transfer.task(
        Includes=[{"FilterType": "SIMPLE_PATTERN", "Value": "*.csv"}],
        Excludes=[{"FilterType": "SIMPLE_PATTERN", "Value": "/old"}],
    )
    assert transfer.run(task)["Status"] == "SUCCESS"
    assert transfer.keys() == ["airlines/airlines.csv"]


def test_deleted_files_are_removed_only_where_asked(transfer: Transfer) -> None:
    (transfer.folder / "a").write_text("a")
    keep, remove = transfer.task(), transfer.task(Options={"PreserveDeletedFiles": "REMOVE"})
    transfer.run(keep)
    (transfer.folder / "a").unlink()
    assert (transfer.run(keep)["Status"], transfer.keys()) == ("SUCCESS", ["airlines/a"])
    assert (transfer.run(remove)["FilesDeleted"], transfer.keys()) == (1, [])


def test_a_share_that_is_down_fails_the_execution_and_says_so(transfer: Transfer) -> None:
    transfer.folder.rmdir()
    told = transfer.run(transfer.task())
    assert (told["Status"], told["Result"]["PrepareStatus"]) == ("ERROR", "ERROR")
    assert "share.example.com" in told["Result"]["ErrorDetail"]


def test_a_bucket_that_is_gone_fails_the_execution(transfer: Transfer) -> None:
    (transfer.folder / "a").write_text("a")
    transfer.objects.delete_bucket(Bucket=transfer.bucket)
    told = transfer.run(transfer.task())
    assert (told["Status"], "NoSuchBucket" in told["Result"]["ErrorDetail"]) == ("ERROR", True)


def test_bytes_that_changed_on_the_way_are_noticed(transfer: Transfer, monkeypatch: pytest.MonkeyPatch) -> None:
    (transfer.folder / "a").write_text("a")
    monkeypatch.setattr(S3Store, "read", lambda *_: b"other")
    told = transfer.run(transfer.task())
    assert (told["Status"], "other bytes" in told["Result"]["ErrorDetail"]) == ("ERROR", True)


def test_a_link_out_of_the_share_is_not_followed(transfer: Transfer, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (transfer.folder / "link").symlink_to(tmp_path / "secret")
    transfer.run(transfer.task())
    assert transfer.keys() == []


def test_names_are_of_this_account_and_described_as_given(transfer: Transfer) -> None:
    task = transfer.task(Options={"VerifyMode": "NONE"})
    told = transfer.client.describe_task(TaskArn=task)
    share = transfer.client.describe_location_nfs(LocationArn=transfer.source)
    assert task.startswith("arn:aws:datasync:us-east-1:000000000000:task/task-")
    assert (told["Options"]["VerifyMode"], told["Status"]) == ("NONE", "AVAILABLE")
    assert share["LocationUri"] == f"nfs://share.example.com/{transfer.folder.name}/"
    assert share["OnPremConfig"] == {"AgentArns": [AGENT]}


def test_a_transfer_that_would_not_be_done_is_refused(transfer: Transfer) -> None:
    with pytest.raises(ClientError, match="not supported locally"):
        transfer.client.create_task(SourceLocationArn=transfer.target, DestinationLocationArn=transfer.source)


def test_an_execution_that_ran_when_the_server_stopped_is_an_error_afterwards(transfer: Transfer) -> None:
    kind = type(datasync_backends[ACCOUNT][REGION])
    kept = {"task_executions": {"e": TaskExecution("e", "t", {}, [], [])}, "tasks": {}}
    restored = kind.__new__(kind)
    restored.__setstate__(pickle.loads(pickle.dumps(kept)))  # noqa: S301 - our own bytes
    assert restored.task_executions["e"].result["ErrorCode"] == "ServerStopped"


A, NEWER, LONGER = Entry("a", 1, 1), Entry("a", 1, 2), Entry("a", 2, 1)
PLANS: dict[str, tuple[list[Entry], list[Entry], dict[str, str], list[Entry]]] = {
    "new": ([A], [], {}, [A]),
    "same": ([A], [A], {}, []),
    "newer": ([NEWER], [A], {}, [NEWER]),
    "other size": ([LONGER], [A], {}, [LONGER]),
    "all": ([A], [A], {"TransferMode": "ALL"}, [A]),
    "never overwrite": ([NEWER], [A], {"OverwriteMode": "NEVER"}, []),
}


@pytest.mark.parametrize(("source", "target", "options", "copied"), PLANS.values(), ids=PLANS)
def test_what_is_copied(source: list[Entry], target: list[Entry], options: dict[str, str], copied: list[Entry]) -> None:
    assert plan(source, target, options).copy == copied


@pytest.mark.parametrize(
    ("path", "pattern", "chosen"),
    [
        ("a/b.csv", "/a", True),
        ("ab/b.csv", "/a", False),
        ("a/b.csv", "*.csv", True),
        ("a/b.csv.tmp", "*.csv", False),
        ("b.txt", "/a|*.txt", True),
        ("a[1]", "/a[1]", True),
    ],
)
def test_a_pattern_chooses(path: str, pattern: str, chosen: bool) -> None:
    assert is_chosen(path, [pattern], []) == chosen
