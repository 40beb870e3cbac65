"""User-defined functions.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-functions.html
"""

from __future__ import annotations

import re
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.glue.exceptions import AlreadyExistsException, EntityNotFoundException, InvalidInputException
from moto.glue.responses import GlueResponse

from lakeshift.local.glue.catalog.database import LocalDatabase
from lakeshift.local.glue.catalog.limits import folded
from lakeshift.local.glue.catalog.lock import locked
from lakeshift.local.glue.catalog.pages import page_by
from lakeshift.local.glue.catalog.times import seconds

__all__ = ["FunctionResponses"]


class FunctionResponses(GlueResponse):
    """How the API answers for user-defined functions."""

    @locked
    def create_user_defined_function(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_CreateUserDefinedFunction.html."""
        database, given = self._database_of_functions(), self.parameters["FunctionInput"]
        name = folded(given.get("FunctionName"))
        if name in database.functions:
            raise AlreadyExistsException("UserDefinedFunction")
        database.functions[name] = self._function(database, {**given, "FunctionName": name}, seconds(utcnow()))
        return EmptyResult()

    @locked
    def update_user_defined_function(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateUserDefinedFunction.html."""
        database, old = self._database_of_functions(), self._known_function()
        name = folded(self.parameters["FunctionInput"].get("FunctionName") or old["FunctionName"])
        if name != old["FunctionName"]:
            if name in database.functions:
                raise AlreadyExistsException("UserDefinedFunction")
            del database.functions[old["FunctionName"]]
        given = {**self.parameters["FunctionInput"], "FunctionName": name}
        database.functions[name] = self._function(database, given, old["CreateTime"])
        return EmptyResult()

    @locked
    def delete_user_defined_function(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteUserDefinedFunction.html."""
        del self._database_of_functions().functions[self._known_function()["FunctionName"]]
        return EmptyResult()

    @locked
    def get_user_defined_function(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetUserDefinedFunction.html."""
        return ActionResult({"UserDefinedFunction": self._known_function()})

    @locked
    def get_user_defined_functions(self) -> ActionResult:
        """Those whose name matches ``Pattern``; https://docs.aws.amazon.com/glue/latest/webapi/API_GetUserDefinedFunctions.html."""
        asked = self.parameters
        given = asked.get("DatabaseName")
        databases = [self.glue_backend.get_database(given)] if given else self.glue_backend.get_databases()
        kind = asked.get("FunctionType")
        try:
            pattern = re.compile(asked["Pattern"].replace("*", ".*").replace("..*", ".*"), re.IGNORECASE)
        except re.error:
            raise InvalidInputException("", f"Invalid pattern: {asked['Pattern']}") from None
        kept = [
            function
            for database in databases
            for name, function in database.functions.items()
            if pattern.fullmatch(name) and kind in (None, function.get("FunctionType"))
        ]
        found, token = page_by(lambda one: [one["DatabaseName"], one["FunctionName"]], kept, asked, most=100)
        return ActionResult({"UserDefinedFunctions": found, "NextToken": token})

    def _database_of_functions(self) -> LocalDatabase:
        found: LocalDatabase = self.glue_backend.get_database(self.parameters["DatabaseName"])
        return found

    def _known_function(self) -> dict[str, Any]:
        name = folded(self.parameters["FunctionName"])
        function = self._database_of_functions().functions.get(name)
        if function is None:
            raise EntityNotFoundException(f"UserDefinedFunction {name} not found.")
        return function

    @staticmethod
    def _function(database: LocalDatabase, given: dict[str, Any], created: float) -> dict[str, Any]:
        return {**given, "DatabaseName": database.name, "CatalogId": database.catalog_id, "CreateTime": created}
