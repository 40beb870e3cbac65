"""A database as the catalog keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.glue.models import FakeDatabase

from lakeshift.local.glue.catalog.journal import Change, Node, Place
from lakeshift.local.glue.catalog.kept import Kept
from lakeshift.local.glue.catalog.lock import CATALOG
from lakeshift.local.glue.catalog.table import LocalTable
from lakeshift.local.glue.catalog.times import seconds, when

__all__ = ["LocalDatabase"]


class LocalDatabase(FakeDatabase):
    """https://docs.aws.amazon.com/glue/latest/webapi/API_Database.html."""

    def __init__(self, database_name: str, database_input: dict[str, Any], catalog_id: str) -> None:
        super().__init__(database_name, database_input, catalog_id)
        self.tables: Kept[LocalTable] = Kept(LocalTable.documents)
        self.functions: Kept[dict[str, Any]] = Kept()
        self._place: Place | None = None

    def replace(self, given: dict[str, Any]) -> None:
        """Another definition."""
        self.input = given
        if self._place is not None:
            CATALOG.note((self._place, self._document()))

    def as_dict(self) -> dict[str, Any]:
        """As the API tells it: what was not given is left out."""
        told = {**self.input, "Name": self.name, "CreateTime": self.created_time, "CatalogId": self.catalog_id}
        return {name: value for name, value in told.items() if value is not None}

    def settle(self, place: Place) -> None:
        """The database is in the catalog."""
        self._place = place
        self.tables.settle((*place, "tables"))
        self.functions.settle((*place, "functions"))

    def documents(self) -> Iterator[Change]:
        """What is written for it."""
        yield (), self._document()
        yield from self.tables.changes("tables")
        yield from self.functions.changes("functions")

    @classmethod
    def restored(cls, name: str, node: Node, catalog_id: str) -> LocalDatabase:
        """The database that was written."""
        made = cls(name, node.document["input"], catalog_id)
        made.created_time = when(node.document["created"])
        for table, below in node.below.get("tables", Node()).below.items():
            made.tables.fill(table, LocalTable.restored(name, table, below, catalog_id))
        for function, below in node.below.get("functions", Node()).below.items():
            made.functions.fill(function, below.document)
        return made

    def _document(self) -> dict[str, Any]:
        return {"input": self.input, "created": seconds(self.created_time)}
