"""The uploader: a repeated or interrupted upload is no second record."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from ingest.read_files import ReadFiles
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


def _settled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The record, for files whose last change lies behind by all that ReadFiles asks for."""
    monkeypatch.setattr("ingest.read_files._SETTLED", -60.0)
    return folder / "read.json"


def test_with_a_record_a_file_that_was_sent_is_not_opened_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = _settled(folder, monkeypatch)
    uploader = Uploader(FakeS3(), "raw", "ops")
    first = uploader.send("flights", files_by_day(folder), record=record)
    monkeypatch.setattr(ReadFiles, "read", lambda _, path: pytest.fail(f"{path} is read"))
    again = uploader.send("flights", files_by_day(folder), record=record)
    assert [(sent.key, sent.records, sent.bytes) for sent in again.files] == [
        (sent.key, sent.records, sent.bytes) for sent in first.files
    ]
    assert again.new_files == 0


def test_a_file_that_is_known_is_sent_all_the_same_where_its_object_is_gone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, s3 = _settled(folder, monkeypatch), FakeS3()
    Uploader(s3, "raw", "ops").send("flights", files_by_day(folder), record=record)
    emptied = FakeS3()
    batch = Uploader(emptied, "raw", "ops").send("flights", files_by_day(folder), record=record)
    assert (batch.new_files, batch.new_records) == (3, 6)
    assert emptied.raw() == s3.raw()


def test_what_changed_is_sent_beside_what_did_not(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record, s3 = _settled(folder, monkeypatch), FakeS3()
    uploader = Uploader(s3, "raw", "ops")
    uploader.send("flights", files_by_day(folder), record=record)
    changed = folder / "2013-01-02.jsonl"
    changed.write_bytes(changed.read_bytes().replace(b"2", b"5"))
    batch = uploader.send("flights", files_by_day(folder), record=record)
    assert [sent.new for sent in batch.files] == [False, True, False]
    assert len(s3.raw()) == 4
