"""Compressions, processors, and records of the Kinesis Producer Library."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import uuid
import zipfile
from collections import OrderedDict
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from lakeshift.crawler.snappy import hadoop_blocks
from lakeshift.local.firehose.compression import COMPRESSIONS
from lakeshift.local.firehose.destination import read
from lakeshift.local.firehose.failures import Record
from lakeshift.local.firehose.kpl import deaggregated
from lakeshift.local.firehose.objects import Batch, Output, outputs
from lakeshift.local.firehose.source import KinesisSource, SourceError
from tests.unit.firehose.test_destination import DYNAMIC, EXTRACT, PLAIN, processor

DATA = b"abcd" * 100_000


def _xerial(body: bytes) -> bytes:
    import pyarrow as pa

    assert body.startswith(b"\x82SNAPPY\x00\x00\x00\x00\x01\x00\x00\x00\x01")
    at, parts = 16, []
    while at < len(body):
        length = int.from_bytes(body[at : at + 4], "big")
        block = body[at + 4 : at + 4 + length]
        plain, shift = 0, 0
        for byte in block:
            plain |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        parts.append(pa.decompress(block, plain, codec="snappy", asbytes=True))
        at += 4 + length
    return b"".join(parts)


def _zipped(body: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        (name,) = archive.namelist()
        return archive.read(name)


PACKED: dict[str, Any] = {
    "UNCOMPRESSED": (lambda body: body, "", None),
    "GZIP": (gzip.decompress, ".gz", "gzip"),
    "ZIP": (_zipped, ".zip", "zip"),
    "Snappy": (_xerial, ".snappy", "snappy-java"),
    "HADOOP_SNAPPY": (lambda body: hadoop_blocks(body, 10**9)[0], ".snappy", "hadoop-snappy"),
}


@pytest.mark.parametrize("form", PACKED)
def test_a_compression_packs_the_object_and_names_it(form: str) -> None:
    unpack, extension, encoding = PACKED[form]
    (output,) = delivered({**PLAIN, "CompressionFormat": form}, DATA)
    assert unpack(output.body) == DATA
    assert (output.encoding, output.key.endswith(extension)) == (encoding, True)
    assert COMPRESSIONS[form].pack(DATA) == output.body


def delivered(configuration: dict[str, Any], *data: bytes) -> list[Output]:
    records = [Record(one, 1372914367000) for one in data]
    return outputs(Batch("logs", "1", uuid.UUID(int=7), records), read(configuration))


def test_a_file_extension_of_ones_own_replaces_the_default() -> None:
    (output,) = delivered({**PLAIN, "CompressionFormat": "GZIP", "FileExtension": ".json.gz"}, b"a")
    assert output.key.endswith(".json.gz")


def test_the_time_zone_is_that_of_prefix_and_name() -> None:
    (output,) = delivered({**PLAIN, "CustomTimeZone": "Asia/Tokyo"}, b"a")
    assert output.key.startswith("2013/07/04/14/logs-1-2013-07-04-14-06-07-")


def with_parts(**parameters: str) -> dict[str, Any]:
    parts = processor("RecordDeAggregation", **parameters)["ProcessingConfiguration"]["Processors"]
    line = processor("AppendDelimiterToRecord")["ProcessingConfiguration"]["Processors"]
    return {**DYNAMIC, "ProcessingConfiguration": {"Enabled": True, "Processors": [EXTRACT, *parts, *line]}}


def test_objects_that_follow_one_another_are_records_of_their_own() -> None:
    written = delivered(with_parts(SubRecordType="JSON"), b'{"d":1}{"d":2}\n{"d":1,"n":"}"}')
    assert sorted(output.body for output in written) == [b'{"d":1}\n{"d":1,"n":"}"}\n', b'{"d":2}\n']


def test_a_delimiter_parts_records() -> None:
    delimiter = base64.b64encode(b"####").decode()
    written = delivered(with_parts(SubRecordType="DELIMITED", Delimiter=delimiter), b'{"d":1}####{"d":2}####')
    assert sorted(output.body for output in written) == [b'{"d":1}\n', b'{"d":2}\n']


@pytest.mark.parametrize(
    "data", [b'[{"d":1}]', b'{"d":1}x', b'{"d":1}' * 501], ids=["a list", "rubbish", "501 records"]
)
def test_a_record_that_cannot_be_parted_goes_to_the_errors_whole(data: bytes) -> None:
    good, bad = delivered(with_parts(SubRecordType="JSON"), b'{"d":1}', data)
    assert good.body == b'{"d":1}\n'
    assert bad.key.startswith("e/processing-failed/")
    assert base64.b64decode(json.loads(bad.body)["rawData"]) == data


def logs(*messages: str, kind: str = "DATA_MESSAGE") -> bytes:
    events = [{"id": str(n), "timestamp": n, "message": message} for n, message in enumerate(messages)]
    return gzip.compress(json.dumps({"messageType": kind, "owner": "1", "logEvents": events}).encode())


def unpacking(*more: tuple[str, dict[str, str]]) -> dict[str, Any]:
    chosen = [("Decompression", {"CompressionFormat": "GZIP"}), *more]
    made = [processor(kind, **given)["ProcessingConfiguration"]["Processors"][0] for kind, given in chosen]
    return {
        **PLAIN,
        "ErrorOutputPrefix": "e/!{firehose:error-output-type}/",
        "ProcessingConfiguration": {"Enabled": True, "Processors": made},
    }


MESSAGES = ("CloudWatchLogProcessing", {"DataMessageExtraction": "true"})
LINES = ("AppendDelimiterToRecord", {"Delimiter": "\\n"})


def test_logs_are_unpacked() -> None:
    (output,) = delivered(unpacking(), logs("a"))
    assert json.loads(output.body)["logEvents"] == [{"id": "0", "timestamp": 0, "message": "a"}]


def test_only_the_messages_are_taken_out() -> None:
    (output,) = delivered(unpacking(MESSAGES, LINES), logs("a", "b"), logs("c"))
    assert output.body == b"a\nb\nc\n"


def test_a_control_message_has_none() -> None:
    assert delivered(unpacking(MESSAGES), logs("Checking health", kind="CONTROL_MESSAGE")) == []


def test_what_is_not_packed_goes_to_the_errors_as_it_came() -> None:
    good, bad = delivered(unpacking(MESSAGES, LINES), b"plain", logs("a"))
    assert (good.body, bad.key.startswith("e/decompression-failed/")) == (b"a\n", True)
    assert base64.b64decode(json.loads(bad.body)["rawData"]) == b"plain"


def test_what_is_unpacked_but_no_log_goes_to_the_errors_packed() -> None:
    packed = gzip.compress(b"[]")
    (bad,) = delivered(unpacking(MESSAGES), packed)
    assert bad.key.startswith("e/processing-failed/")
    assert base64.b64decode(json.loads(bad.body)["rawData"]) == packed


def aggregated(*records: bytes) -> bytes:
    """As the library writes it: keys, then for each record its key's index and its bytes."""
    inner = [b"\x08\x00\x1a" + bytes([len(one)]) + one for one in records]
    body = b"\x0a\x01k" + b"".join(b"\x1a" + bytes([len(one)]) + one for one in inner)
    return b"\xf3\x89\x9a\xc2" + body + hashlib.md5(body, usedforsecurity=False).digest()


