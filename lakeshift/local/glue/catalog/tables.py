"""Tables and their versions: updates can be locked on a version and can leave no history.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-tables.html
"""

from __future__ import annotations

import re
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import EntityNotFoundException, InvalidInputException, TableAlreadyExistsException
from moto.glue.models import GlueBackend

from lakeshift.local.glue.catalog.asked import TableAsked
from lakeshift.local.glue.catalog.databases import only
from lakeshift.local.glue.catalog.indexes import checked_index
from lakeshift.local.glue.catalog.limits import folded
from lakeshift.local.glue.catalog.lock import locked
from lakeshift.local.glue.catalog.pages import page_by
from lakeshift.local.glue.catalog.refused import refuse_members
from lakeshift.local.glue.catalog.table import LocalTable

__all__ = ["TableOperations", "TableResponses"]

_MOST_TABLES: Final = 100
_ATTRIBUTES: Final = {"NAME": "Name", "TABLE_TYPE": "TableType"}


class TableOperations(GlueBackend):
    """What the backend does for tables."""

    @locked
    def create_table(
        self,
        database_name: str,
        table_name: str,
        table_input: dict[str, Any],
        open_table_format_input: dict[str, Any] | None = None,
    ) -> LocalTable:
        """AlreadyExistsException where the name is taken."""
        refuse_members({**table_input, "OpenTableFormatInput": open_table_format_input}, "CreateTable")
        database, name = self.get_database(database_name), folded(table_name)
        if name in database.tables:
            raise TableAlreadyExistsException
        made = LocalTable(database.name, name, {**table_input, "Name": name}, self.account_id)
        database.tables[name] = made
        return made

    def get_table(self, database_name: str, table_name: str) -> LocalTable:
        """EntityNotFoundException where there is none."""
        found: LocalTable = super().get_table(database_name, folded(table_name))
        return found

    @locked
    def get_tables(self, database_name: str, expression: str | None) -> list[LocalTable]:
        """Those whose whole name matches the regular expression, sorted by name; ``*`` stands for any characters."""
        tables = self.get_database(database_name).tables
        if not expression:
            return [tables[name] for name in sorted(tables)]
        try:
            pattern = re.compile(re.sub(r"(?<![.\])])\*", ".*", expression), re.IGNORECASE)
        except re.error:
            raise InvalidInputException("GetTables", f"Invalid expression: {expression}") from None
        return [tables[name] for name in sorted(tables) if pattern.fullmatch(name)]

    @locked
    def delete_table(self, database_name: str, table_name: str) -> None:
        """With its partitions and versions."""
        super().delete_table(folded(database_name), folded(table_name))

    @locked
    def update_table(
        self,
        database_name: str,
        table_name: str,
        table_input: dict[str, Any],
        version: str | None = None,
        skip_archive: bool = False,
    ) -> None:
        """A new version of the table."""
        refuse_members(table_input, "UpdateTable")
        given = {**table_input, "Name": folded(table_name)}
        self.get_table(database_name, table_name).replace(given, version, skip_archive=skip_archive)


class TableResponses(TableAsked):
    """How the API answers for tables."""

    @locked
    def create_table(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_CreateTable.html."""
        asked = self.parameters
        refuse_members(asked, "CreateTable")
        given = asked.get("TableInput")
        if given is None:
            raise InvalidInputException("CreateTable", "TableInput must be given.")
        indexes: dict[str, list[str]] = {}
        keys = [key["Name"] for key in given.get("PartitionKeys") or ()]
        for index in asked.get("PartitionIndexes") or ():
            indexes[index["IndexName"]] = checked_index(index, keys, indexes)
        table = self.glue_backend.create_table(asked["DatabaseName"], given["Name"], given)
        for name, index_keys in indexes.items():
            table.indexes[name] = index_keys
        return EmptyResult()

    @locked
    def update_table(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateTable.html."""
        asked = self.parameters
        refuse_members(asked, "UpdateTable")
        given = asked.get("TableInput")
        if given is None:
            raise InvalidInputException("UpdateTable", "TableInput must be given.")
        self.glue_backend.update_table(
            asked["DatabaseName"], given["Name"], given, asked.get("VersionId"), bool(asked.get("SkipArchive"))
        )
        return EmptyResult()

    @locked
    def delete_table(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteTable.html."""
        refuse_members(self.parameters, "DeleteTable")
        self.glue_backend.delete_table(self.parameters["DatabaseName"], self.parameters["Name"])
        return EmptyResult()

    @locked
    def get_table(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetTable.html."""
        refuse_members(self.parameters, "GetTable")
        table = self.glue_backend.get_table(self.parameters["DatabaseName"], self.parameters["Name"])
        return ActionResult({"Table": table.as_dict()})

    @locked
    def get_tables(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetTables.html."""
        refuse_members(self.parameters, "GetTables")
        tables = self.glue_backend.get_tables(self.parameters["DatabaseName"], self.parameters.get("Expression"))
        found, token = page_by(lambda table: [table.name], tables, self.parameters, most=_MOST_TABLES)
        wanted = self.parameters.get("AttributesToGet")
        told = [only(table.as_dict(), wanted, _ATTRIBUTES) for table in found]
        return ActionResult({"TableList": told, "NextToken": token})

    @locked
    def get_table_versions(self) -> ActionResult:
        """Newest first; https://docs.aws.amazon.com/glue/latest/webapi/API_GetTableVersions.html."""
        table = self.asked_table()
        found, token = page_by(lambda version: [-int(version)], list(table.versions), self.parameters, most=100)
        rows = [{"Table": table.as_dict(version), "VersionId": version} for version in found]
        return ActionResult({"TableVersions": rows, "NextToken": token})

    @locked
    def get_table_version(self) -> ActionResult:
        """The current one where none is named; https://docs.aws.amazon.com/glue/latest/webapi/API_GetTableVersion.html."""
        told = self.asked_table().as_dict(self.parameters.get("VersionId"))
        return ActionResult({"TableVersion": {"Table": told, "VersionId": told["VersionId"]}})

    @locked
    def delete_table_version(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteTableVersion.html."""
        self.asked_table().delete_version(self.parameters["VersionId"])
        return EmptyResult()

    @locked
    def batch_delete_table(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeleteTable.html."""
        database = self.glue_backend.get_database(self.parameters["DatabaseName"])
        errors = []
        for name in self.parameters["TablesToDelete"]:
            if folded(name) in database.tables:
                del database.tables[folded(name)]
                continue
            detail = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Table not found"}
            errors.append({"TableName": name, "ErrorDetail": detail})
        return ActionResult({"Errors": errors})

    @locked
    def batch_delete_table_version(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeleteTableVersion.html."""
        table = self.asked_table()
        errors = []
        for version in self.parameters["VersionIds"]:
            try:
                table.delete_version(version)
            except (EntityNotFoundException, InvalidInputException) as error:
                detail = {"ErrorCode": error.error_type, "ErrorMessage": error.message}
                errors.append({"TableName": table.name, "VersionId": version, "ErrorDetail": detail})
        return ActionResult({"Errors": errors})
