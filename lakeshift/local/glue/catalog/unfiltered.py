"""GetUnfiltered*Metadata: what Lake Formation's engines call. Nothing here is registered with Lake Formation.

https://docs.aws.amazon.com/glue/latest/webapi/API_GetUnfilteredTableMetadata.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.glue.responses import GlueResponse

from lakeshift.local.glue.catalog.lock import locked
from lakeshift.local.glue.catalog.partitions import partition_page
from lakeshift.local.glue.catalog.table import LocalTable

__all__ = ["UnfilteredResponses"]


class UnfilteredResponses(GlueResponse):
    """As the plain calls, with every column authorised."""

    @locked
    def get_unfiltered_table_metadata(self) -> ActionResult:
        """The table."""
        table = self.glue_backend.get_table(self.parameters["DatabaseName"], self.parameters["Name"])
        return ActionResult({"Table": table.as_dict(), **_authorised(table)})

    @locked
    def get_unfiltered_partition_metadata(self) -> ActionResult:
        """One partition."""
        table = self.glue_backend.get_table(self.parameters["DatabaseName"], self.parameters["TableName"])
        partition = table.get_partition(self.parameters["PartitionValues"])
        return ActionResult({"Partition": partition.as_dict(), **_authorised(table)})

    @locked
    def get_unfiltered_partitions_metadata(self) -> ActionResult:
        """Partitions by expression and segment."""
        asked = self.parameters
        table = self.glue_backend.get_table(asked["DatabaseName"], asked["TableName"])
        kept = self.glue_backend.get_partitions(asked["DatabaseName"], asked["TableName"], asked.get("Expression"))
        found, token = partition_page(kept, asked)
        told = [{"Partition": partition.as_dict(), **_authorised(table)} for partition in found]
        return ActionResult({"UnfilteredPartitions": told, "NextToken": token})


def _authorised(table: LocalTable) -> dict[str, Any]:
    columns = (table.current.get("StorageDescriptor") or {}).get("Columns") or []
    names = [column["Name"] for column in columns] + [name for name, _ in table.keys]
    return {"AuthorizedColumns": names, "IsRegisteredWithLakeFormation": False}
