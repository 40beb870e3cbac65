from __future__ import annotations

import base64
import gzip
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from lakeshift.local.clock import Clock
from lakeshift.local.firehose.destination import read
from lakeshift.local.firehose.failures import Record
from lakeshift.local.firehose.journal import Journal, Positions
from lakeshift.local.firehose.objects import Batch, Output, outputs
from lakeshift.local.firehose.source import Source, SourceError
from lakeshift.local.firehose.streams import Buffers, Outside, Stream
from tests.unit.firehose.test_destination import DYNAMIC, PLAIN, processor

ARRIVED = 1372914367000  # 2013-07-04T05:06:07Z


def batch(*data: bytes) -> Batch:
    return Batch("weather", "1", uuid.UUID(int=7), [Record(one, ARRIVED) for one in data])


def test_records_are_joined_in_order_under_the_name_that_aws_gives() -> None:
    (output,) = outputs(batch(b"a", b"b"), read({**PLAIN, "Prefix": "w/"}))
    assert output.body == b"ab"
    assert re.fullmatch(r"w/2013/07/04/05/weather-1-2013-07-04-05-06-07-[0-9a-f-]{36}", output.key)


def test_a_delimiter_follows_every_record_and_gzip_names_the_object() -> None:
    configuration = {**PLAIN, "CompressionFormat": "GZIP", **processor("AppendDelimiterToRecord", Delimiter="\\n")}
    (output,) = outputs(batch(b"a", b"b"), read(configuration))
    assert gzip.decompress(output.body) == b"a\nb\n"
    assert output.key.endswith(".gz")


def test_each_partition_is_an_object() -> None:
    written = outputs(batch(b'{"d": 1}', b'{"d": "x"}', b'{"d": 1, "n": 2}'), read(DYNAMIC))
    by_key = {one.key.split("/")[1]: one.body for one in written}
    assert by_key == {"1": b'{"d": 1}{"d": 1, "n": 2}', "x": b'{"d": "x"}'}


@pytest.mark.parametrize("data", [b"{", b"", b'{"e": 1}', b'{"d": null}', b'{"d": ""}', b'{"d": []}', b"[1]", b"1"])
def test_a_record_without_its_key_goes_to_the_errors_whole(data: bytes) -> None:
    good, bad = outputs(batch(b'{"d": 1}', data), read(DYNAMIC))
    assert good.body == b'{"d": 1}'
    assert bad.key.startswith("e/processing-failed/weather-1-")
    document = json.loads(bad.body)
    assert base64.b64decode(document["rawData"]) == data
    assert document["errorCode"] == "DynamicPartitioning.MetadataExtractionFailed"
    assert document["arrivalTimestamp"] == ARRIVED


def test_more_partitions_than_the_limit_go_to_the_errors() -> None:
    written = outputs(batch(*(json.dumps({"d": n}).encode() for n in range(502))), read(DYNAMIC))
    failed = [json.loads(line) for line in written[-1].body.splitlines()]
    assert len(written) == 501
    assert [one["errorCode"] for one in failed] == ["DynamicPartitioning.ActivePartitionsLimitExceeded"] * 2


def test_a_repeated_delivery_writes_the_same_objects() -> None:
    again = [outputs(batch(b'{"d": 1}', b'{"d": 2}', b"bad"), read(DYNAMIC)) for _ in range(2)]
    assert again[0] == again[1]


