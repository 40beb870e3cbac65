"""Connections of JDBC jobs.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-connections.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.glue.models import FakeConnection, GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.local.glue.jobs.connection_test import test_connection
from lakeshift.local.glue.jobs.errors import EntityNotFoundError, InvalidInputError

__all__ = ["ConnectionOperations", "ConnectionResponses"]


class ConnectionOperations(GlueBackend):
    """What the backend does for connections."""

    def known_connection(self, name: str) -> FakeConnection:
        """The connection; raises EntityNotFoundError."""
        connection = self.connections.get(name)
        if connection is None:
            raise EntityNotFoundError(f"Connection {name} not found.")
        return connection

    def update_connection(self, name: str, given: dict[str, Any]) -> None:
        """Replace the definition; the name itself cannot change."""
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

    def get_connection(self) -> ActionResult:
        """As moto's, with the properties that moto drops."""
        told = super().get_connection().result["Connection"]
        return ActionResult({"Connection": _whole(told)})

    def get_connections(self) -> ActionResult:
        """As moto's, with the properties that moto drops."""
        told = super().get_connections().result
        return ActionResult({**told, "ConnectionList": [_whole(one) for one in told["ConnectionList"]]})

    def update_connection(self) -> EmptyResult:
        """UpdateConnection."""
        self.glue_backend.update_connection(self.parameters["Name"], dict(self.parameters["ConnectionInput"]))
        return EmptyResult()

    def delete_connection(self) -> EmptyResult:
        """DeleteConnection."""
        self.glue_backend.delete_connection(self.parameters["ConnectionName"])
        return EmptyResult()

    def test_connection(self) -> ActionResult:
        """TestConnection, of a kept connection or of the properties given; see ``connection_test``."""
        given = self.parameters.get("TestConnectionInput")
        name = self.parameters.get("ConnectionName")
        if given is None and name is None:
            raise InvalidInputError("Give ConnectionName or TestConnectionInput.")
        if name is not None:
            given = self.glue_backend.known_connection(name).connection_input
        test_connection(given["ConnectionType"], dict(given.get("ConnectionProperties") or {}))
        return ActionResult({})


def _whole(told: dict[str, Any]) -> dict[str, Any]:
    kept = ("ConnectionType", "MatchCriteria", "PhysicalConnectionRequirements")
    return {**told, **{key: told["Connection"][key] for key in kept if key in told["Connection"]}}
