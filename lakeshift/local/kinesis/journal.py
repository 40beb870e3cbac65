"""Records of Kinesis streams, a line each, written before they are acknowledged.

The snapshot of a stream with many records follows a little later; what it lacks after a kill is taken from here.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from moto.core.utils import unix_time
from moto.kinesis.models import Record

__all__ = ["Journal"]


class Journal:
    """A file a stream below ``folder``; lines know which stream of a name they are of by its creation."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing = threading.Lock()

    def append(self, stream: Any, shard_id: str, record: Any) -> None:
        """Keep a record that the shard has taken."""
        line = {
            "created": stream.creation_datetime.isoformat(),
            "shard": shard_id,
            "sequence": record.sequence_number,
            "key": record.partition_key,
            "hash": record.explicit_hash_key,
            "data": record.data,
            "at": record.created_at_datetime.isoformat(),
        }
        with self._writing:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._path(stream.stream_name).open("ab", buffering=0) as file:
                file.write(json.dumps(line).encode() + b"\n")

    def restore(self, streams: Mapping[str, Any]) -> int:
        """Give each stream the records that it lacks; returns how many. Lines that are not needed any more go."""
        restored = 0
        for path in sorted(self._folder.glob("*.jsonl")) if self._folder.is_dir() else []:
            stream = streams.get(path.stem)
            lacking = [] if stream is None else list(self._lacking(path, stream))
            for line in lacking:
                shard = stream.shards[line["shard"]]  # type: ignore[union-attr]  # lines of no stream are none
                shard.records[line["sequence"]] = _record(line)
            self._rewrite(path, lacking)
            restored += len(lacking)
        return restored

    def _lacking(self, path: Path, stream: Any) -> Iterator[dict[str, Any]]:
        created = stream.creation_datetime.isoformat()
        for text in path.read_bytes().splitlines():
            try:
                line: dict[str, Any] = json.loads(text)
            except ValueError:
                continue  # cut off by a kill, so never acknowledged
            shard = stream.shards.get(line["shard"])
            if line["created"] == created and shard is not None and line["sequence"] not in shard.records:
                yield line

    def _rewrite(self, path: Path, lines: list[dict[str, Any]]) -> None:
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            file.writelines(json.dumps(line).encode() + b"\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def _path(self, stream: str) -> Path:
        return self._folder / f"{stream}.jsonl"


def _record(line: Mapping[str, Any]) -> Record:
    record = Record(line["key"], line["data"], line["sequence"], line["hash"])
    record.created_at_datetime = datetime.fromisoformat(line["at"])
    record.created_at = unix_time(record.created_at_datetime)
    return record
