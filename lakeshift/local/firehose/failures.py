"""Records that could not be processed, and the documents that tell of them below the error prefix. Pure.

https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html#prefixes-firehose-namespace,
https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion-error-handling.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["CONVERSION", "DECOMPRESSION", "PROCESSING", "FailedRecord", "Failure", "Record", "document"]

PROCESSING: Final = "processing-failed"
CONVERSION: Final = "format-conversion-failed"
DECOMPRESSION: Final = "decompression-failed"


class FailedRecord(Exception):  # noqa: N818 - one record's fate, not an error of ours
    """Why a record has no place among the others."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Record:
    """A record's bytes and its arrival in milliseconds since 1970; ``sequence`` is the Kinesis stream's number.

    ``raw`` is what came in, where ``data`` was taken out of it.
    """

    data: bytes
    arrived: int
    sequence: str | None = None
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A record, the error output type it goes to, and why."""

    record: Record
    kind: str
    reason: FailedRecord


def document(failure: Failure, table: Mapping[str, Any] | None) -> str:
    """One line of an error object; ``table`` is what a format conversion wanted to write by."""
    record, converted = failure.record, failure.kind == CONVERSION
    code, message = ("lastErrorCode", "lastErrorMessage") if converted else ("errorCode", "errorMessage")
    told: dict[str, Any] = {
        "attemptsMade": 1,
        "arrivalTimestamp": record.arrived,
        code: failure.reason.code,
        message: str(failure.reason),
        "attemptEndingTimestamp": record.arrived,
        "rawData": base64.b64encode(record.data if record.raw is None else record.raw).decode(),
    }
    if converted:
        told |= {"sequenceNumber": record.sequence, "subSequenceNumber": None, "dataCatalogTable": table}
    return json.dumps(told) + "\n"
