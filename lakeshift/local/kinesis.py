"""Kinesis streams that keep their records when they are resharded, as AWS's do: moto moves them to other shards.

https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.kinesis import models
from moto.utilities.utils import md5_hash

__all__ = ["LocalStream", "install"]


class LocalStream(models.Stream):
    """A parent shard keeps its records until they expire; only open shards take new ones."""

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


def install() -> None:
    """Make every new stream one of ours."""
    models.Stream = LocalStream
