"""Processors that make other records of a record, in the order in which Firehose applies them. Pure.

https://docs.aws.amazon.com/firehose/latest/dev/writing-with-cloudwatch-logs-decompression.html,
https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-multirecord-deaggergation.html
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from lakeshift.local.firehose.failures import DECOMPRESSION, PROCESSING, FailedRecord, Failure, Record

__all__ = ["Steps", "process"]

_MOST: Final = 500  # records in one record
_SPACE: Final = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Steps:
    """What is done with each record; ``delimiter`` parts a record that holds several, None means JSON."""

    decompress: bool = False
    extract_messages: bool = False
    deaggregate: bool = False
    delimiter: bytes | None = None


def process(records: Sequence[Record], steps: Steps) -> tuple[list[Record], list[Failure]]:
    """The records that go on, in order, and those that could not be processed."""
    going: list[Record] = []
    failed: list[Failure] = []
    for record in records:
        kind = DECOMPRESSION
        try:
            plain = _decompressed(record, steps)
            kind = PROCESSING
            going += [part for one in _messages(plain, steps) for part in _deaggregated(one, steps)]
        except FailedRecord as reason:
            failed.append(Failure(record, kind, reason))
    return going, failed


def _decompressed(record: Record, steps: Steps) -> Record:
    if not steps.decompress:
        return record
    try:
        return replace(record, data=gzip.decompress(record.data), raw=record.data)
    except (OSError, EOFError, zlib.error) as error:
        raise FailedRecord("Decompression.Failed", f"The record could not be decompressed: {error}") from error


def _messages(record: Record, steps: Steps) -> list[Record]:
    """A record for the message of each log event; a control message of CloudWatch Logs has none."""
    if not steps.extract_messages:
        return [record]
    try:
        document = json.loads(record.data)
        if document["messageType"] != "DATA_MESSAGE":
            return [replace(record, data=b"")]
        return [replace(record, data=str(event["message"]).encode()) for event in document["logEvents"]]
    except (ValueError, KeyError, TypeError) as error:
        text = "The decompressed record is no document of CloudWatch Logs"
        raise FailedRecord("CloudWatchLogProcessing.Failed", f"{text}: {error!r}") from error


def _deaggregated(record: Record, steps: Steps) -> list[Record]:
    if not steps.deaggregate:
        return [record]
    parts = _documents(record.data) if steps.delimiter is None else _parts(record.data, steps.delimiter)
    if len(parts) > _MOST:
        text = f"The record holds {len(parts)} records; deaggregation is capped at {_MOST}"
        raise FailedRecord("MultiRecordDeAggregation.TooManyRecords", text)
    return [replace(record, data=part) for part in parts]


def _parts(data: bytes, delimiter: bytes) -> list[bytes]:
    return [part for part in data.split(delimiter) if part]


def _documents(data: bytes) -> list[bytes]:
    decoder = json.JSONDecoder()
    found: list[bytes] = []
    try:
        text, at = data.decode(), 0
        while at < len(text):
            if text[at] in _SPACE:
                at += 1
                continue
            document, end = decoder.raw_decode(text, at)
            _check(document)
            found.append(text[at:end].encode())
            at = end
    except (ValueError, RecursionError) as error:
        text = f"The record is no sequence of JSON objects: {error}"
        raise FailedRecord("MultiRecordDeAggregation.InvalidJson", text) from error
    return found


def _check(document: Any) -> None:
    if not isinstance(document, dict):
        raise ValueError("only objects may follow one another")
