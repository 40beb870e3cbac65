"""Send readings of a spool file to a Firehose stream, from where the last call stopped.

``python -m ingest.readings --stream S SPOOL`` keeps its place in ``SPOOL.position``. The place is written after the
service took a batch, so a kill in between sends that batch again: at least once, as every producer of a stream; the
job that reads the records knows a reading by its station and hour.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

__all__ = ["SendError", "main", "send_readings"]

_BATCH: Final = 500  # https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
_ATTEMPTS: Final = 6


class SendError(RuntimeError):
    """The stream kept refusing records."""


def send_readings(
    firehose: Any, stream: str, spool: Path, progress: Callable[[int], None] = lambda _: None,
    pause: Callable[[float], None] = time.sleep,
) -> int:  # fmt: skip
    """Send every line after the kept place; returns how many. Raises SendError."""
    mark = spool.with_suffix(spool.suffix + ".position")
    start = int(mark.read_text()) if mark.exists() else 0
    sent = 0
    with spool.open("rb") as lines:
        lines.seek(start)
        for batch in _batches(lines):
            _put(firehose, stream, [line.rstrip(b"\n") for line in batch], pause)
            start += sum(map(len, batch))
            _keep(mark, start)
            sent += len(batch)
            progress(len(batch))
    return sent


def _batches(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    while batch := list(islice(lines, _BATCH)):
        yield batch


def _put(firehose: Any, stream: str, records: list[bytes], pause: Callable[[float], None]) -> None:
    for attempt in range(_ATTEMPTS):
        answer = firehose.put_record_batch(DeliveryStreamName=stream, Records=[{"Data": record} for record in records])
        if not answer["FailedPutCount"]:
            return
        told = zip(records, answer["RequestResponses"], strict=True)
        records = [record for record, response in told if "ErrorCode" in response]
        pause(0.1 * 2**attempt)
    raise SendError(f"{len(records)} readings were refused {_ATTEMPTS} times by stream {stream}; run it again later.")


def _keep(mark: Path, position: int) -> None:
    part = mark.with_suffix(".part")
    part.write_text(str(position))
    part.replace(mark)


def main(arguments: list[str] | None = None) -> int:
    """Command line; prints one line of JSON with what was sent."""
    import boto3

    parser = argparse.ArgumentParser(prog="ingest.readings", description="Send readings to a Firehose stream.")
    parser.add_argument("--stream", required=True)
    parser.add_argument("spool", type=Path)
    given = parser.parse_args(arguments)
    records = send_readings(boto3.client("firehose"), given.stream, given.spool)
    sys.stdout.write(json.dumps({"records": records}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
