"""A partition as the catalog keeps it: there may be hundreds of thousands, so it is as small as it can be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from moto.core.utils import utcnow

from lakeshift.local.glue.catalog.journal import Change
from lakeshift.local.glue.catalog.times import seconds, when

__all__ = ["LocalPartition"]


class LocalPartition:
    """https://docs.aws.amazon.com/glue/latest/webapi/API_Partition.html, with the attributes of moto's."""

    __slots__ = ("creation_time", "database_name", "partition_input", "table_name", "turn", "values")

    def __init__(
        self, database_name: str, table_name: str, partition_input: dict[str, Any], created: datetime | None = None
    ) -> None:
        self.database_name, self.table_name = database_name, table_name
        self.partition_input = partition_input
        self.values: list[str] = partition_input["Values"]
        self.creation_time = created or utcnow()
        self.turn: list[Any] = [seconds(self.creation_time), *self.values]  # its place in listings

    def as_dict(self) -> dict[str, Any]:
        """As the API tells it."""
        return {
            "DatabaseName": self.database_name,
            "TableName": self.table_name,
            "CreationTime": self.creation_time,
            **self.partition_input,
        }

    def documents(self) -> list[Change]:
        """What is written for it."""
        return [((), {"input": self.partition_input, "created": self.turn[0]})]

    @classmethod
    def restored(cls, database: str, table: str, document: dict[str, Any]) -> LocalPartition:
        """The partition that was written."""
        return cls(database, table, document["input"], when(document["created"]))
