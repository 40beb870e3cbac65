"""objectCount, sizeKey, recordCount and averageRecordSize as the crawler estimates them.

The estimate reproduces published tables to the digit, including those where it is far from the true count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["FileCount", "Statistics", "fold"]


@dataclass(frozen=True, slots=True)
class FileCount:
    """One object: ``size`` in bytes as stored; ``average`` bytes a record; ``exact`` records where a footer says."""

    size: int
    average: int
    exact: int | None = None

    @classmethod
    def sampled(cls, size: int, sample: int, records: int) -> FileCount:
        """From ``records`` decoded in the first ``sample`` bytes (of the uncompressed content)."""
        return cls(size, max(1, sample // max(1, records)))

    @property
    def records(self) -> int:
        """Records of the object: the footer's number, or the size over the sampled average, at least 1."""
        return self.exact if self.exact is not None else max(1, self.size // self.average)


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a table's or partition's parameters say of its objects."""

    objects: int
    size: int
    records: int
    average: int

    def parameters(self) -> dict[str, str]:
        """As table parameters."""
        return {
            "averageRecordSize": str(self.average),
            "objectCount": str(self.objects),
            "recordCount": str(self.records),
            "sizeKey": str(self.size),
        }


def fold(files: Iterable[FileCount]) -> Statistics:
    """Fold objects in key order: each step takes the floor of the weighted average, as AWS's numbers show."""
    objects = size = records = average = 0
    for file in files:
        count = file.records
        if records + count:
            average = (average * records + file.average * count) // (records + count)
        objects, size, records = objects + 1, size + file.size, records + count
    return Statistics(objects, size, records, average)
