"""The table catalog behind external schemas, as a port: who runs the warehouse brings the adapter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

__all__ = ["TableCatalog"]


class TableCatalog(Protocol):
    """The Glue Data Catalog, in the shapes of its API; a missing database or table is None, an empty list or nothing.

    https://docs.aws.amazon.com/glue/latest/webapi/API_Table.html
    """

    def has_database(self, name: str) -> bool:
        """Whether the database is there."""

    def create_database(self, name: str) -> None:
        """Make a database."""

    def drop_database(self, name: str) -> None:
        """Remove a database and its tables."""

    def tables(self, database: str) -> list[dict[str, Any]]:
        """All tables of a database."""

    def table(self, database: str, name: str) -> dict[str, Any] | None:
        """One table."""

    def create_table(self, database: str, table: dict[str, Any]) -> None:
        """Make a table from its TableInput."""

    def update_table(self, database: str, table: dict[str, Any]) -> None:
        """Replace a table by its TableInput."""

    def drop_table(self, database: str, name: str) -> None:
        """Remove a table; its objects stay."""

    def partitions(self, database: str, table: str) -> list[dict[str, Any]]:
        """All partitions of a table."""

    def create_partitions(self, database: str, table: str, partitions: Sequence[dict[str, Any]]) -> None:
        """Add partitions; those that are there already are left."""

    def drop_partition(self, database: str, table: str, values: Sequence[str]) -> None:
        """Remove a partition."""
