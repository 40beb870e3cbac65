"""Upload files of records to the raw zone: content-hashed names, so that a repeated upload is no second record.

``python -m ingest.uploader --bucket B --source flights FOLDER`` sends every ``yyyy-mm-dd.jsonl`` of the folder to
``s3://B/flights/yyyy/mm/dd/<sha256>.json`` and writes a manifest of what it sent to ``s3://<ops bucket>/manifests/``.
With ``--record FILE`` the next call does not read again what it has sent and what has not changed since.
``python -m ingest files`` loads files of other names, with rules for their records and a checkpoint.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ingest.landing import key_of, key_of_hash
from ingest.read_files import ReadFiles
from ingest.store import Store

__all__ = ["Batch", "Sent", "Uploader", "files_by_day", "key_of", "main"]


@dataclass(frozen=True, slots=True)
class Sent:
    """One file in the raw zone; ``new`` is False where the same bytes were there before."""

    key: str
    records: int
    bytes: int
    new: bool
    sha256: str


@dataclass(slots=True)
class Batch:
    """All files of one call."""

    source: str
    files: list[Sent] = field(default_factory=list)

    @property
    def new_files(self) -> int:
        """Files that were not there before."""
        return sum(sent.new for sent in self.files)

    @property
    def new_records(self) -> int:
        """Records in the files that were not there before."""
        return sum(sent.records for sent in self.files if sent.new)


class Uploader:
    """Sends files to one bucket with an S3 client; safe to repeat and to interrupt anywhere."""

    def __init__(self, s3: Any, bucket: str, ops_bucket: str) -> None:
        self._s3 = s3
        self._store = Store(s3)
        self._bucket = bucket
        self._ops_bucket = ops_bucket

    def send(
        self,
        source: str,
        files: Iterable[tuple[date, Path]],
        progress: Callable[[Sent], None] = lambda _: None,
        record: Path | None = None,
    ) -> Batch:
        """Send each file that is not there yet; the manifest names the new ones, and none is written without any.

        ``record`` is where it is kept what was read (``ingest/read_files.py``): a file that has not changed since, and
        whose object is still there, is not opened. Without it every file is read and hashed on every call.
        """
        batch = Batch(source)
        there = set(self._keys(f"{source}/"))
        seen = ReadFiles(record)
        for day, path in files:
            told, content = seen.known(path), b""
            if told is None or key_of_hash(source, day, told.sha256) not in there:
                content, told = seen.read(path)
            key = key_of_hash(source, day, told.sha256)
            new = key not in there and self._store.put_new(self._bucket, key, content, {}, "application/x-ndjson")
            there.add(key)
            sent = Sent(key, told.lines, told.bytes, new, told.sha256)
            batch.files.append(sent)
            progress(sent)
        if batch.new_files:
            self._write_manifest(batch)
        seen.keep()
        return batch

    def _keys(self, prefix: str) -> Iterable[str]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
            yield from (item["Key"] for item in page.get("Contents", []))

    def _write_manifest(self, batch: Batch) -> None:
        entries = [asdict(sent) for sent in batch.files if sent.new]
        name = hashlib.sha256("".join(entry["key"] for entry in entries).encode()).hexdigest()
        body = {
            "source": batch.source,
            "sent_at": datetime.now(UTC).isoformat(),
            "rows_out": batch.new_records,
            "rows_duplicate": sum(sent.records for sent in batch.files) - batch.new_records,
            "files": entries,
        }
        key = f"manifests/{batch.source}/{name}.json"
        self._store.put_new(self._ops_bucket, key, json.dumps(body).encode(), {}, "application/json")


def files_by_day(folder: Path) -> list[tuple[date, Path]]:
    """The folder's ``yyyy-mm-dd.jsonl`` files with their days, in order of days."""
    return [(date.fromisoformat(path.stem), path) for path in sorted(folder.glob("????-??-??.jsonl"))]


def main(arguments: list[str] | None = None) -> int:
    """Command line; prints one line of JSON with what was sent."""
    import boto3

    parser = argparse.ArgumentParser(prog="ingest.uploader", description="Upload files of records to the raw zone.")
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--ops-bucket", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--record", type=Path, help="a file that keeps what was read, so that it is read once")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args(arguments)
    uploader = Uploader(boto3.client("s3"), given.bucket, given.ops_bucket)
    batch = uploader.send(given.source, files_by_day(given.folder), record=given.record)
    sys.stdout.write(json.dumps({"files": batch.new_files, "records": batch.new_records}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
