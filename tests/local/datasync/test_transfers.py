from __future__ import annotations

import json
import os
import pickle
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.datasync.models import datasync_backends

from lakeshift.local.context import ACCOUNT, REGION
from lakeshift.local.datasync import schedules
from lakeshift.local.datasync.execution import TaskExecution
from lakeshift.local.datasync.plan import Entry, is_chosen, plan
from lakeshift.local.datasync.stores import FileError, FolderStore, S3Store
from lakeshift.local.server import LocalAws
from tests.waiting import until

AGENT = "arn:aws:datasync:us-east-1:000000000000:agent/agent-00000000000000000"
ROLE = {"BucketAccessRoleArn": "arn:aws:iam::000000000000:role/datasync"}


class Transfer:
    """A folder of the share, a bucket, and a task between them."""

    def __init__(self, aws: LocalAws) -> None:
        name = uuid.uuid4().hex
        self.lake = aws.state.buckets
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

    def smb(self) -> str:
        made = self.client.create_location_smb(
            ServerHostname="share.example.com",
            Subdirectory=f"/{self.folder.name}",
            User="reader",
            Password="secret",
            AgentArns=[AGENT],
        )
        return made["LocationArn"]

    def task(self, **more: Any) -> str:
        return self.client.create_task(
            SourceLocationArn=self.source, DestinationLocationArn=self.target, Name="airlines", **more
        )["TaskArn"]

    def run(self, task: str) -> dict[str, Any]:
        return self.wait(self.client.start_task_execution(TaskArn=task)["TaskExecutionArn"])

    def wait(self, arn: str) -> dict[str, Any]:
        def over() -> Any:
            told = self.client.describe_task_execution(TaskExecutionArn=arn)
            return told if told["Status"] in ("SUCCESS", "ERROR") else None

        return dict(until(over))

    def keys(self, prefix: str = "") -> list[str]:
        return [
            item["Key"] for item in self.objects.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        ]

    def document(self, key: str) -> dict[str, Any]:
        return json.loads(self.objects.get_object(Bucket=self.bucket, Key=key)["Body"].read())


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
    monkeypatch.setattr(S3Store, "digest", lambda *_: "other")
    told = transfer.run(transfer.task())
    assert (told["Status"], "Verification detected mismatches" in told["Result"]["ErrorDetail"]) == ("ERROR", True)
    assert (told["FilesTransferred"], told["FilesVerified"]) == (1, 0)


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


def test_an_smb_share_is_copied_and_its_password_is_not_told(transfer: Transfer) -> None:
    (transfer.folder / "airlines.csv").write_text("AA")
    location = transfer.smb()
    task = transfer.client.create_task(SourceLocationArn=location, DestinationLocationArn=transfer.target)["TaskArn"]
    assert (transfer.run(task)["FilesTransferred"], transfer.keys()) == (1, ["airlines/airlines.csv"])
    told = transfer.client.describe_location_smb(LocationArn=location)
    assert (told["LocationUri"], told["User"]) == (f"smb://share.example.com/{transfer.folder.name}/", "reader")
    assert "secret" not in json.dumps(told, default=str)


def test_a_large_file_goes_in_parts_and_is_whole(transfer: Transfer) -> None:
    content = bytes(range(256)) * 40_960
    (transfer.folder / "large").write_bytes(content)
    told = transfer.run(transfer.task())
    assert (told["Status"], told["BytesTransferred"], told["FilesVerified"]) == ("SUCCESS", len(content), 1)
    assert transfer.objects.get_object(Bucket=transfer.bucket, Key="airlines/large")["Body"].read() == content


