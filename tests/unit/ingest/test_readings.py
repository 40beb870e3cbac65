"""The producer: every reading is sent from the kept place on, and refused ones again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.producer import batches, put_batch
from ingest.readings import SendError, send_readings
from ingest.retry import GaveUpError, Retry
from tests.unit.ingest.fake_s3 import service_error


class FakeStream:
    """Takes batches; refuses records that ``refuse`` says, given the record and how often it came."""

    def __init__(self, refuse=lambda record, times: False, break_at: int | None = None) -> None:
        self.taken: list[bytes] = []
        self.batches: list[int] = []
        self.seen: dict[bytes, int] = {}
        self.refuse = refuse
        self.break_at = break_at

    def put_record_batch(self, DeliveryStreamName: str, Records: list[dict[str, bytes]]) -> dict[str, Any]:
        if self.break_at is not None and len(self.batches) == self.break_at:
            raise ConnectionError("the line is down")
        self.batches.append(len(Records))
        answers = []
        for record in (item["Data"] for item in Records):
            self.seen[record] = self.seen.get(record, 0) + 1
            if self.refuse(record, self.seen[record]):
                answers.append({"ErrorCode": "ServiceUnavailableException"})
            else:
                self.taken.append(record)
                answers.append({"RecordId": "1"})
        return {"FailedPutCount": sum("ErrorCode" in answer for answer in answers), "RequestResponses": answers}


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    path = tmp_path / "readings.jsonl"
    path.write_bytes(b"".join(b'{"n":%d}\n' % number for number in range(1_234)))
    return path


def _lines(spool: Path) -> list[bytes]:
    return spool.read_bytes().splitlines()


def test_every_line_is_sent_in_batches_of_at_most_500(spool: Path) -> None:
    stream = FakeStream()
    assert send_readings(stream, "s", spool) == 1_234
    assert (stream.taken, stream.batches) == (_lines(spool), [500, 500, 234])


def test_a_second_call_sends_only_what_was_added(spool: Path) -> None:
    stream = FakeStream()
    send_readings(stream, "s", spool)
    with spool.open("ab") as more:
        more.write(b'{"n":"new"}\n')
    assert send_readings(stream, "s", spool) == 1
    assert stream.taken[-1] == b'{"n":"new"}'


def test_refused_records_are_sent_again_and_only_they(spool: Path) -> None:
    stream = FakeStream(refuse=lambda record, times: record.endswith(b"7}") and times < 3)
    send_readings(stream, "s", spool, pause=lambda _: None)
    assert sorted(stream.taken) == sorted(_lines(spool))


def test_after_a_broken_line_the_next_call_goes_on_from_the_last_batch(spool: Path) -> None:
    stream = FakeStream(break_at=2)
    with pytest.raises(GaveUpError, match="Sending to stream s failed 6 times"):
        send_readings(stream, "s", spool, pause=lambda _: None)
    stream.break_at = None
    assert send_readings(stream, "s", spool) == 234
    assert stream.taken == _lines(spool)


def test_a_stream_that_keeps_refusing_is_told_and_the_place_is_kept(spool: Path) -> None:
    with pytest.raises(SendError, match=r"500 readings were refused 6 times by stream s \(ServiceUnavailableException"):
        send_readings(FakeStream(refuse=lambda *_: True), "s", spool, pause=lambda _: None)
    assert send_readings(FakeStream(), "s", spool) == 1_234


def test_what_stays_refused_goes_to_the_dead_letters_where_they_are_wanted(spool: Path, tmp_path: Path) -> None:
    stream, dead = FakeStream(refuse=lambda record, _: record.endswith(b"7}")), tmp_path / "dead.jsonl"
    sent = send_readings(stream, "s", spool, pause=lambda _: None, dead_letter=dead)
    letters = [json.loads(line) for line in dead.read_text().splitlines()]
    assert sent + len(letters) == 1_234
    assert sorted(stream.taken + [letter["record"].encode() for letter in letters]) == sorted(_lines(spool))
    assert {letter["reason"] for letter in letters} == {"ServiceUnavailableException"}
    assert send_readings(FakeStream(), "s", spool) == 0


def test_a_record_that_is_too_large_is_put_aside_and_the_others_are_sent(tmp_path: Path) -> None:
    spool, large = tmp_path / "readings.jsonl", b"x" * (1000 * 1024 + 1)
    spool.write_bytes(b"a\n" + large + b"\nb\n")
    stream = FakeStream()
    assert send_readings(stream, "s", spool) == 2
    assert stream.taken == [b"a", b"b"]
    (letter,) = [json.loads(line) for line in (tmp_path / "readings.jsonl.rejected").read_text().splitlines()]
    assert (letter["record"].encode(), letter["reason"]) == (large, "the record has 1024001 bytes; 1024000 are allowed")


def test_a_batch_keeps_within_the_bytes_of_a_request() -> None:
    sizes = [len(batch) for batch in batches([b"x" * 900_000] * 9)]
    assert sizes == [4, 4, 1]


def test_a_throttled_service_is_tried_again_with_growing_pauses() -> None:
    paused: list[float] = []
    retry = Retry(attempts=4, first=1.0, pause=paused.append, chance=lambda: 1.0)
    stream = Throttled(3)
    assert put_batch(stream, "s", [b"a"], retry) == []
    assert (stream.taken, paused) == ([b"a"], [1.0, 2.0, 4.0])


class Throttled(FakeStream):
    """Answers with ServiceUnavailableException for the first calls."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def put_record_batch(self, DeliveryStreamName: str, Records: list[dict[str, bytes]]) -> dict[str, Any]:
        if self.times:
            self.times -= 1
            raise service_error("ServiceUnavailableException", 503, "PutRecordBatch")
        return super().put_record_batch(DeliveryStreamName, Records)
