"""The table that a request names by DatabaseName and TableName."""

from __future__ import annotations

from moto.glue.responses import GlueResponse

from lakeshift.local.glue.catalog.table import LocalTable

__all__ = ["TableAsked"]


class TableAsked(GlueResponse):
    """What the operations on one table's parts share."""

    def asked_table(self) -> LocalTable:
        """EntityNotFoundException where there is none."""
        found: LocalTable = self.glue_backend.get_table(self.parameters["DatabaseName"], self.parameters["TableName"])
        return found
