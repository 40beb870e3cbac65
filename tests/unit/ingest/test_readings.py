"""The producer: every reading is sent from the kept place on, and refused ones again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.readings import SendError, send_readings


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
            self.break_at = None
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
    with pytest.raises(ConnectionError):
        send_readings(stream, "s", spool)
    assert send_readings(stream, "s", spool) == 234
    assert stream.taken == _lines(spool)


def test_a_stream_that_keeps_refusing_is_told_and_the_place_is_kept(spool: Path) -> None:
    with pytest.raises(SendError, match="500 readings were refused 6 times by stream s"):
        send_readings(FakeStream(refuse=lambda *_: True), "s", spool, pause=lambda _: None)
    assert send_readings(FakeStream(), "s", spool) == 1_234
