"""From buffered records to the objects of one delivery. Pure.

The same buffer gives the same objects: a delivery repeated after a kill writes them again, and no record twice.

https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html
"""

from __future__ import annotations

import json
import random
import string
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from lakeshift.local.firehose.columnar import write
from lakeshift.local.firehose.deserialize import Column, rows
from lakeshift.local.firehose.destination import Destination
from lakeshift.local.firehose.failures import CONVERSION, PROCESSING, FailedRecord, Failure, Record, document
from lakeshift.local.firehose.partitions import EXTRACTION, Keys, key_texts, keys_of
from lakeshift.local.firehose.prefix import Moment, PrefixError, error_prefix, object_prefix
from lakeshift.local.firehose.processing import process

__all__ = ["Batch", "Output", "Schema", "outputs"]

_PARTITIONS: Final = 500  # https://docs.aws.amazon.com/firehose/latest/dev/limits.html


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of one delivery of one stream, under an ``identity`` that names its objects."""

    stream: str
    version: str
    identity: uuid.UUID
    records: list[Record]


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns to convert to, and the table as error documents tell of it."""

    columns: Sequence[Column] = ()
    table: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Output:
    """One object to write; ``failed`` is its error output type, None where it holds the records themselves."""

    key: str
    body: bytes
    records: int = 0
    encoding: str | None = None
    failed: str | None = None


def outputs(batch: Batch, destination: Destination, schema: Schema = Schema()) -> list[Output]:
    """One object a partition, records in order of arrival; and one of error documents for each kind of failure."""
    going, failures = process(batch.records, destination.steps)
    groups, unplaced = _grouped(batch, destination, going)
    failures += unplaced
    written: list[Output] = []
    for prefix, records in groups.items():
        body, taken, unconverted = _body(destination, records, schema)
        failures += unconverted
        if body:
            key = prefix + _name(batch, destination, prefix) + destination.extension
            written.append(Output(key, body, taken, destination.compression.encoding))
    return written + _error_outputs(batch, destination, failures, schema)


def _grouped(
    batch: Batch, destination: Destination, records: Sequence[Record]
) -> tuple[dict[str, list[Record]], list[Failure]]:
    groups: dict[str, list[Record]] = {}
    failures: list[Failure] = []
    prefixes = _Prefixes(batch, destination)
    keys = keys_of(records, destination.query if destination.partitioned else None)
    for record, found in zip(records, keys, strict=True):
        try:
            prefix = prefixes.of(found)
            if prefix not in groups and len(groups) >= _PARTITIONS and destination.partitioned:
                raise FailedRecord("DynamicPartitioning.ActivePartitionsLimitExceeded", "Too many active partitions")
        except FailedRecord as reason:
            failures.append(Failure(record, PROCESSING, reason))
            continue
        groups.setdefault(prefix, []).append(record)
    return groups, failures


def _body(destination: Destination, records: Sequence[Record], schema: Schema) -> tuple[bytes, int, list[Failure]]:
    """The object's bytes, how many records are in it, and those that could not be converted."""
    conversion = destination.conversion
    if conversion is None:
        plain = b"".join(part for record in records for part in (record.data, destination.delimiter))
        return (destination.compression.pack(plain) if plain else b""), len(records), []
    converted: list[dict[str, Any]] = []
    failures: list[Failure] = []
    for record in records:
        try:
            converted += rows(record.data, schema.columns, conversion.serde)
        except FailedRecord as reason:
            failures.append(Failure(record, CONVERSION, reason))
    body = write(converted, schema.columns, conversion.serializer) if converted else b""
    return body, len(records) - len(failures), failures


class _Prefixes:
    """The prefix for a record's keys, evaluated once for the same keys."""

    def __init__(self, batch: Batch, destination: Destination) -> None:
        self._batch, self._destination = batch, destination
        self._known: dict[str, str] = {}

    def of(self, keys: Keys) -> str:
        if isinstance(keys, FailedRecord):
            raise keys
        identity = json.dumps(keys)
        if identity not in self._known:
            self._known[identity] = _prefix(self._batch, self._destination, key_texts(keys))
        return self._known[identity]


def _moment(batch: Batch, destination: Destination, keys: dict[str, str], error_type: str | None = None) -> Moment:
    seeded = random.Random(batch.identity.int)  # noqa: S311 - names, not secrets
    return Moment(
        _oldest(batch, destination),
        lambda: "".join(seeded.choices(string.ascii_letters + string.digits, k=11)),
        keys,
        error_type,
    )


def _oldest(batch: Batch, destination: Destination) -> datetime:
    arrived = min(record.arrived for record in batch.records)
    return datetime.fromtimestamp(arrived / 1000, UTC).astimezone(destination.zone)


def _prefix(batch: Batch, destination: Destination, keys: dict[str, str]) -> str:
    try:
        return object_prefix(destination.prefix, _moment(batch, destination, keys))
    except PrefixError as error:
        raise FailedRecord(EXTRACTION, str(error)) from error


def _name(batch: Batch, destination: Destination, prefix: str) -> str:
    at = _oldest(batch, destination)
    return f"{batch.stream}-{batch.version}-{at:%Y-%m-%d-%H-%M-%S}-{uuid.uuid5(batch.identity, prefix)}"


def _error_outputs(batch: Batch, destination: Destination, failures: Sequence[Failure], schema: Schema) -> list[Output]:
    by_kind: dict[str, list[Failure]] = {}
    for failure in failures:
        by_kind.setdefault(failure.kind, []).append(failure)
    written = []
    for kind, failed in by_kind.items():
        prefix = error_prefix(destination.prefix, destination.error_prefix, _moment(batch, destination, {}, kind))
        body = "".join(document(failure, schema.table) for failure in failed).encode()
        key = prefix + _name(batch, destination, f"{kind}:{prefix}")
        written.append(Output(key, body, len(failed), failed=kind))
    return written
