"""Where records land: ``<source>/yyyy/mm/dd/<sha256>.json[.gz]``, so that the same content is the same object.

What belongs to a batch is told by the objects themselves: each holds the batch that put it, so that a batch that was
stopped and goes on knows its own objects from those that were there before.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ingest.store import Store

__all__ = ["Landed", "Landing", "key_of", "key_of_hash"]

_BATCH: Final = "ingest-batch"
_LINES: Final = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Landed:
    """One object; ``new`` is False where another batch had put the same records."""

    key: str
    records: int
    bytes: int
    sha256: str
    new: bool


def key_of(source: str, day: date, content: bytes, suffix: str = ".json") -> str:
    """``<source>/yyyy/mm/dd/<sha256 of the content><suffix>``."""
    return key_of_hash(source, day, hashlib.sha256(content).hexdigest(), suffix)


def key_of_hash(source: str, day: date, sha256: str, suffix: str = ".json") -> str:
    """The same of content whose SHA-256 is known, as hexadecimal digits."""
    return f"{source}/{day:%Y/%m/%d}/{sha256}{suffix}"


@dataclass(frozen=True, slots=True)
class Landing:
    """Two buckets: ``raw`` takes the records, ``ops`` what is told of them."""

    store: Store
    raw: str
    ops: str
    packed: bool = False

    def put(self, source: str, day: date, lines: Sequence[bytes], batch: str) -> Landed:
        """Put lines under the day they belong to."""
        content = _joined(lines)
        return self._put(key_of(source, day, content, self._suffix), content, len(lines), batch)

    def put_once(self, source: str, day: date, lines: Sequence[bytes], batch: str) -> Landed:
        """Put lines that belong to no day under ``day``, the day of loading, or where they landed on an earlier day."""
        content = _joined(lines)
        key = key_of(source, day, content, self._suffix)
        claim = f"landed/{source}/{hashlib.sha256(content).hexdigest()}.json"
        self.store.put_new(self.ops, claim, json.dumps({"key": key}).encode(), {}, "application/json")
        held = self.store.read(self.ops, claim)
        return self._put(json.loads(held[0])["key"] if held else key, content, len(lines), batch)

    def reject(self, source: str, day: date, rejected: Sequence[tuple[bytes, str]], batch: str) -> Landed:
        """Put records that are none under ``rejected/`` with the reason of each."""
        lines = [json.dumps({"record": record.decode(errors="replace"), "reason": reason}).encode()
                 for record, reason in rejected]  # fmt: skip
        content = _joined(lines)
        key = f"rejected/{key_of(source, day, content)}"
        new = self._new(self.ops, key, content, batch)
        return Landed(key, len(lines), len(content), hashlib.sha256(content).hexdigest(), new)

    @property
    def _suffix(self) -> str:
        return ".json.gz" if self.packed else ".json"

    def _put(self, key: str, content: bytes, records: int, batch: str) -> Landed:
        body = gzip.compress(content, mtime=0) if self.packed else content
        new = self._new(self.raw, key, body, batch)
        return Landed(key, records, len(body), hashlib.sha256(content).hexdigest(), new)

    def _new(self, bucket: str, key: str, body: bytes, batch: str) -> bool:
        if self.store.put_new(bucket, key, body, {_BATCH: batch}, _LINES):
            return True
        return (self.store.metadata(bucket, key) or {}).get(_BATCH) == batch


def _joined(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)
