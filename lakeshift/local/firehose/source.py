"""A Kinesis stream as a source: read on from where the last read ended.

https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from lakeshift.local.firehose.failures import Record
from lakeshift.local.firehose.journal import Positions
from lakeshift.local.firehose.kpl import deaggregated

__all__ = ["KinesisSource", "Source", "SourceError"]

_CREATED: Final = ""  # the key under which positions tell which stream of that name they are of


class SourceError(LookupError):
    """The Kinesis stream is not there; the text names it."""


class Source(Protocol):
    """What a delivery stream needs of its source."""

    def latest(self) -> Positions:
        """The position after the newest record of each shard."""

    def read(self, after: Positions) -> tuple[list[Record], Positions]:
        """Every record after a position, in order a shard, and the position after them; raises SourceError."""


class KinesisSource:
    """The local Kinesis stream that ``find`` gives."""

    def __init__(self, name: str, find: Callable[[str], Any]) -> None:
        self._name, self._find = name, find

    def _stream(self) -> Any:
        found = self._find(self._name)
        if found is None:
            raise SourceError(f"The Kinesis stream {self._name} is not there.")
        return found

    def latest(self) -> Positions:
        """As Firehose begins: at the end of every shard."""
        stream = self._stream()
        ends = {shard_id: str(_newest(shard)) for shard_id, shard in stream.shards.items()}
        return {_CREATED: _identity(stream), **ends}

    def read(self, after: Positions) -> tuple[list[Record], Positions]:
        """A shard without a position, and a stream made anew under the name, are read from their first record.

        A shard that ends before its position lost records with a kill of the server; what comes next is read.
        """
        stream = self._stream()
        identity = _identity(stream)
        known = after if after.get(_CREATED) == identity else {}
        records: list[Record] = []
        positions: Positions = {_CREATED: identity}
        for shard_id, shard in list(stream.shards.items()):
            newest = _newest(shard)
            last = min(int(known.get(shard_id, 0)), newest)
            found = _after(shard.records, last)
            records += _records(found)
            positions[shard_id] = str(found[-1].sequence_number if found else last)
        return records, positions


def _identity(stream: Any) -> str:
    return str(stream.creation_datetime.isoformat())


def _newest(shard: Any) -> int:
    return int(shard.get_max_sequence_number())


def _after(records: Mapping[int, Any], last: int) -> list[Any]:
    found: list[Any] = []
    for sequence in reversed(list(records)):
        if sequence <= last:
            break
        found.append(records[sequence])
    return found[::-1]


def _records(found: Iterable[Any]) -> list[Record]:
    return [
        Record(data, int(one.created_at * 1000), str(one.sequence_number))
        for one in found
        for data in deaggregated(base64.b64decode(one.data))
    ]