class Bucket:
    """Objects by key, and failures to come."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.failures = 0

    def put(self, bucket: str, output: Output) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError(f"{bucket} is not there")
        self.objects[output.key] = output.body


def buffers(
    folder: Path,
    bucket: Bucket,
    configuration: dict[str, Any] = PLAIN,
    source: Source | None = None,
    clock: Clock | None = None,
) -> tuple[Buffers, Stream]:
    stream = Stream("weather", "1", read(configuration), source)
    sourced = ("weather",) if source else ()
    return Buffers(folder, Outside(bucket.put, lambda _: stream, lambda: sourced, clock=clock or Clock())), stream


def test_a_flush_delivers_once(tmp_path: Path) -> None:
    bucket = Bucket()
    made, stream = buffers(tmp_path, bucket)
    made.append(stream, [b"a"])
    made.append(stream, [b"b"])
    assert made.flush("weather").records == 2
    assert made.flush("weather").records == 0
    assert list(bucket.objects.values()) == [b"ab"]
    assert not list(tmp_path.rglob("*.journal"))


def test_what_a_killed_server_accepted_is_delivered_by_the_next(tmp_path: Path) -> None:
    killed, stream = buffers(tmp_path, Bucket())
    killed.append(stream, [b"a", b"b"])
    bucket = Bucket()
    following, _ = buffers(tmp_path, bucket)
    following.restore()
    assert following.flush("weather").records == 2
    assert list(bucket.objects.values()) == [b"ab"]


def test_a_batch_cut_off_by_a_kill_was_never_accepted(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path)
    journal.append([b"whole"], 1.0)
    journal.append([b"cut off"], 1.0)
    content = journal.path.read_bytes()
    for end in range(len(content) - len(b"cut off") - 20, len(content)):
        journal.path.write_bytes(content[:end])
        restored = Journal(journal.path)
        restored.append([b"next"], 1.0)
        assert [record.data for record in restored.records()] == [b"whole", b"next"]


def test_a_delivery_that_fails_half_way_is_repeated_without_doubling(tmp_path: Path) -> None:
    bucket = Bucket()
    made, stream = buffers(tmp_path, bucket, DYNAMIC)
    made.append(stream, [b'{"d": 1}', b'{"d": 2}'])
    bucket.failures = 1
    with pytest.raises(ConnectionError):
        made.flush("weather")
    assert made.flush("weather").records == 2
    assert sorted(bucket.objects.values()) == [b'{"d": 1}', b'{"d": 2}']


def test_a_full_buffer_is_closed_and_the_next_record_begins_another(tmp_path: Path) -> None:
    bucket = Bucket()
    made, stream = buffers(tmp_path, bucket, {**PLAIN, "BufferingHints": {"SizeInMBs": 1}})
    made.append(stream, [b"x" * 1024 * 1024])
    made.append(stream, [b"y"])
    assert made.flush("weather").objects == 2
    assert sorted(len(body) for body in bucket.objects.values()) == [1, 1024 * 1024]


def test_a_deleted_streams_records_are_dropped(tmp_path: Path) -> None:
    bucket = Bucket()
    made, stream = buffers(tmp_path, bucket)
    made.append(stream, [b"a"])
    made.forget("weather")
    assert made.flush("weather").records == 0


def test_a_buffer_waits_for_its_interval_by_the_clock(tmp_path: Path) -> None:
    bucket, clock = Bucket(), Clock()
    made, stream = buffers(tmp_path, bucket, clock=clock)
    made.append(stream, [b"a"])
    clock.advance(299)
    made.look()
    assert bucket.objects == {}
    clock.advance(1)
    made.look()
    assert list(bucket.objects.values()) == [b"a"]


def test_a_delivery_that_fails_is_tried_again_for_a_day_and_then_put_aside_with_its_reason(tmp_path: Path) -> None:
    bucket, clock = Bucket(), Clock()
    made, stream = buffers(tmp_path, bucket, clock=clock)
    made.append(stream, [b"a"])
    bucket.failures = 10**6
    for passed in (300, 12 * 3600, 12 * 3600 - 2):
        clock.advance(passed)
        made.look()
        assert list(tmp_path.glob("weather/*.journal"))
    clock.advance(10)
    made.look()
    (aside,) = tmp_path.glob("weather/expired/*.journal")
    assert [record.data for record in Journal(aside).records()] == [b"a"]
    assert aside.with_suffix(".reason").read_text() == "ConnectionError: raw is not there"
    bucket.failures = 0
    made.append(stream, [b"b"])
    assert made.flush("weather").records == 1


def test_a_failing_delivery_succeeds_once_the_bucket_is_back(tmp_path: Path) -> None:
    bucket, clock = Bucket(), Clock()
    made, stream = buffers(tmp_path, bucket, clock=clock)
    made.append(stream, [b"a"])
    bucket.failures = 1
    clock.advance(300)
    made.look()
    clock.advance(6)
    made.look()
    assert list(bucket.objects.values()) == [b"a"]


class Shard:
    """A source of one shard, given as its records."""

    def __init__(self, *records: bytes) -> None:
        self.records = list(records)
        self.gone = False

    def latest(self) -> Positions:
        return {"shard": str(len(self.records))}

    def read(self, after: Positions) -> tuple[list[Record], Positions]:
        if self.gone:
            raise SourceError("The Kinesis stream is not there.")
        start = int(after.get("shard", 0))
        found = [Record(data, ARRIVED, str(start + n)) for n, data in enumerate(self.records[start:], 1)]
        return found, self.latest()


def test_a_source_is_read_from_where_it_ended_at_creation(tmp_path: Path) -> None:
    bucket, shard = Bucket(), Shard(b"before")
    made, _ = buffers(tmp_path, bucket, source=shard)
    made.begin("weather", shard)
    shard.records += [b"a", b"b"]
    assert made.flush("weather").records == 2
    shard.records += [b"c"]
    assert made.flush("weather").records == 1
    assert sorted(bucket.objects.values()) == [b"ab", b"c"]


@pytest.mark.parametrize("killed", ["before reading", "after reading", "after writing", "after delivery"])
def test_a_source_is_read_once_whenever_the_server_is_killed(tmp_path: Path, killed: str) -> None:
    bucket, shard = Bucket(), Shard()
    made, _ = buffers(tmp_path, bucket, source=shard)
    made.begin("weather", shard)
    shard.records += [b"a", b"b"]
    if killed != "before reading":
        made.look()
    if killed == "after writing":
        kept = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
        made.flush("weather")
        for path, content in kept.items():
            path.write_bytes(content)
    if killed == "after delivery":
        made.flush("weather")
    following, _ = buffers(tmp_path, bucket, source=shard)
    following.restore()
    shard.records.append(b"c")
    following.flush("weather")
    assert "".join(sorted(body.decode() for body in bucket.objects.values())) == "abc"


def test_a_source_that_is_gone_stops_nothing_that_was_read(tmp_path: Path) -> None:
    bucket, shard, clock = Bucket(), Shard(), Clock()
    made, _ = buffers(tmp_path, bucket, source=shard, clock=clock)
    made.begin("weather", shard)
    shard.records += [b"a"]
    made.look()
    shard.gone = True
    for _ in range(2):
        clock.advance(300)
        made.look()
    shard.gone = False
    clock.advance(6)
    made.look()
    assert list(bucket.objects.values()) == [b"a"]


def test_a_forgotten_stream_of_the_same_name_begins_anew(tmp_path: Path) -> None:
    bucket, shard = Bucket(), Shard()
    made, _ = buffers(tmp_path, bucket, source=shard)
    made.begin("weather", shard)
    shard.records += [b"a"]
    made.look()
    made.forget("weather")
    made.begin("weather", shard)
    shard.records += [b"b"]
    made.flush("weather")
    assert list(bucket.objects.values()) == [b"b"]
