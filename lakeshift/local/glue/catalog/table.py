"""A table with versions that can be skipped or locked on, partition indexes, and partitions of the right arity."""

from __future__ import annotations

from typing import Any, Final

from moto.core.utils import utcnow
from moto.glue.exceptions import GlueClientError, InvalidInputException, VersionNotFoundException
from moto.glue.models import FakePartition, FakeTable

from lakeshift.local.glue.catalog.expression import Keys

__all__ = ["MOST_INDEXES", "LocalTable"]

MOST_INDEXES: Final = 3
_KEPT: Final = ("CreatedBy",)  # of the table, not of the input


class LocalTable(FakeTable):
    """https://docs.aws.amazon.com/glue/latest/webapi/API_Table.html."""

    indexes: dict[str, list[str]]

    @classmethod
    def promote(cls, table: FakeTable) -> LocalTable:
        """Moto's table as ours."""
        table.__class__ = cls
        table.indexes = {}
        return table  # type: ignore[no-any-return]

    @property
    def current(self) -> dict[str, Any]:
        """The input of the newest version."""
        found: dict[str, Any] = self.versions[str(self._current_version)]
        return found

    @property
    def keys(self) -> Keys:
        """Name and type of the partition keys."""
        return [(key["Name"], key.get("Type") or "string") for key in self.current.get("PartitionKeys") or ()]

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
        if skip_archive:
            del self.versions[str(self._current_version)]
        self._current_version += 1
        kept = {key: before[key] for key in _KEPT if key in before}
        self.versions[str(self._current_version)] = {**kept, **given}
        self.updated_time = utcnow()

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

    def create_partition(self, partiton_input: dict[str, Any]) -> None:
        """As moto, once the values are as many as the keys."""
        self.check_values(partiton_input.get("Values") or [])
        super().create_partition(partiton_input)

    def update_partition(self, old_values: Any, partiton_input: dict[str, Any]) -> None:
        """As moto, once the values are as many as the keys; the creation time stays."""
        partiton_input.setdefault("Values", old_values)
        self.check_values(partiton_input["Values"])
        before = self.partitions.get(str(old_values))
        super().update_partition(old_values, partiton_input)
        after: FakePartition = self.partitions[str(partiton_input["Values"])]
        after.creation_time = before.creation_time

    def check_values(self, values: list[str]) -> None:
        """InvalidInputException where they are not as many as the keys."""
        if len(values) != len(self.keys):
            raise InvalidInputException(
                "CreatePartition", "The number of partition keys do not match the number of partition values"
            )

    def _check_indexed_keys(self, given: dict[str, Any]) -> None:
        after = [key["Name"] for key in given.get("PartitionKeys") or ()]
        if self.indexes and [name for name, _ in self.keys] != after:
            raise InvalidInputException(
                "UpdateTable", "Partition keys cannot be changed while the table has partition indexes."
            )
