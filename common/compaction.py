"""Small files of a catalog table made few: written beside it, counted, and swapped in by one catalog call a partition.

A reader that asks the catalog sees the old files or the new ones, never both and never none: the partition's (or the
table's) location is what is swapped. A run that is killed leaves files that nothing refers to, and the next one removes
them. Replaced files stay for a while, for readers that are at it. Tables that are read or written by path alone must
not be compacted so: their readers go on with the old files.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common.audit import AuditMismatchError
from common.objects import Objects, StoredObject

__all__ = ["Compaction", "Outcome", "Place", "Rewrite", "UnsupportedTableError", "is_worth_it", "places"]

FORMATS = ("parquet", "json")
ALLOWED = "compaction"  # the table's property, "allowed" where no reader and no writer goes by path
FROM, AT = "compacted_from", "compacted_at"  # parameters of a place whose files were replaced
_SUFFIX = ".compacted"
_TABLE_INPUT = (
    "Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters",
)  # fmt: skip
_PARTITION_INPUT = ("Values", "StorageDescriptor", "Parameters")

# (format, file URLs, target folder, number of files) → (rows, checksum) of what was read and of what was written
Rewrite = Callable[[str, Sequence[str], str, int], "tuple[tuple[int, int], tuple[int, int]]"]


class UnsupportedTableError(ValueError):
    """The table's format is none that is compacted here."""


@dataclass(frozen=True)
class Place:
    """A partition of the table, or the table itself where ``values`` is empty."""

    values: tuple[str, ...]
    location: str
    parameters: Mapping[str, str]


@dataclass
class Outcome:
    """What a run did; ``skipped`` are places whose files changed meanwhile."""

    rows: int = 0
    files_before: int = 0
    files_after: int = 0
    compacted: int = 0
    skipped: int = 0
    removed: int = 0


def is_worth_it(files: Sequence[StoredObject], target: int) -> bool:
    """Whether fewer files would hold the same bytes, and their average is below half of ``target`` bytes."""
    total = sum(item.size for item in files)
    return len(files) > math.ceil(total / target) and total / max(1, len(files)) < target / 2


def places(glue: Any, database: str, table: str) -> tuple[dict[str, Any], list[Place]]:
    """The table, and its partitions or itself."""
    found: dict[str, Any] = glue.get_table(DatabaseName=database, Name=table)["Table"]
    if not found.get("PartitionKeys"):
        return found, [_place((), found)]
    pages = glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=table)
    return found, [_place(tuple(one["Values"]), one) for page in pages for one in page["Partitions"]]


def _place(values: tuple[str, ...], found: Mapping[str, Any]) -> Place:
    location = str(found["StorageDescriptor"]["Location"]).rstrip("/")
    return Place(values, location, dict(found.get("Parameters") or {}))