def test_aggregated_records_are_taken_apart() -> None:
    assert deaggregated(aggregated(b"a", b"", b"bc")) == [b"a", b"", b"bc"]


@pytest.mark.parametrize("data", [b"plain", b"", aggregated(b"a")[:-1], b"\xf3\x89\x9a\xc2" + b"x" * 20])
def test_any_other_record_stays_itself(data: bytes) -> None:
    assert deaggregated(data) == [data]


class FakeStream:
    """A Kinesis stream as moto holds it."""

    def __init__(self, *shards: list[bytes], created: int = 2013) -> None:
        self.creation_datetime = datetime(created, 1, 1, tzinfo=UTC)
        self.shards = {f"shard-{n}": self._shard(records) for n, records in enumerate(shards)}

    @staticmethod
    def _shard(records: list[bytes]) -> Any:
        held = OrderedDict(
            (n, SimpleNamespace(data=base64.b64encode(data), sequence_number=n, created_at=1.5))
            for n, data in enumerate(records, 1)
        )
        return SimpleNamespace(records=held, get_max_sequence_number=lambda: next(reversed(held), 0))


def _read(stream: FakeStream | None, after: dict[str, str]) -> tuple[list[bytes], dict[str, str]]:
    records, positions = KinesisSource("s", lambda _: stream).read(after)
    return [record.data for record in records], positions


def test_a_source_gives_what_came_after_a_position_of_every_shard() -> None:
    start = KinesisSource("s", lambda _: FakeStream([b"a"], [])).latest()
    found, positions = _read(FakeStream([b"a", b"b"], [b"c", aggregated(b"d", b"e")], [b"new shard"]), start)
    assert found == [b"b", b"c", b"d", b"e", b"new shard"]
    assert {name: at for name, at in positions.items() if name} == {"shard-0": "2", "shard-1": "2", "shard-2": "1"}


def test_a_stream_made_anew_is_read_from_its_start() -> None:
    start = KinesisSource("s", lambda _: FakeStream([b"a", b"b"])).latest()
    assert _read(FakeStream([b"c", b"d", b"e"], created=2014), start)[0] == [b"c", b"d", b"e"]


def test_a_shard_that_lost_its_end_with_a_kill_is_read_on() -> None:
    start = KinesisSource("s", lambda _: FakeStream([b"a", b"b", b"c"])).latest()
    found, positions = _read(FakeStream([b"a"]), start)
    assert found == []
    assert _read(FakeStream([b"a", b"d"]), positions)[0] == [b"d"]


def test_a_stream_that_is_gone_is_told() -> None:
    with pytest.raises(SourceError, match="The Kinesis stream s is not there"):
        _read(None, {})
