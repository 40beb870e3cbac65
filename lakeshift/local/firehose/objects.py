"""From buffered records to the objects of one delivery. Pure.

The same buffer gives the same objects: a delivery repeated after a kill writes them again, and no record twice.

https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import string
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from lakeshift.local.firehose.destination import Destination
from lakeshift.local.firehose.prefix import Moment, PrefixError, error_prefix, object_prefix

__all__ = ["Batch", "Output", "Record", "outputs"]

_EXTRACTION: Final = "DynamicPartitioning.MetadataExtractionFailed"
_FAILED: Final = "processing-failed"
_TOGETHER: Final = 2000  # records in one run of jq
_PARTITIONS: Final = 500  # https://docs.aws.amazon.com/firehose/latest/dev/limits.html


@dataclass(frozen=True, slots=True)
class Record:
    """A record's bytes and its arrival in milliseconds since 1970."""

    data: bytes
    arrived: int


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of one delivery of one stream, under an ``identity`` that names its objects."""

    stream: str
    version: str
    identity: uuid.UUID
    records: list[Record]


@dataclass(frozen=True, slots=True)
class Output:
    """One object to write."""

    key: str
    body: bytes


def outputs(batch: Batch, destination: Destination) -> list[Output]:
    """One object a partition, records in order of arrival; and one of error documents where records failed."""
    groups: dict[str, list[Record]] = {}
    failures: list[dict[str, Any]] = []
    prefixes = _Prefixes(batch, destination)
    for record, keys in zip(batch.records, _keys(batch.records, destination), strict=True):
        try:
            prefix = prefixes.of(keys)
            if prefix not in groups and len(groups) >= _PARTITIONS and destination.partitioned:
                raise _FailedRecord("DynamicPartitioning.ActivePartitionsLimitExceeded", "Too many active partitions")
        except _FailedRecord as failed:
            failures.append(_document(record, failed))
            continue
        groups.setdefault(prefix, []).append(record)
    written = [_output(batch, destination, prefix, records) for prefix, records in groups.items()]
    if failures:
        written.append(_error_output(batch, destination, failures))
    return written


class _FailedRecord(Exception):  # noqa: N818 - one record's fate, not an error of ours
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


_Answer = dict[str, Any] | _FailedRecord


def _keys(records: list[Record], destination: Destination) -> list[_Answer]:
    """The answer of the jq query for each record: its keys, or why it has none."""
    if not (destination.partitioned and destination.query):
        return [{} for _ in records]
    answers: list[_Answer] = [_FailedRecord(_EXTRACTION, "Non JSON record provided") for _ in records]
    whole = [index for index, record in enumerate(records) if _is_json(record.data)]
    for start in range(0, len(whole), _TOGETHER):
        chosen = whole[start : start + _TOGETHER]
        told = _query(destination.query, [records[index].data for index in chosen])
        for index, answer in zip(chosen, told, strict=True):
            answers[index] = answer
    return answers


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data, parse_constant=_refuse_constant)
    except ValueError:
        return False
    return True


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _query(query: str, documents: list[bytes]) -> list[_Answer]:
    """One run of jq for many documents: starting it for each would take ten times as long."""
    import jq

    program = jq.compile(f"[.[] | (try [first({query})] catch [null, tostring])]")
    told = program.input_text("[" + ",".join(document.decode() for document in documents) + "]").first()
    return [_answer(one) for one in told]


def _answer(told: list[Any]) -> _Answer:
    if len(told) == 2:
        return _FailedRecord(_EXTRACTION, f"jq: {told[1]}")
    if not told or not isinstance(told[0], dict):
        return _FailedRecord(_EXTRACTION, "The query gave no object")
    return told[0]


class _Prefixes:
    """The prefix for a record's keys, evaluated once for the same keys."""

    def __init__(self, batch: Batch, destination: Destination) -> None:
        self._batch, self._destination = batch, destination
        self._known: dict[str, str] = {}

    def of(self, keys: _Answer) -> str:
        if isinstance(keys, _FailedRecord):
            raise keys
        identity = json.dumps(keys)
        if identity not in self._known:
            texts = {name: _text(name, value) for name, value in keys.items()}
            self._known[identity] = _prefix(self._batch, self._destination, texts)
        return self._known[identity]


def _text(name: str, value: Any) -> str:
    if value is None or value == "" or isinstance(value, dict | list):
        raise _FailedRecord(_EXTRACTION, f"partitionKeys values must not be null or empty: {name}")
    return value if isinstance(value, str) else json.dumps(value)


def _moment(batch: Batch, destination: Destination, keys: dict[str, str], error_type: str | None = None) -> Moment:
    oldest = datetime.fromtimestamp(batch.records[0].arrived / 1000, UTC).astimezone(destination.zone)
    seeded = random.Random(batch.identity.int)  # noqa: S311 - names, not secrets
    return Moment(oldest, lambda: "".join(seeded.choices(string.ascii_letters + string.digits, k=11)), keys, error_type)


def _prefix(batch: Batch, destination: Destination, keys: dict[str, str]) -> str:
    try:
        return object_prefix(destination.prefix, _moment(batch, destination, keys))
    except PrefixError as error:
        raise _FailedRecord(_EXTRACTION, str(error)) from error


def _name(batch: Batch, destination: Destination, prefix: str) -> str:
    at = datetime.fromtimestamp(batch.records[0].arrived / 1000, UTC).astimezone(destination.zone)
    return f"{batch.stream}-{batch.version}-{at:%Y-%m-%d-%H-%M-%S}-{uuid.uuid5(batch.identity, prefix)}"


def _output(batch: Batch, destination: Destination, prefix: str, records: list[Record]) -> Output:
    body = b"".join(part for record in records for part in (record.data, destination.delimiter))
    if destination.gzip:
        body = gzip.compress(body, mtime=0)
    return Output(prefix + _name(batch, destination, prefix) + destination.extension, body)


def _document(record: Record, failed: _FailedRecord) -> dict[str, Any]:
    return {
        "attemptsMade": 1,
        "arrivalTimestamp": record.arrived,
        "errorCode": failed.code,
        "errorMessage": str(failed),
        "attemptEndingTimestamp": record.arrived,
        "rawData": base64.b64encode(record.data).decode(),
    }


def _error_output(batch: Batch, destination: Destination, failures: list[dict[str, Any]]) -> Output:
    prefix = error_prefix(destination.prefix, destination.error_prefix, _moment(batch, destination, {}, _FAILED))
    body = "".join(_lines(failures)).encode()
    return Output(prefix + _name(batch, destination, prefix), body)


def _lines(documents: list[dict[str, Any]]) -> Iterator[str]:
    for document in documents:
        yield json.dumps(document) + "\n"
