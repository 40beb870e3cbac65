"""What Spark notes in its journal becomes versions and events, however late it is read."""

from __future__ import annotations

import itertools
import os
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import pytest

from lakeshift.lake import FolderLake
from lakeshift.local.s3.journal import JOURNAL_FOLDER, Change, JournalReader
from lakeshift.local.s3.ledger import Ledger
from lakeshift.local.server import LocalAws

_numbers = itertools.count()


class Jvm:
    """Does to the lake what the Java file system does, and notes it when told to."""

    def __init__(self, root: Path, bucket: str) -> None:
        self.root, self.bucket = root, bucket
        self.lines: list[str] = []
        self.millis = 1_800_000_000_000

    def put(self, key: str, body: bytes) -> None:
        file = self.root / self.bucket / key
        part = file.with_name(f".{uuid.uuid4().hex}.lakeshift-upload")
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(body)
        inode = part.stat().st_ino
        (self.root / ".versions" / self.bucket / str(inode)).hardlink_to(part)
        part.replace(file)
        self._line("put", key, inode)

    def delete(self, key: str) -> None:
        file = self.root / self.bucket / key
        inode = file.stat().st_ino
        file.unlink()
        self._line("delete", key, inode)

    def _line(self, verb: str, key: str, inode: int) -> None:
        self.lines.append(f"{verb}\t{self.bucket}\t{quote(key)}\t{inode}\t{self.millis}\n")

    def note(self) -> None:
        with (self.root / ".journal" / f"1-{self.bucket}.log").open("a") as journal:
            journal.write("".join(self.lines))
        self.lines = []


@pytest.fixture
def s3(local_aws: LocalAws) -> Any:
    return boto3.client("s3", endpoint_url=local_aws.endpoint)


@pytest.fixture
def jvm(local_aws: LocalAws, s3: Any) -> Jvm:
    bucket = f"journal-{uuid.uuid4().hex[:8]}-{next(_numbers)}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return Jvm(local_aws.state.buckets, bucket)


def _bodies(s3: Any, jvm: Jvm) -> list[bytes]:
    rows = s3.list_object_versions(Bucket=jvm.bucket).get("Versions", [])
    return [s3.get_object(Bucket=jvm.bucket, Key=row["Key"], VersionId=row["VersionId"])["Body"].read() for row in rows]


def test_versions_written_before_the_journal_is_read_are_all_kept(s3: Any, jvm: Jvm) -> None:
    for body in (b"1", b"2", b"3"):
        jvm.put("é k", body)
    jvm.note()
    assert _bodies(s3, jvm) == [b"3", b"2", b"1"]


def test_a_version_seen_before_its_line_is_read_is_not_doubled(s3: Any, jvm: Jvm) -> None:
    for body in (b"1", b"2", b"3"):
        jvm.put("k", body)
    assert _bodies(s3, jvm) == [b"3"]
    jvm.note()
    assert _bodies(s3, jvm) == [b"3", b"2", b"1"]
    assert s3.get_object(Bucket=jvm.bucket, Key="k")["Body"].read() == b"3"


@pytest.mark.parametrize("seen_early", [False, True], ids=["read in time", "seen before it is read"])
def test_a_removal_between_two_versions_leaves_its_marker(s3: Any, jvm: Jvm, seen_early: bool) -> None:
    jvm.put("k", b"1")
    jvm.delete("k")
    jvm.put("k", b"2")
    if seen_early:
        assert _bodies(s3, jvm) == [b"2"]
    jvm.note()
    assert sorted(_bodies(s3, jvm)) == [b"1", b"2"]
    listed = s3.list_object_versions(Bucket=jvm.bucket)
    assert len(listed["DeleteMarkers"]) == 1
    assert s3.get_object(Bucket=jvm.bucket, Key="k")["Body"].read() == b"2"


def test_a_line_read_twice_changes_nothing(s3: Any, jvm: Jvm) -> None:
    jvm.put("k", b"1")
    lines = list(jvm.lines)
    jvm.note()
    assert _bodies(s3, jvm) == [b"1"]
    jvm.lines = lines
    jvm.note()
    assert _bodies(s3, jvm) == [b"1"]


def test_half_a_line_waits_for_its_other_half(s3: Any, jvm: Jvm) -> None:
    jvm.put("k", b"1")
    jvm.put("k", b"2")
    journal = jvm.root / ".journal" / f"1-{jvm.bucket}.log"
    whole = "".join(jvm.lines)
    journal.write_text(whole[:-5])
    assert _bodies(s3, jvm) == [b"2", b"1"]
    journal.write_text(whole)
    assert _bodies(s3, jvm) == [b"2", b"1"]


@pytest.mark.parametrize(
    ("pid", "age", "kept"),
    [
        pytest.param("1", 3600, True, id="its JVM runs"),
        pytest.param("4194305", 3600, False, id="its JVM is gone"),
        pytest.param("4194305", 0, True, id="its JVM has only just gone"),
        pytest.param("odd", 3600, True, id="no process id in its name"),
    ],
)
def test_a_journal_that_was_read_goes_with_its_jvm(tmp_path: Path, pid: str, age: float, kept: bool) -> None:
    (tmp_path / JOURNAL_FOLDER).mkdir()
    file = tmp_path / JOURNAL_FOLDER / f"{pid}-x.log"
    file.write_text("put\tbkt\tk\t7\t1\n")
    when = time.time() - age
    os.utime(file, (when, when))
    told: list[Change] = []
    ledger = Ledger(tmp_path / "ledger.sqlite")
    reader = JournalReader(FolderLake(tmp_path), ledger, lambda _: None, told.append)
    for _ in range(3):
        reader.read()
    ledger.close()
    assert told == [Change(False, "bkt", "k", 7, 1)]
    assert file.exists() == kept
