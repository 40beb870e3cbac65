"""The uploader: a repeated or interrupted upload is no second record."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from ingest.uploader import Uploader, files_by_day, key_of
from tests.unit.ingest.fake_s3 import FakeS3, service_error


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for day in (1, 2, 3):
        (tmp_path / f"2013-01-0{day}.jsonl").write_bytes(b'{"n": %d}\n' % day * day)
    (tmp_path / "notes.txt").write_text("not a day's file")
    return tmp_path


def test_each_days_file_lands_under_its_date_and_hash(folder: Path) -> None:
    s3 = FakeS3()
    batch = Uploader(s3, "raw", "ops").send("flights", files_by_day(folder))
    content = (folder / "2013-01-02.jsonl").read_bytes()
    assert s3.raw()[key_of("flights", date(2013, 1, 2), content)] == content
    assert (batch.new_files, batch.new_records) == (3, 6)


def test_a_second_upload_sends_nothing_and_writes_no_manifest(folder: Path) -> None:
    s3 = FakeS3()
    uploader = Uploader(s3, "raw", "ops")
    uploader.send("flights", files_by_day(folder))
    before = dict(s3.objects)
    again = uploader.send("flights", files_by_day(folder))
    assert (again.new_files, again.new_records, s3.objects) == (0, 0, before)


@pytest.mark.parametrize("broken", [1, 2, 3, 4], ids=["first file", "second file", "third file", "manifest"])
def test_after_a_failure_a_rerun_completes_without_loss_or_doubling(folder: Path, broken: int) -> None:
    s3 = FakeS3()
    s3.before = lambda call: service_error("AccessDenied", 403) if call == broken else None
    uploader = Uploader(s3, "raw", "ops")
    with pytest.raises(ClientError):
        uploader.send("flights", files_by_day(folder))
    uploader.send("flights", files_by_day(folder))
    assert sorted(s3.raw().values()) == sorted(path.read_bytes() for _, path in files_by_day(folder))


def test_the_manifest_names_the_new_files_with_their_records(folder: Path) -> None:
    s3 = FakeS3()
    Uploader(s3, "raw", "ops").send("flights", files_by_day(folder))
    (manifest,) = s3.manifests()
    assert [file["records"] for file in manifest["files"]] == [1, 2, 3]
    assert manifest["source"] == "flights"


def test_the_same_content_on_two_days_is_two_objects(tmp_path: Path) -> None:
    for name in ("2013-01-01.jsonl", "2013-01-02.jsonl"):
        (tmp_path / name).write_bytes(b"{}\n")
    assert Uploader(FakeS3(), "raw", "ops").send("flights", files_by_day(tmp_path)).new_files == 2