def test_objects_are_copied_from_bucket_to_bucket_when_they_are_newer(transfer: Transfer) -> None:
    source = f"{transfer.bucket}-source"
    transfer.objects.create_bucket(Bucket=source)
    put, clock = transfer.objects.put_object, time.time()
    put(Bucket=source, Key="in/a", Body=b"one")
    location = transfer.client.create_location_s3(
        S3BucketArn=f"arn:aws:s3:::{source}", Subdirectory="/in", S3Config=ROLE
    )
    task = transfer.client.create_task(
        SourceLocationArn=location["LocationArn"], DestinationLocationArn=transfer.target
    )
    first, second = transfer.run(task["TaskArn"]), transfer.run(task["TaskArn"])
    assert (first["FilesTransferred"], second["FilesTransferred"], second["FilesSkipped"]) == (1, 0, 1)
    path = transfer.lake / source / "in" / "a"
    put(Bucket=source, Key="in/a", Body=b"two")
    os.utime(path, (clock + 60, clock + 60))
    assert transfer.run(task["TaskArn"])["FilesTransferred"] == 1
    assert transfer.objects.get_object(Bucket=transfer.bucket, Key="airlines/a")["Body"].read() == b"two"


def test_a_file_that_cannot_be_read_is_left_out_and_the_rerun_transfers_the_rest(
    transfer: Transfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        (transfer.folder / name).write_text(name)
    logs, group = boto3.client("logs"), f"/datasync/{transfer.folder.name}"
    logs.create_log_group(logGroupName=group)
    opened = FolderStore.open

    def failing(store: FolderStore, path: str) -> AbstractContextManager[BinaryIO]:
        if path == "b":
            raise FileError("Failed to open source file /b: Permission denied")
        return opened(store, path)

    monkeypatch.setattr(FolderStore, "open", failing)
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*"
    task = transfer.task(CloudWatchLogGroupArn=arn, Options={"LogLevel": "BASIC"})
    told = transfer.run(task)
    assert (told["Status"], told["FilesTransferred"]) == ("ERROR", 2)
    assert told["Result"]["ErrorDetail"].startswith("Transfer and verification completed. Selected files transferred")
    assert transfer.keys() == ["airlines/a", "airlines/c"]
    lines = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    assert lines == ["[ERROR] Failed to open source file /b: Permission denied"]
    monkeypatch.undo()
    again = transfer.run(task)
    assert (again["Status"], again["FilesTransferred"], again["FilesSkipped"]) == ("SUCCESS", 1, 2)
    logs.delete_log_group(logGroupName=group)


def test_a_share_that_goes_away_half_way_ends_the_execution_and_the_rerun_transfers_the_rest(
    transfer: Transfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (transfer.folder / name).write_text(name)
    opened = FolderStore.open

    def going(store: FolderStore, path: str) -> AbstractContextManager[BinaryIO]:
        if path == "b":
            transfer.folder.rename(transfer.folder.with_suffix(".away"))
        return opened(store, path)

    monkeypatch.setattr(FolderStore, "open", going)
    task = transfer.task()
    told = transfer.run(task)
    assert (told["Status"], told["Result"]["ErrorCode"], told["Result"]["TransferStatus"]) == (
        "ERROR",
        "LocationError",
        "ERROR",
    )
    monkeypatch.undo()
    transfer.folder.with_suffix(".away").rename(transfer.folder)
    assert (transfer.run(task)["FilesTransferred"], transfer.keys()) == (1, ["airlines/a", "airlines/b"])


def test_a_report_says_what_became_of_each_file(transfer: Transfer) -> None:
    for name in ("a", "b"):
        (transfer.folder / name).write_text(name)
    place = {
        "S3": {
            "Subdirectory": "reports",
            "S3BucketArn": f"arn:aws:s3:::{transfer.bucket}",
            "BucketAccessRoleArn": ROLE["BucketAccessRoleArn"],
        }
    }
    config = {"Destination": place, "OutputType": "STANDARD", "ReportLevel": "SUCCESSES_AND_ERRORS"}
    told = transfer.run(transfer.task(TaskReportConfig=config))
    assert told["ReportResult"]["Status"] == "SUCCESS"
    run, task = told["TaskExecutionArn"].rpartition("/")[2], told["TaskExecutionArn"].split("/")[1]
    parts = {key.split(".")[1].split("-v1")[0]: key for key in transfer.keys(f"reports/Detailed-Reports/{task}/{run}/")}
    assert set(parts) == {"files-transferred", "files-verified"}
    transferred = transfer.document(parts["files-transferred"])["Transferred"]
    assert [(one["RelativePath"], one["TransferStatus"]) for one in transferred] == [
        ("/a", "SUCCESS"),
        ("/b", "SUCCESS"),
    ]
    (summary,) = transfer.keys(f"reports/Summary-Reports/{task}/{run}/")
    assert (transfer.document(summary)["ExecutionStatus"], transfer.document(summary)["FilesTransferred"]) == (
        "SUCCESS",
        2,
    )


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Events: the first file is being read; it may go on."""
    reading, goes_on, opened = threading.Event(), threading.Event(), FolderStore.open

    def waiting(store: FolderStore, path: str) -> AbstractContextManager[BinaryIO]:
        reading.set()
        assert goes_on.wait(10)
        return opened(store, path)

    monkeypatch.setattr(FolderStore, "open", waiting)
    yield reading, goes_on
    goes_on.set()


def test_a_second_execution_is_queued_and_either_can_be_cancelled(
    transfer: Transfer, held: tuple[threading.Event, threading.Event]
) -> None:
    for name in ("a", "b"):
        (transfer.folder / name).write_text(name)
    reading, goes_on = held
    task, start = transfer.task(), transfer.client.start_task_execution
    first, second, third = (start(TaskArn=task)["TaskExecutionArn"] for _ in range(3))
    assert reading.wait(10)
    statuses = {
        one["TaskExecutionArn"]: one["Status"]
        for one in transfer.client.list_task_executions(TaskArn=task)["TaskExecutions"]
    }
    assert (statuses[first], statuses[second]) == ("TRANSFERRING", "QUEUED")
    with pytest.raises(ClientError, match="execution in progress"):
        start(TaskArn=task, OverrideOptions={"TaskQueueing": "DISABLED"})
    for arn in (first, second):
        transfer.client.cancel_task_execution(TaskExecutionArn=arn)
    assert transfer.client.describe_task_execution(TaskExecutionArn=first)["Status"] == "CANCELLING"
    goes_on.set()
    ended = [transfer.wait(arn) for arn in (first, second, third)]
    assert [one["Status"] for one in ended] == ["ERROR", "ERROR", "SUCCESS"]
    assert (ended[0]["FilesTransferred"], ended[2]["FilesTransferred"]) == (1, 1)


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "all and remove": ("cannot be used", {"Options": {"TransferMode": "ALL", "PreserveDeletedFiles": "REMOVE"}}),
    "no schedule": ("Invalid schedule", {"Schedule": {"ScheduleExpression": "at(noon)"}}),
    "a fast schedule": ("faster than once an hour", {"Schedule": {"ScheduleExpression": "cron(0/30 * * * ? *)"}}),
    "enhanced mode": ("not supported locally", {"TaskMode": "ENHANCED"}),
}


@pytest.mark.parametrize(("said", "given"), REFUSED.values(), ids=REFUSED)
def test_a_task_that_would_not_act_is_refused(transfer: Transfer, said: str, given: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=said):
        transfer.task(**given)


def test_another_kind_of_location_is_refused_by_name(transfer: Transfer) -> None:
    with pytest.raises(ClientError, match="A location of the kind object storage is not supported locally"):
        transfer.client.create_location_object_storage(ServerHostname="h", BucketName="bucket", AgentArns=[AGENT])


def test_a_scheduled_task_runs_when_it_is_due(transfer: Transfer) -> None:
    (transfer.folder / "a").write_text("a")
    task = transfer.task(Schedule={"ScheduleExpression": "rate(1 hour)"})
    off = transfer.task(Schedule={"ScheduleExpression": "rate(1 hour)", "Status": "DISABLED"})
    found = {one.key: one for one in schedules.appointments()}
    assert off not in found
    due = found[task].following(found[task].since)
    assert due == found[task].since + timedelta(hours=1)
    for _ in range(5):
        found[task].fired(due)
    listed = transfer.client.list_task_executions(TaskArn=task)["TaskExecutions"]
    assert 1 <= len(listed) <= 5
    ended = [transfer.wait(one["TaskExecutionArn"]) for one in listed]
    assert (sum(one["FilesTransferred"] for one in ended), transfer.keys()) == (1, ["airlines/a"])
    transfer.client.update_task(TaskArn=task, Schedule={"ScheduleExpression": "rate(1 hour)", "Status": "DISABLED"})
    assert task not in {one.key for one in schedules.appointments()}


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
