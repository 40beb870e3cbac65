"""Connections: how jobs and crawlers reach a database.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-connections.html
"""

from __future__ import annotations

from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.glue.models import FakeConnection, GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.glue.catalog.pages import page_by
from lakeshift.local.glue.connections.testing import test_connection
from lakeshift.local.glue.jobs.errors import (
    AlreadyExistsError,
    EntityNotFoundError,
    InvalidInputError,
    NotSupportedError,
)

__all__ = ["ConnectionOperations", "ConnectionResponses"]

_SECRET: Final = "PASSWORD"  # noqa: S105 - the name of a property
_OAUTH: Final = "https://docs.aws.amazon.com/glue/latest/dg/connecting-to-data-auth-oauth.html"


class ConnectionOperations(GlueBackend):
    """What the backend does for connections."""

    def known_connection(self, name: str) -> FakeConnection:
        """The connection; raises EntityNotFoundError."""
        connection = self.connections.get(name)
        if connection is None:
            raise EntityNotFoundError(f"Connection {name} not found.")
        return connection

    def create_connection(
        self, catalog_id: str, connection_input: dict[str, Any], tags: dict[str, str] | None = None
    ) -> str:
        """READY; raises AlreadyExistsError where the name is taken."""
        _refuse_oauth(connection_input)
        name = connection_input["Name"]
        if name in self.connections:
            raise AlreadyExistsError(f"Connection already exists: {name}")
        self.connections[name] = FakeConnection(self, catalog_id, connection_input, tags or {})
        return "READY"

    def update_connection(self, name: str, given: dict[str, Any]) -> None:
        """Replace the definition; the name itself cannot change."""
        _refuse_oauth(given)
        old = self.known_connection(name)
        if given.get("Name", name) != name:
            raise InvalidInputError(f"Connection {name} cannot be renamed to {given['Name']}.")
        new = FakeConnection(self, old.catalog_id, {**given, "Name": name}, self.get_tags(old.arn))
        new.created_time, new.updated_time = old.created_time, utcnow()
        self.connections[name] = new

    def delete_connection(self, name: str) -> None:
        """Forget the connection and its tags; raises EntityNotFoundError."""
        connection = self.known_connection(name)
        self.tagger.delete_all_tags_for_resource(connection.arn)
        del self.connections[name]


class ConnectionResponses(GlueResponse):
    """How the API answers for connections."""

    def create_connection(self) -> ActionResult:
        """CreateConnection."""
        asked = self.parameters
        catalog = asked.get("CatalogId") or self.current_account
        status = self.glue_backend.create_connection(catalog, asked["ConnectionInput"], asked.get("Tags"))
        return ActionResult({"CreateConnectionStatus": status})

    def get_connection(self) -> ActionResult:
        """GetConnection."""
        connection = self.glue_backend.known_connection(self.parameters["Name"])
        return ActionResult({"Connection": _told(connection, self.parameters.get("HidePassword"))})

    def get_connections(self) -> ActionResult:
        """GetConnections: those of the type and with all the criteria of the filter."""
        asked = self.parameters
        wanted = asked.get("Filter") or {}
        kept = [one for one in self.glue_backend.connections.values() if _passes(one.connection_input, wanted)]
        found, token = page_by(lambda one: [one.name], kept, asked)
        told = [_told(one, asked.get("HidePassword")) for one in found]
        return ActionResult({"ConnectionList": told, "NextToken": token})

    def update_connection(self) -> EmptyResult:
        """UpdateConnection."""
        self.glue_backend.update_connection(self.parameters["Name"], dict(self.parameters["ConnectionInput"]))
        return EmptyResult()

    def delete_connection(self) -> EmptyResult:
        """DeleteConnection."""
        self.glue_backend.delete_connection(self.parameters["ConnectionName"])
        return EmptyResult()

    def batch_delete_connection(self) -> ActionResult:
        """BatchDeleteConnection: what is not there is told by name."""
        done, errors = [], {}
        for name in self.parameters["ConnectionNameList"]:
            try:
                self.glue_backend.delete_connection(name)
            except EntityNotFoundError as error:
                errors[name] = {"ErrorCode": error.error_type, "ErrorMessage": error.message}
            else:
                done.append(name)
        return ActionResult({"Succeeded": done, "Errors": errors})

    def test_connection(self) -> ActionResult:
        """TestConnection, of a kept connection or of the properties given; see ``testing``."""
        given = self.parameters.get("TestConnectionInput")
        name = self.parameters.get("ConnectionName")
        if given is None and name is None:
            raise InvalidInputError("Give ConnectionName or TestConnectionInput.")
        if name is not None:
            given = self.glue_backend.known_connection(name).connection_input
        test_connection(given["ConnectionType"], dict(given.get("ConnectionProperties") or {}))
        return ActionResult({})


def _refuse_oauth(given: dict[str, Any]) -> None:
    kind = (given.get("AuthenticationConfiguration") or {}).get("AuthenticationType")
    if kind in ("OAUTH2", "IAM"):
        instead = "Give USERNAME and PASSWORD, or SECRET_ID, in ConnectionProperties."
        raise NotSupportedError(NotSupportedLocallyError(f"A connection with authentication {kind}", instead, _OAUTH))


def _passes(given: dict[str, Any], wanted: dict[str, Any]) -> bool:
    kind, criteria = wanted.get("ConnectionType"), set(wanted.get("MatchCriteria") or ())
    return kind in (None, given["ConnectionType"]) and criteria <= set(given.get("MatchCriteria") or ())


def _told(connection: FakeConnection, hide_password: bool | None) -> dict[str, Any]:
    told = {
        **connection.connection_input,
        "CreationTime": connection.created_time,
        "LastUpdatedTime": connection.updated_time,
        "Status": connection.status,
    }
    if hide_password:
        properties = told.get("ConnectionProperties") or {}
        told["ConnectionProperties"] = {name: value for name, value in properties.items() if name != _SECRET}
    return told
