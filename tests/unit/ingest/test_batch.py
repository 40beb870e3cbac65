"""Batches: stopped at any call, the rerun neither loses nor doubles a record; a repeated upload adds none."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.batch import Loader, Page
from ingest.files import FileSource, SourceStoppedError, files_in
from ingest.landing import Landing
from ingest.retry import Retry
from ingest.rows import Rules
from ingest.store import Store
from tests.unit.ingest.fake_s3 import FakeS3, service_error


class Clock:
    """A day later with each call of ``next_day``, a second later with each look."""

    def __init__(self) -> None:
        self.at = datetime(2013, 7, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def next_day(self) -> None:
        self.at += timedelta(days=1)


@dataclass(frozen=True)
class Numbers:
    """Pages of three numbers, after the number of the position."""

    count: int
    name: str = "numbers"
    resumes: bool = True
    asked: list[Any] = field(default_factory=list)

    def pages(self, position: Any) -> Iterator[Page]:
        self.asked.append(position)
        for start in range(position or 0, self.count, 3):
            end = min(start + 3, self.count)
            yield Page([b'{"n":%d}' % n for n in range(start, end)], end, end == self.count)


def loader(s3: FakeS3, clock: Clock | None = None, rules: Rules | None = None, packed: bool = False) -> Loader:
    store = Store(s3, Retry(attempts=2, pause=lambda _: None))
    return Loader(Landing(store, "raw", "ops", packed), rules or Rules(), clock or Clock())


class Killed(BaseException):
    """The process is gone: nothing catches it."""


CALLS = range(1, 24)


@pytest.mark.parametrize("resumes", [True, False], ids=["a source with places", "a source without"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("at", CALLS)
def test_a_run_killed_at_any_call_is_completed_by_the_next_without_loss_or_doubling(
    at: int, moment: str, resumes: bool
) -> None:
    s3, clock = FakeS3(), Clock()

    def kill(call: int) -> None:
        if call == at:
            raise Killed

    setattr(s3, moment, kill)
    source = Numbers(7, resumes=resumes)
    try:
        loader(s3, clock).run(source)
    except Killed:
        clock.next_day()
        loader(s3, clock).run(source)
    assert sorted(s3.loaded()) == sorted(b'{"n":%d}' % n for n in range(7))
    assert len(s3.manifests()) == 1
    assert sum(manifest["rows_out"] for manifest in s3.manifests()) == 7


@pytest.mark.parametrize("seed", range(8))
def test_a_throttled_s3_is_tried_again(seed: int) -> None:
    s3 = FakeS3()
    s3.before = lambda call: service_error("SlowDown", 503) if (call + seed) % 3 == 0 else None
    s3.after = lambda call: ConnectionResetError() if (call + seed) % 5 == 0 else None
    store = Store(s3, Retry(attempts=20, pause=lambda _: None))
    report = Loader(Landing(store, "raw", "ops"), Rules(), Clock()).run(Numbers(7))
    assert (report.rows_in, report.rows_out, report.rows_duplicate) == (7, 7, 0)
    assert len(s3.loaded()) == 7


def test_the_next_run_goes_on_after_the_last_complete_batch() -> None:
    s3, clock = FakeS3(), Clock()
    loader(s3, clock).run(Numbers(6))
    source = Numbers(8)
    report = loader(s3, clock).run(source)
    assert (source.asked, report.rows_in, report.rows_out) == ([6], 2, 2)
    windows = sorted((one["window"] for one in s3.manifests()), key=lambda window: window["to"])
    assert windows == [{"from": None, "to": 6}, {"from": 6, "to": 8}]


def test_a_stopped_run_goes_on_after_its_last_page() -> None:
    s3, clock, source = FakeS3(), Clock(), Numbers(9)
    seen: list[int] = []

    def stop(rows: int) -> None:
        seen.append(rows)
        if len(seen) == 2:
            raise Killed

    with pytest.raises(Killed):
        Loader(loader(s3, clock).landing, Rules(), clock, stop).run(source)
    assert s3.manifests() == []
    report = loader(s3, clock).run(source)
    assert (source.asked, report.rows_in, report.rows_out) == ([None, 6], 9, 9)


def test_nothing_new_writes_no_manifest() -> None:
    s3, clock = FakeS3(), Clock()
    loader(s3, clock).run(Numbers(6))
    report = loader(s3, clock).run(Numbers(6))
    assert (report.rows_in, report.manifest, len(s3.manifests())) == (0, None, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = [json.dumps({"id": n, "at": f"2013-01-0{1 + n % 2}T00:00:00Z"}).encode() for n in range(4)]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"id": 9, "at": "2013-01-03"}\r\n\n'))
    return tmp_path


BY_DAY = Rules(("id",), "at")


def test_records_land_by_the_date_in_them_under_their_hash(folder: Path) -> None:
    s3 = FakeS3()
    report = loader(s3, rules=BY_DAY).run(FileSource("flights", files_in([folder])))
    assert (report.rows_in, report.rows_out, report.files) == (5, 5, 3)
    assert sorted(key.rpartition("/")[0] for key in s3.raw()) == [f"flights/2013/01/0{day}" for day in (1, 2, 3)]
    (manifest,) = s3.manifests()
    assert {file["key"].rpartition("/")[2].removesuffix(".json") for file in manifest["files"]} == {
        file["sha256"] for file in manifest["files"]
    }


@pytest.mark.parametrize("rules", [BY_DAY, Rules()], ids=["by a field", "by the day of loading"])
@pytest.mark.parametrize("again", ["the same files", "packed otherwise"])
def test_a_repeated_upload_on_a_later_day_is_no_second_record(folder: Path, rules: Rules, again: str) -> None:
    s3, clock = FakeS3(), Clock()
    loader(s3, clock, rules).run(FileSource("flights", files_in([folder])))
    before = s3.raw()
    clock.next_day()
    if again == "packed otherwise":
        (folder / "a.jsonl.gz").write_bytes(gzip.compress((folder / "a.jsonl").read_bytes()))
        (folder / "a.jsonl").unlink()
    report = loader(s3, clock, rules).run(FileSource("flights", files_in([folder])))
    assert (report.rows_in, report.rows_out, report.rows_duplicate) == (5, 0, 5)
    assert (s3.raw(), len(s3.manifests())) == (before, 1)


def test_a_poison_record_goes_to_the_rejected_with_its_reason_and_the_others_land(folder: Path) -> None:
    poison = [b"{", b"[1]", b'{"at": "2013-01-01"}', b'{"id": 1, "at": "soon"}', b'{"id":"\xff"}']
    (folder / "a.jsonl").write_bytes(b"\n".join([*poison, b'{"id": 1, "at": "2013-01-01"}']))
    s3 = FakeS3()
    report = loader(s3, rules=BY_DAY).run(FileSource("flights", files_in([folder])))
    assert (report.rows_in, report.rows_out, report.rows_rejected) == (7, 2, 5)
    (body,) = s3.under("ops", "rejected/flights/2013/07/04/").values()
    reasons = [json.loads(line)["reason"] for line in body.splitlines()]
    assert reasons[1:4] == ["no JSON object", "id is missing", "at starts with no date"]
    assert reasons[0].startswith("no JSON: ") and reasons[4].startswith("no JSON: ")


def test_a_packed_file_that_ends_half_way_is_told_and_a_rerun_loads_the_rest(folder: Path) -> None:
    whole = gzip.compress(b"".join(b'{"id":%d,"at":"2013-01-04"}\n' % n for n in range(5000)))
    (folder / "c.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    s3, clock = FakeS3(), Clock()
    with pytest.raises(SourceStoppedError, match=r"c\.jsonl\.gz is damaged or not whole"):
        loader(s3, clock, BY_DAY).run(FileSource("flights", files_in([folder])))
    assert s3.manifests() == []
    (folder / "c.jsonl.gz").write_bytes(whole)
    report = loader(s3, clock, BY_DAY).run(FileSource("flights", files_in([folder])))
    assert (report.rows_out, len(s3.loaded()), len(set(s3.loaded()))) == (5005, 5005, 5005)


def test_objects_are_packed_where_asked(folder: Path) -> None:
    s3 = FakeS3()
    loader(s3, rules=BY_DAY, packed=True).run(FileSource("flights", files_in([folder])))
    assert all(key.endswith(".json.gz") and gzip.decompress(body) for key, body in s3.raw().items())


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="neither a file nor a folder"):
        files_in([tmp_path / "none"])
