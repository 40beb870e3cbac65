"""Databases and tables: names fold to lower case, listings come in pages, updates can be locked."""

from __future__ import annotations

import re
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import InvalidInputException
from moto.glue.models import FakeDatabase, GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.local.glue.catalog.limits import at_most, folded
from lakeshift.local.glue.catalog.lock import locked
from lakeshift.local.glue.catalog.pages import page
from lakeshift.local.glue.catalog.table import MOST_INDEXES, LocalTable

__all__ = ["DatabaseOperations", "DatabaseResponses"]

_MOST_TABLES: Final = 100


class DatabaseOperations(GlueBackend):
    """What the backend does for databases and tables."""

    @locked
    def create_database(
        self, database_name: str, database_input: dict[str, Any], tags: dict[str, str] | None = None
    ) -> FakeDatabase:
        """AlreadyExistsException where the name is taken."""
        name = folded(database_name)
        return super().create_database(name, {**database_input, "Name": name}, tags)

    def get_database(self, database_name: str) -> FakeDatabase:
        """EntityNotFoundException where there is none."""
        return super().get_database(folded(database_name))

    @locked
    def update_database(self, database_name: str, database_input: dict[str, Any]) -> None:
        """Replace what was given at its creation."""
        super().update_database(folded(database_name), database_input)

    @locked
    def delete_database(self, database_name: str) -> None:
        """With its tables."""
        super().delete_database(folded(database_name))

    @locked
    def create_table(
        self,
        database_name: str,
        table_name: str,
        table_input: dict[str, Any],
        open_table_format_input: dict[str, Any] | None = None,
    ) -> LocalTable:
        """AlreadyExistsException where the name is taken."""
        name = folded(table_name)
        given = {**table_input, "Name": name}
        return LocalTable.promote(super().create_table(folded(database_name), name, given, open_table_format_input))

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
        given = {**table_input, "Name": folded(table_name)}
        self.get_table(database_name, table_name).replace(given, version, skip_archive=skip_archive)


class DatabaseResponses(GlueResponse):
    """How the API answers for databases and tables."""

    def get_databases(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetDatabases.html."""
        databases = sorted(self.glue_backend.get_databases(), key=lambda database: str(database.name))
        found, token = page(databases, self.parameters)
        return ActionResult({"DatabaseList": [database.as_dict() for database in found], "NextToken": token})

    @locked
    def create_table(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_CreateTable.html."""
        given = self.parameters["TableInput"]
        indexes = self.parameters.get("PartitionIndexes") or []
        at_most(indexes, MOST_INDEXES, "partitionIndexes")
        keys = [key["Name"].lower() for key in given.get("PartitionKeys") or ()]
        for index in indexes:
            if not index["Keys"] or any(key.lower() not in keys for key in index["Keys"]):
                raise InvalidInputException(
                    "CreateTable", f"Index {index['IndexName']} names a key that is not a partition key of the table."
                )
        table = self.glue_backend.create_table(
            self.parameters["DatabaseName"], given.get("Name"), given, self.parameters.get("OpenTableFormatInput")
        )
        for index in indexes:
            table.indexes[index["IndexName"]] = [key.lower() for key in index["Keys"]]
        return EmptyResult()

    def update_table(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateTable.html."""
        given = self.parameters["TableInput"]
        self.glue_backend.update_table(
            self.parameters["DatabaseName"],
            given.get("Name") or self.parameters.get("Name"),
            given,
            self.parameters.get("VersionId"),
            bool(self.parameters.get("SkipArchive")),
        )
        return EmptyResult()

    @locked
    def get_tables(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetTables.html."""
        tables = self.glue_backend.get_tables(self.parameters["DatabaseName"], self.parameters.get("Expression"))
        found, token = page(tables, self.parameters, most=_MOST_TABLES)
        return ActionResult({"TableList": [table.as_dict() for table in found], "NextToken": token})

    @locked
    def get_table_versions(self) -> ActionResult:
        """Newest first; https://docs.aws.amazon.com/glue/latest/webapi/API_GetTableVersions.html."""
        versions = self.glue_backend.get_table_versions(self.parameters["DatabaseName"], self.parameters["TableName"])
        rows = [{"Table": versions[name], "VersionId": name} for name in sorted(versions, key=int, reverse=True)]
        found, token = page(rows, self.parameters)
        return ActionResult({"TableVersions": found, "NextToken": token})

    @locked
    def get_table_version(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetTableVersion.html."""
        table = self.glue_backend.get_table(self.parameters["DatabaseName"], self.parameters["TableName"])
        version = self.parameters.get("VersionId") or str(table._current_version)
        return ActionResult({"TableVersion": {"Table": table.as_dict(version), "VersionId": version}})

    def batch_delete_table(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeleteTable.html."""
        at_most(self.parameters["TablesToDelete"], 100, "tablesToDelete")
        return super().batch_delete_table()

    @locked
    def batch_delete_table_version(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeleteTableVersion.html."""
        at_most(self.parameters["VersionIds"], 100, "versionIds")
        table = self.glue_backend.get_table(self.parameters["DatabaseName"], self.parameters["TableName"])
        errors = []
        for version in self.parameters["VersionIds"]:
            if version in table.versions:
                table.delete_version(version)
                continue
            detail = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Version not found."}
            errors.append({"TableName": table.name, "VersionId": version, "ErrorDetail": detail})
        return ActionResult({"Errors": errors})
