"""Databases: names fold to lower case, listings come in pages.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-databases.html
"""

from __future__ import annotations

from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import DatabaseAlreadyExistsException, InvalidInputException
from moto.glue.models import GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.local.glue.catalog.database import LocalDatabase
from lakeshift.local.glue.catalog.kept import Kept
from lakeshift.local.glue.catalog.limits import folded
from lakeshift.local.glue.catalog.lock import locked
from lakeshift.local.glue.catalog.pages import page_by
from lakeshift.local.glue.catalog.refused import refuse_members

__all__ = ["DatabaseOperations", "DatabaseResponses"]

_EVERYBODY: Final = [  # as AWS fills it in where Lake Formation's defaults were not changed
    {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}
]
_ATTRIBUTES: Final = {"NAME": "Name", "TARGET_DATABASE": "TargetDatabase"}


class DatabaseOperations(GlueBackend):
    """What the backend does for databases."""

    databases: Kept[LocalDatabase]

    @locked
    def create_database(
        self, database_name: str, database_input: dict[str, Any], tags: dict[str, str] | None = None
    ) -> LocalDatabase:
        """AlreadyExistsException where the name is taken."""
        refuse_members(database_input, "CreateDatabase")
        name = folded(database_name)
        if name in self.databases:
            raise DatabaseAlreadyExistsException
        given = {"CreateTableDefaultPermissions": _EVERYBODY, **database_input, "Name": name}
        self.databases[name] = made = LocalDatabase(name, given, self.account_id)
        self.tag_resource(self.database_arn(name), tags)
        return made

    def get_database(self, database_name: str) -> LocalDatabase:
        """EntityNotFoundException where there is none."""
        found: LocalDatabase = super().get_database(folded(database_name))
        return found

    @locked
    def update_database(self, database_name: str, database_input: dict[str, Any]) -> None:
        """Replace what was given at its creation; the name itself cannot change."""
        refuse_members(database_input, "UpdateDatabase")
        database = self.get_database(database_name)
        if folded(database_input.get("Name") or database.name) != database.name:
            raise InvalidInputException("UpdateDatabase", "The name of a database cannot be changed.")
        database.replace({"CreateTableDefaultPermissions": _EVERYBODY, **database_input, "Name": database.name})

    @locked
    def delete_database(self, database_name: str) -> None:
        """With its tables, functions and tags."""
        name = folded(database_name)
        super().delete_database(name)
        self.tagger.delete_all_tags_for_resource(self.database_arn(name))

    def database_arn(self, name: str) -> str:
        """What the tags of a database hang on."""
        return f"arn:{self.partition}:glue:{self.region_name}:{self.account_id}:database/{name}"


class DatabaseResponses(GlueResponse):
    """How the API answers for databases."""

    @locked
    def create_database(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_CreateDatabase.html."""
        given = self.parameters["DatabaseInput"]
        self.glue_backend.create_database(given["Name"], given, self.parameters.get("Tags"))
        return EmptyResult()

    @locked
    def update_database(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateDatabase.html."""
        self.glue_backend.update_database(self.parameters["Name"], self.parameters["DatabaseInput"])
        return EmptyResult()

    @locked
    def get_databases(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetDatabases.html."""
        shared = self.parameters.get("ResourceShareType") in ("FOREIGN", "FEDERATED")  # none is shared with us
        known = [] if shared else self.glue_backend.get_databases()
        found, token = page_by(lambda database: [database.name], known, self.parameters, most=100)
        wanted = self.parameters.get("AttributesToGet")
        told = [only(database.as_dict(), wanted, _ATTRIBUTES) for database in found]
        return ActionResult({"DatabaseList": told, "NextToken": token})


def only(told: dict[str, Any], wanted: list[str] | None, attributes: dict[str, str]) -> dict[str, Any]:
    """The attributes asked for, where any were; InvalidInputException where NAME is not among them."""
    if wanted is None:
        return told
    if "NAME" not in wanted:
        raise InvalidInputException("", "AttributesToGet must include NAME.")
    members = [attributes[name] for name in wanted if name in attributes]
    return {name: told[name] for name in members if name in told}
