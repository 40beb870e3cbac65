"""A table with versions that can be skipped or locked on, partitions of the right arity, indexes, column statistics."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from moto.core.utils import utcnow
from moto.glue.exceptions import (
    GlueClientError,
    InvalidInputException,
    PartitionAlreadyExistsException,
    PartitionNotFoundException,
    VersionNotFoundException,
)
from moto.glue.models import FakeTable

from lakeshift.local.glue.catalog.expression import Keys
from lakeshift.local.glue.catalog.journal import Change, Node, Place
from lakeshift.local.glue.catalog.kept import Kept
from lakeshift.local.glue.catalog.lock import CATALOG
from lakeshift.local.glue.catalog.partition import LocalPartition
from lakeshift.local.glue.catalog.times import seconds, when

__all__ = ["LocalTable", "Statistics", "partition_key"]

_OWN: Final = ("CreatedBy",)  # of the table, not of the input
_FIRST_VERSION: Final = 0
_PARTS: Final = ("versions", "partitions", "indexes", "statistics", "partition_statistics")

Statistics = dict[str, dict[str, Any]]  # by column


class LocalTable(FakeTable):
    """https://docs.aws.amazon.com/glue/latest/webapi/API_Table.html."""

    def __init__(self, database_name: str, table_name: str, table_input: dict[str, Any], catalog_id: str) -> None:
        self.database_name, self.name, self.catalog_id = database_name, table_name, catalog_id
        self.created_time = utcnow()
        self.updated_time: datetime = self.created_time
        self._current_version = _FIRST_VERSION
        self._place: Place | None = None
        self.versions: Kept[dict[str, Any]] = Kept()
        self.partitions: Kept[LocalPartition] = Kept(LocalPartition.documents)
        self.indexes: Kept[list[str]] = Kept()
        self.statistics: Kept[dict[str, Any]] = Kept()
        self.partition_statistics: Kept[Statistics] = Kept()
        self.versions[str(_FIRST_VERSION)] = table_input

    @property
    def current(self) -> dict[str, Any]:
        """The input of the newest version."""
        found: dict[str, Any] = self.versions[str(self._current_version)]
        return found

    @property
    def keys(self) -> Keys:
        """Name and type of the partition keys."""
        return [(key["Name"], key.get("Type") or "string") for key in self.current.get("PartitionKeys") or ()]

    @property
    def columns(self) -> dict[str, str]:
        """Type of each column, partition keys too."""
        stored = (self.current.get("StorageDescriptor") or {}).get("Columns") or ()
        return {column["Name"]: column.get("Type") or "string" for column in stored} | dict(self.keys)

    def replace(self, given: dict[str, Any], version: str | None, *, skip_archive: bool) -> None:
        """A new version; without its predecessor where ``skip_archive``.

        ConcurrentModificationException where ``version`` is given and is not the current one.
        """
        if version is not None and version != str(self._current_version):
            raise GlueClientError(
                "ConcurrentModificationException", "Update table failed due to concurrent modifications."
            )
        self._check_indexed_keys(given)
        before = self.current
        kept = {key: before[key] for key in _OWN if key in before}
        with CATALOG:
            self.versions[str(self._current_version + 1)] = {**kept, **given}
            if skip_archive:
                del self.versions[str(self._current_version)]
            self._current_version += 1
            self.updated_time = utcnow()
            self._note()

    def update(self, table_input: dict[str, Any]) -> None:
        """As moto calls it."""
        self.replace(table_input, None, skip_archive=False)

    def delete_version(self, version_id: str) -> None:
        """EntityNotFoundException where there is none; the current version stays."""
        if version_id not in self.versions:
            raise VersionNotFoundException
        if version_id == str(self._current_version):
            raise InvalidInputException("DeleteTableVersion", "Cannot delete the current version of the table.")
        del self.versions[version_id]

    def as_dict(self, version: str | None = None) -> dict[str, Any]:
        """As the API tells it: what was not given is left out."""
        number = str(self._current_version) if version is None else version
        told = {
            "Retention": 0,
            **self.get_version(number),
            "DatabaseName": self.database_name,
            "Name": self.name,
            "CreateTime": self.created_time,
            "UpdateTime": self.updated_time,
            "IsRegisteredWithLakeFormation": False,
            "VersionId": number,
            "CatalogId": self.catalog_id,
        }
        return {name: value for name, value in told.items() if value is not None}

    def create_partition(self, partiton_input: dict[str, Any]) -> None:
        """AlreadyExistsException where there is one of these values."""
        self.check_values(partiton_input.get("Values") or [])
        partition = LocalPartition(self.database_name, self.name, partiton_input)
        if partition_key(partition.values) in self.partitions:
            raise PartitionAlreadyExistsException
        self.partitions[partition_key(partition.values)] = partition

    def get_partition(self, values: Any) -> LocalPartition:
        """EntityNotFoundException where there is none."""
        try:
            return self.partitions[partition_key(values)]
        except KeyError:
            raise PartitionNotFoundException from None

    def update_partition(self, old_values: Any, partiton_input: dict[str, Any]) -> None:
        """Replace the partition's definition, and its values where others are given; the creation time stays."""
        self.check_values(old_values)
        given = {**partiton_input, "Values": partiton_input.get("Values") or old_values}
        self.check_values(given["Values"])
        before = self.get_partition(old_values)
        after = LocalPartition(self.database_name, self.name, given, before.creation_time)
        old, new = partition_key(old_values), partition_key(after.values)
        with CATALOG:
            if old != new:
                if new in self.partitions:
                    raise PartitionAlreadyExistsException
                self.delete_partition(old_values)
            self.partitions[new] = after

    def delete_partition(self, values: Any) -> None:
        """With its statistics; EntityNotFoundException where there is none."""
        self.check_values(values)
        self.get_partition(values)
        with CATALOG:
            del self.partitions[partition_key(values)]
            self.partition_statistics.pop(partition_key(values), None)

    def check_values(self, values: list[str]) -> None:
        """InvalidInputException where they are not as many as the keys."""
        if len(values) != len(self.keys):
            raise InvalidInputException(
                "CreatePartition", "The number of partition keys do not match the number of partition values"
            )

    def settle(self, place: Place) -> None:
        """The table is in the catalog."""
        self._place = place
        for part in _PARTS:
            getattr(self, part).settle((*place, part))

    def documents(self) -> Iterator[Change]:
        """What is written for it."""
        yield (), self._document()
        for part in _PARTS:
            yield from getattr(self, part).changes(part)

    @classmethod
    def restored(cls, database: str, name: str, node: Node, catalog_id: str) -> LocalTable:
        """The table that was written."""
        table = cls(database, name, {}, catalog_id)
        table.versions.clear()
        table.created_time, table.updated_time = when(node.document["created"]), when(node.document["updated"])
        table._current_version = node.document["version"]
        for part, below in node.below.items():
            kept: Kept[Any] = getattr(table, part)
            for key, written in below.below.items():
                document = written.document
                is_partition = part == "partitions"
                kept.fill(key, LocalPartition.restored(database, name, document) if is_partition else document)
        return table

    def _note(self) -> None:
        if self._place is not None:
            CATALOG.note((self._place, self._document()))

    def _document(self) -> dict[str, Any]:
        return {
            "created": seconds(self.created_time),
            "updated": seconds(self.updated_time),
            "version": self._current_version,
        }

    def _check_indexed_keys(self, given: dict[str, Any]) -> None:
        after = [key["Name"] for key in given.get("PartitionKeys") or ()]
        if self.indexes and [name for name, _ in self.keys] != after:
            raise InvalidInputException(
                "UpdateTable", "Partition keys cannot be changed while the table has partition indexes."
            )


def partition_key(values: Any) -> str:
    """What a partition is found by; as moto has it."""
    return str(list(values))
