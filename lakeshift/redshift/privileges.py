"""Who may do what: grants of the catalog against the user of a session.

A superuser and an object's owner may do everything. The identity comes from the session: its user, the groups and roles
it is in, and PUBLIC, written as GRANT names them (``ann``, ``group bi``, ``role etl``, ``public``).
https://docs.aws.amazon.com/redshift/latest/dg/r_Privileges.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lakeshift.redshift.catalog import Relation
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.statements import CreateRoutine

__all__ = ["Identity", "Privileges"]

_DENIED: Final = "42501"


@dataclass(frozen=True, slots=True)
class Identity:
    """A user: its name, whether it is a superuser, and the names that grants to it may have."""

    user: str
    superuser: bool = True
    grantees: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """Every name a grant to this user may have."""
        return self.grantees | {self.user, "public"}


class Privileges:
    """Checks one session's statements."""

    def __init__(self, connection: Connection, database: str, identity: Identity) -> None:
        self._connection = connection
        self._database = database
        self.identity = identity

    def relation(self, relation: Relation, privilege: str) -> None:
        """Raise 42501 unless the user may SELECT, INSERT, UPDATE or DELETE on the relation."""
        if self.identity.superuser or relation.temporary or relation.owner == self.identity.user:
            return
        self.schema(relation.schema, "USAGE")
        asked = [("TABLE", f"{relation.schema}.{relation.name}"), ("ALL TABLES", relation.schema)]
        if not any(self._granted(kind, name, privilege) for kind, name in asked):
            raise RedshiftError(f"permission denied for relation {relation.name}", _DENIED)

    def schema(self, name: str, privilege: str) -> None:
        """Raise 42501 unless the user has USAGE or CREATE on the schema; everyone has both on public."""
        if self.identity.superuser or name == "public" or self._owner_of(name) == self.identity.user:
            return
        if not self._granted("SCHEMA", name, privilege):
            raise RedshiftError(f"permission denied for schema {name}", _DENIED)

    def owner(self, relation: Relation) -> None:
        """Raise 42501 unless the relation is the user's own."""
        if not (self.identity.superuser or relation.temporary or relation.owner == self.identity.user):
            raise RedshiftError(f"must be owner of relation {relation.name}", _DENIED)

    def may_grant(self, relation: Relation) -> None:
        """Raise 42501 unless the user may grant on the relation: its owner, or one with GRANT OPTION."""
        if self.identity.superuser or relation.owner == self.identity.user:
            return
        raise RedshiftError(f"permission denied for relation {relation.name}", _DENIED)

    def routine(self, routine: CreateRoutine) -> None:
        """Raise 42501 unless the user may run it: every user may run a function, and only its owner a procedure."""
        if self.identity.superuser or routine.owner == self.identity.user:
            return
        self.schema(routine.name[0], "USAGE")
        open_to_all = routine.kind == "FUNCTION" and not self._withdrawn(routine.kind, routine.signature)
        if not open_to_all and not self._granted(routine.kind, routine.signature, "EXECUTE"):
            raise RedshiftError(f"permission denied for {routine.kind.lower()} {routine.name[-1]}", _DENIED)

    def language(self, name: str) -> None:
        """Raise 42501 unless the user may write routines in the language, as every user may at first."""
        withdrawn = not self.identity.superuser and self._withdrawn("LANGUAGE", name)
        if withdrawn and not self._granted("LANGUAGE", name, "USAGE"):
            raise RedshiftError(f"permission denied for language {name}", _DENIED)

    def may_grant_routine(self, routine: CreateRoutine) -> None:
        """Raise 42501 unless the user owns it."""
        if not self.identity.superuser and routine.owner != self.identity.user:
            raise RedshiftError(f"permission denied for {routine.kind.lower()} {routine.name[-1]}", _DENIED)

    def _withdrawn(self, kind: str, name: str) -> bool:
        """Whether what PUBLIC has at first was revoked."""
        rows = self._connection.rows(
            "SELECT 1 FROM _lakeshift.grants WHERE database = ? AND kind = ? AND object = ? AND verb = 'REVOKE'",
            [self._database, kind, name],
        )
        return bool(rows)

    def _owner_of(self, schema: str) -> str | None:
        rows = self._connection.rows(
            "SELECT owner FROM _lakeshift.schemas WHERE database = ? AND name = ?", [self._database, schema]
        )
        return str(rows[0][0]) if rows else None

    def _granted(self, kind: str, name: str, privilege: str) -> bool:
        rows = self._connection.rows(
            "SELECT 1 FROM _lakeshift.grants WHERE database = ? AND kind = ? AND object = ? AND verb = 'GRANT' AND "
            "(privilege = ? OR privilege LIKE 'ALL%') AND list_contains(?, lower(grantee)) LIMIT 1",
            [self._database, kind, name, privilege, [item.lower() for item in self.identity.names]],
        )
        return bool(rows)
