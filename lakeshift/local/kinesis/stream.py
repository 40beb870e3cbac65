"""Kinesis streams that keep their records when they are resharded, as AWS's do: moto moves them to other shards.

https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from moto.core.utils import unix_time
from moto.kinesis import models
from moto.utilities.utils import md5_hash

from lakeshift.local import clock
from lakeshift.local.kinesis.journal import Journal

__all__ = ["LocalStream"]


class LocalStream(models.Stream):
    """A parent shard keeps its records until they expire; only open shards take new ones.

    A record is in the journal before it is acknowledged. moto gives two records that come at once one number.
    """

    journal: ClassVar[Journal]
    _numbering: ClassVar[threading.RLock] = threading.RLock()

    def put_record(self, partition_key: str, explicit_hash_key: str, data: str) -> tuple[str, str]:
        """Take a record; returns its sequence number and shard."""
        with self._numbering:
            sequence, shard_id = super().put_record(partition_key, explicit_hash_key, data)
            record = self.shards[shard_id].records[int(sequence)]
            record.created_at_datetime = clock.now().replace(tzinfo=None)  # moto's times are UTC without saying so
            record.created_at = unix_time(record.created_at_datetime)
            self.journal.append(self, shard_id, record)
        return sequence, shard_id

    def get_shard_for_key(self, partition_key: str, explicit_hash_key: str) -> Any:
        """The open shard whose range holds the key's hash; raises moto's errors for a key that is none."""
        super().get_shard_for_key(partition_key, explicit_hash_key)
        told = explicit_hash_key or None
        key = int(told) if told else int(md5_hash(partition_key.encode()).hexdigest(), 16)
        open_shards = (shard for shard in self.shards.values() if shard.is_open)
        return next((shard for shard in open_shards if shard.starting_hash <= key <= shard.ending_hash), None)

    def split_shard(self, shard_to_split: str, new_starting_hash_key: str) -> None:
        """Close a shard and open two with its range."""
        with self._kept(shard_to_split):
            super().split_shard(shard_to_split, new_starting_hash_key)

    def merge_shards(self, shard_to_merge: str, adjacent_shard_to_merge: str) -> None:
        """Close two shards and open one with their range."""
        with self._kept(shard_to_merge, adjacent_shard_to_merge):
            super().merge_shards(shard_to_merge, adjacent_shard_to_merge)

    @contextmanager
    def _kept(self, *shard_ids: str) -> Iterator[None]:
        """The shards look empty for as long as moto would move their records."""
        held = {shard_id: self.shards[shard_id].records for shard_id in shard_ids if shard_id in self.shards}
        for shard_id in held:
            self.shards[shard_id].records = OrderedDict()
        try:
            yield
        finally:
            for shard_id, records in held.items():
                self.shards[shard_id].records = records
