"""Streams: every record has a number of its own, stays where it is through resharding, and survives a kill."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lakeshift.local.kinesis.journal import Journal
from lakeshift.local.kinesis.stream import LocalStream


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    made = Journal(tmp_path / "kinesis")
    monkeypatch.setattr(LocalStream, "journal", made, raising=False)
    return made


def stream(shards: int = 2) -> LocalStream:
    return LocalStream("events", shards, None, None, "000000000000", "us-east-1")


def _data(made: LocalStream) -> list[str]:
    return sorted(record.data for shard in made.shards.values() for record in shard.records.values())


def _empty(made: LocalStream) -> LocalStream:
    """The stream as an old snapshot has it."""
    other = stream()
    other.creation_datetime = made.creation_datetime
    return other


def test_records_that_come_at_once_are_all_kept(journal: Journal) -> None:
    made = stream(1)

    def put(number: int) -> None:
        for n in range(50):
            made.put_record("k", "", f"{number}-{n}")

    threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(_data(made)) == 400


def test_a_parent_keeps_its_records_and_its_children_take_the_new_ones(journal: Journal) -> None:
    made = stream(1)
    (parent,) = made.shards
    made.put_record("k", "", "before")
    made.split_shard(parent, str(2**127))
    made.put_record("k", "", "between")
    children = [shard_id for shard_id in made.shards if shard_id != parent]
    made.merge_shards(*children)
    made.put_record("k", "", "after")
    kept = {shard_id: [record.data for record in shard.records.values()] for shard_id, shard in made.shards.items()}
    assert kept[parent] == ["before"]
    assert sorted(data for child in children for data in kept[child]) == ["between"]
    assert [data for shard_id, found in kept.items() for data in found if shard_id not in (parent, *children)] == [
        "after"
    ]


def test_what_a_snapshot_lacks_is_taken_from_the_journal(journal: Journal) -> None:
    made = stream()
    for n in range(10):
        made.put_record(str(n), "", f"data-{n}")
    found = _empty(made)
    assert journal.restore({"events": found}) == 10
    assert _data(found) == _data(made)
    assert journal.restore({"events": found}) == 0


def test_a_line_that_was_cut_off_was_never_acknowledged(journal: Journal, tmp_path: Path) -> None:
    made = stream()
    for n in range(2):
        made.put_record("k", "", f"data-{n}")
    path = tmp_path / "kinesis" / "events.jsonl"
    path.write_bytes(path.read_bytes()[:-5])
    found = _empty(made)
    assert journal.restore({"events": found}) == 1


def test_a_stream_made_anew_does_not_get_the_records_of_the_old_one(journal: Journal) -> None:
    stream().put_record("k", "", "old")
    anew = stream()
    assert journal.restore({"events": anew}) == 0
    assert journal.restore({}) == 0