class Compaction:
    """One run over one table; ``target`` are the bytes wanted of a file, ``kept`` how long replaced files stay."""

    def __init__(
        self, objects: Objects, glue: Any, rewrite: Rewrite, run_id: str, target: int, kept: timedelta
    ) -> None:
        self._objects, self._glue, self._rewrite = objects, glue, rewrite
        self._run, self._target, self._kept = run_id, target, kept

    def run(self, database: str, table: str, now: datetime) -> Outcome:
        """Compact what is worth it. Raises UnsupportedTableError, AuditMismatchError; nothing is swapped then."""
        outcome = Outcome()
        found, known = places(self._glue, database, table)
        kind = _format(found)
        root = _root(str(found["StorageDescriptor"]["Location"]))
        outcome.removed += self._remove_replaced(database, found, known, now)
        outcome.removed += self._remove_orphans(root, known, now)
        for place in known:
            if AT not in place.parameters:
                self._compact(database, found, place, kind, f"{root}/{self._run}", outcome, now)
        return outcome

    def _compact(
        self,
        database: str,
        table: Mapping[str, Any],
        place: Place,
        kind: str,
        folder: str,
        outcome: Outcome,
        now: datetime,
    ) -> None:
        files = list(self._objects.under(f"{place.location}/"))
        if not is_worth_it(files, self._target):
            return
        keys = [str(key["Name"]) for key in table.get("PartitionKeys") or []]
        target = "/".join([folder, *(f"{key}={value}" for key, value in zip(keys, place.values))])  # noqa: B905
        count = max(1, math.ceil(sum(item.size for item in files) / self._target))
        read, written = self._rewrite(kind, [item.url for item in files], target, count)
        if read != written:
            raise AuditMismatchError(
                f"{place.location} was not compacted: {read[0]} rows were read and {written[0]} written (checksums "
                f"{read[1]} and {written[1]}). The table is as it was."
            )
        if _names(files) != _names(self._objects.under(f"{place.location}/")):
            outcome.skipped += 1  # somebody wrote meanwhile: the next run takes it; what was written is an orphan
            return
        marks = {FROM: place.location, AT: now.isoformat()}
        self._point(database, table, place, target, {**place.parameters, **marks})
        outcome.rows += read[0]
        outcome.compacted += 1
        outcome.files_before += len(files)
        outcome.files_after += count

    def _point(
        self, database: str, table: Mapping[str, Any], place: Place, location: str, parameters: Mapping[str, str]
    ) -> None:
        """The swap: one call."""
        if not place.values:
            given = {key: table[key] for key in _TABLE_INPUT if key in table}
            given["StorageDescriptor"] = {**table["StorageDescriptor"], "Location": f"{location}/"}
            self._glue.update_table(DatabaseName=database, TableInput={**given, "Parameters": dict(parameters)})
            return
        name = str(table["Name"])
        found = self._glue.get_partition(DatabaseName=database, TableName=name, PartitionValues=list(place.values))
        given = {key: found["Partition"][key] for key in _PARTITION_INPUT if key in found["Partition"]}
        given["StorageDescriptor"] = {**given["StorageDescriptor"], "Location": f"{location}/"}
        self._glue.update_partition(
            DatabaseName=database, TableName=name, PartitionValueList=list(place.values),
            PartitionInput={**given, "Parameters": dict(parameters)},
        )  # fmt: skip

    def _remove_replaced(self, database: str, table: Mapping[str, Any], known: Iterable[Place], now: datetime) -> int:
        """Files replaced long enough ago, and then the note of them."""
        removed = 0
        for place in known:
            at = place.parameters.get(AT)
            if at is None or now - datetime.fromisoformat(at) < self._kept:
                continue
            old = place.parameters[FROM]
            if not place.location.startswith(f"{old}/"):
                removed += self._objects.delete(item.url for item in self._objects.under(f"{old}/"))
            left = {key: value for key, value in place.parameters.items() if key not in (FROM, AT)}
            self._point(database, table, place, place.location, left)
        return removed

    def _remove_orphans(self, root: str, known: Iterable[Place], now: datetime) -> int:
        """What killed runs wrote: nothing refers to it, and it is old enough not to be of one that still runs."""
        named = [f"{place.location}/" for place in known]
        named += [f"{place.parameters[FROM]}/" for place in known if FROM in place.parameters]
        orphans = [
            item.url
            for item in self._objects.under(f"{root}/")
            if not item.url.startswith(tuple(named)) and now - item.modified >= self._kept
        ]
        return self._objects.delete(orphans)


def _root(location: str) -> str:
    """The folder beside the table's own that holds what is compacted, also once the table lies in it."""
    location = location.rstrip("/")
    before, found, _ = location.partition(_SUFFIX)
    return f"{before if found else location}{_SUFFIX}"


def _format(table: Mapping[str, Any]) -> str:
    parameters = table.get("Parameters") or {}
    kind = str(parameters.get("classification", "")).lower()
    if str(parameters.get("table_type", "")).upper() in ("ICEBERG", "DELTA") or kind not in FORMATS:
        raise UnsupportedTableError(
            f"{table['Name']} is {parameters.get('table_type') or kind or 'of no known classification'}; only "
            f"{' and '.join(FORMATS)} tables are compacted here. Iceberg tables have OPTIMIZE and VACUUM of their own."
        )
    if parameters.get(ALLOWED) != "allowed":
        raise UnsupportedTableError(
            f"{table['Name']} does not say that it may be compacted. Once all its readers and writers go through the "
            f"catalog, and none by path, set its property {ALLOWED}=allowed."
        )
    return kind


def _names(files: Iterable[StoredObject]) -> set[tuple[str, str]]:
    return {(item.url, item.etag) for item in files}
