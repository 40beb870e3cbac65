"""Records to a Firehose stream in batches: refused ones again, and those that stay refused told with their reason.

Sent at least once: a batch whose answer was lost is sent again. Whoever reads the records knows an event by its id, not
by its place: what was refused arrives later.

https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ingest.retry import Retry, aws_verdict

__all__ = ["Refused", "batches", "put_batch"]

_RECORDS: Final = 500
_RECORD: Final = 1000 * 1024
_REQUEST: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that did not get in, and why."""

    record: bytes
    reason: str


def batches(records: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Batches within the limits of one request; a record that is too large for any is a batch of its own."""
    batch: list[bytes] = []
    size = 0
    for record in records:
        if batch and (len(batch) == _RECORDS or size + len(record) > _REQUEST or len(record) > _RECORD):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += len(record)
        if len(record) > _RECORD:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def put_batch(firehose: Any, stream: str, records: Sequence[bytes], retry: Retry) -> list[Refused]:
    """Send one batch; returns the records that were refused each time.

    Raises GaveUpError where the service itself does not answer, and its errors where another try would not help.
    """
    if len(records) == 1 and len(records[0]) > _RECORD:
        return [Refused(records[0], f"the record has {len(records[0])} bytes; {_RECORD} are allowed")]
    left = [Refused(record, "") for record in records]
    for attempt in range(1, retry.attempts + 1):
        left = _once(firehose, stream, [one.record for one in left], retry)
        if not left:
            return []
        if attempt < retry.attempts:
            retry.wait(attempt)
    return left


def _once(firehose: Any, stream: str, records: list[bytes], retry: Retry) -> list[Refused]:
    asked = [{"Data": record} for record in records]
    answer = retry.run(
        f"Sending to stream {stream}",
        lambda: firehose.put_record_batch(DeliveryStreamName=stream, Records=asked),
        aws_verdict,
    )
    if not answer["FailedPutCount"]:
        return []
    told = zip(records, answer["RequestResponses"], strict=True)
    return [Refused(record, _reason(one)) for record, one in told if "ErrorCode" in one]


def _reason(response: dict[str, str]) -> str:
    return f"{response['ErrorCode']}: {response.get('ErrorMessage', '')}".removesuffix(": ")
