"""Send readings of a spool file to a Firehose stream, from where the last call stopped.

``python -m ingest.readings --stream S SPOOL`` keeps its place in ``SPOOL.position``. The place is written after the
service took a batch, so a kill in between sends that batch again: at least once, as every producer of a stream; the
job that reads the records knows a reading by its station and hour.

A record that can never get in goes to ``SPOOL.rejected`` with its reason. Where the stream keeps refusing, sending ends
with SendError and the place is kept; with ``--dead-letter`` those records go to that file and sending goes on.
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

from ingest.producer import Refused, batches, put_batch
from ingest.retry import Retry

__all__ = ["SendError", "main", "send_readings"]

_BATCH: Final = 500  # https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
_ATTEMPTS: Final = 6
_LARGEST: Final = 1000 * 1024


class SendError(RuntimeError):
    """The stream kept refusing records."""


def send_readings(
    firehose: Any,
    stream: str,
    spool: Path,
    progress: Callable[[int], None] = lambda _: None,
    pause: Callable[[float], None] = time.sleep,
    dead_letter: Path | None = None,
) -> int:
    """Send every line after the kept place; returns how many got in. Raises SendError."""
    mark = spool.with_suffix(spool.suffix + ".position")
    start = int(mark.read_text()) if mark.exists() else 0
    retry = Retry(attempts=_ATTEMPTS, first=0.1, pause=pause)
    sent = 0
    with spool.open("rb") as lines:
        lines.seek(start)
        for chunk in _chunks(lines):
            refused = _send(firehose, stream, [line.rstrip(b"\n") for line in chunk], retry)
            _put_aside(spool, stream, refused, dead_letter)
            start += sum(map(len, chunk))
            _keep(mark, start)
            sent += len(chunk) - len(refused)
            progress(len(chunk))
    return sent


def _chunks(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    while chunk := list(islice(lines, _BATCH)):
        yield chunk


def _send(firehose: Any, stream: str, records: list[bytes], retry: Retry) -> list[Refused]:
    return [one for batch in batches(records) for one in put_batch(firehose, stream, batch, retry)]


def _put_aside(spool: Path, stream: str, refused: list[Refused], dead_letter: Path | None) -> None:
    """Write down what never gets in; raises SendError for what may, later, where no other place is given for it."""
    later = [one for one in refused if len(one.record) <= _LARGEST]
    if later and dead_letter is None:
        raise SendError(
            f"{len(later)} readings were refused {_ATTEMPTS} times by stream {stream} ({later[0].reason}); "
            "run it again later."
        )
    _write_down(spool.with_suffix(spool.suffix + ".rejected"), [one for one in refused if one not in later])
    if dead_letter is not None:
        _write_down(dead_letter, later)


def _write_down(file: Path, refused: list[Refused]) -> None:
    if refused:
        with file.open("a", encoding="utf-8") as out:
            for one in refused:
                out.write(json.dumps({"record": one.record.decode(errors="replace"), "reason": one.reason}) + "\n")


def _keep(mark: Path, position: int) -> None:
    part = mark.with_suffix(".part")
    part.write_text(str(position))
    part.replace(mark)


def main(arguments: list[str] | None = None) -> int:
    """Command line; prints one line of JSON with what was sent."""
    import boto3

    parser = argparse.ArgumentParser(prog="ingest.readings", description="Send readings to a Firehose stream.")
    parser.add_argument("--stream", required=True)
    parser.add_argument("--dead-letter", type=Path, help="file for records that the stream keeps refusing")
    parser.add_argument("spool", type=Path)
    given = parser.parse_args(arguments)
    firehose = boto3.client("firehose")
    records = send_readings(firehose, given.stream, given.spool, dead_letter=given.dead_letter)
    sys.stdout.write(json.dumps({"records": records}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
