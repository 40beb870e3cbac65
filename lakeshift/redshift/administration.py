"""CREATE, ALTER and DROP of users, groups, roles and databases, and GRANT of roles.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.databases import Databases
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.statements import Administer, Grant
from lakeshift.redshift.users import PUBLIC, User, Users, password_hash

__all__ = ["Administration"]

_PLAIN: Final = ("superuser", "createdb", "syslog", "connection_limit", "session_timeout")
_RESERVED: Final = frozenset({PUBLIC, "rdsdb"})


class Administration:
    """What one session changes of the cluster's users and databases, each in the session's transaction."""

    def __init__(
        self, connection: Connection, database: str, user: str, connected: Callable[[str], int] = lambda _: 0
    ) -> None:
        self.users = Users(connection)
        self.databases = Databases(connection)
        self._connection = connection
        self._database = database
        self._user = user
        self._connected = connected

    def run(self, statement: Administer) -> str:
        """Do what the statement says; the command's tag. Raises RedshiftError."""
        if statement.kind == "DATABASE":
            self._may("createdb", "permission denied to create database")
            _DATABASE[statement.verb](self, statement)
        elif not self._is_own_password(statement):
            self._may("superuser", f"must be superuser to {statement.verb.lower()} {statement.kind.lower()}s")
        if statement.kind == "USER":
            _USER[statement.verb](self, statement)
        elif statement.kind in ("GROUP", "ROLE"):
            self._container(statement)
        return f"{statement.verb} {statement.kind}"

    def _is_own_password(self, statement: Administer) -> bool:
        """A user may change its own password, and nothing else."""
        alters = (statement.verb, statement.kind, statement.names) == ("ALTER", "USER", (self._user,))
        return alters and set(statement.options) <= {"password", "valid_until"}

    def _may(self, right: str, text: str) -> None:
        found = self.users.find(self._user)
        if found is not None and not (found.superuser or getattr(found, right)):
            raise RedshiftError(text, "42501")

    # Users.

    def _create_user(self, statement: Administer) -> None:
        name, options = statement.names[0], statement.options
        if name in _RESERVED:
            raise RedshiftError(f'user name "{name}" is reserved', "42939")
        for group in options.get("groups", ()):
            self._need("GROUP", group)
        self.users.add(_changed(User(0, name), options))
        for group in options.get("groups", ()):
            self.users.join(f"group {group}", name)

    def _alter_user(self, statement: Administer) -> None:
        found, options = self.users.need(statement.names[0]), statement.options
        new = options.get("rename")
        if new is None:
            self.users.change(_changed(found, options))
            return
        if self.users.find(new) is not None:
            raise RedshiftError(f'user "{new}" already exists', "42710")
        # The hash holds the name: renaming a user clears its password, as Redshift says in a notice.
        self.users.change(replace(found, name=new, password=None))
        self._connection.run("UPDATE _lakeshift.members SET member = ? WHERE member = ?", [new, found.name])
        self._connection.run("UPDATE _lakeshift.grants SET grantee = ? WHERE grantee = ?", [new, found.name])
        for table in ("schemas", "relations", "databases"):
            self._connection.run(f"UPDATE _lakeshift.{table} SET owner = ? WHERE owner = ?", [new, found.name])

    def _drop_user(self, statement: Administer) -> None:
        for name in statement.names:
            if self.users.find(name) is None and statement.options.get("if_exists"):
                continue
            self.users.need(name)
            if name == self._user:
                raise RedshiftError("current user cannot be dropped", "55006")
            self._refuse_if_bound(name)
            self.users.remove(name)

    def _refuse_if_bound(self, name: str) -> None:
        for table in ("schemas", "relations", "databases"):
            if self._connection.rows(f"SELECT 1 FROM _lakeshift.{table} WHERE owner = ? LIMIT 1", [name]):
                raise RedshiftError(
                    f'user "{name}" cannot be dropped because some objects depend on it',
                    "2BP01",
                    "owner of some object",
                )
        if self._connection.rows("SELECT 1 FROM _lakeshift.grants WHERE grantee = ? LIMIT 1", [name]):
            raise RedshiftError(
                f'user "{name}" cannot be dropped because the user has a privilege on some object', "2BP01"
            )

    # Groups and roles.

    def _need(self, kind: str, name: str) -> None:
        if not self.users.exists(kind, name):
            raise RedshiftError(f'{kind.lower()} "{name}" does not exist', "42704")

    def _container(self, statement: Administer) -> None:
        kind, options = statement.kind, statement.options
        table, prefix = f"_lakeshift.{kind.lower()}s", f"{kind.lower()} "
        for name in statement.names:
            if statement.verb == "CREATE":
                self._create_container(kind, name)
            elif not self.users.exists(kind, name) and options.get("if_exists"):
                continue
            else:
                self._need(kind, name)
            if statement.verb == "DROP":
                self._drop_container(kind, name, force=bool(options.get("force")))
            if options.get("rename"):
                self._connection.run(f"UPDATE {table} SET name = ? WHERE name = ?", [options["rename"], name])
                for where, column in (("members", "container"), ("members", "member"), ("grants", "grantee")):
                    self._connection.run(
                        f"UPDATE _lakeshift.{where} SET {column} = ? WHERE {column} = ?",
                        [prefix + options["rename"], prefix + name],
                    )
            if options.get("owner"):
                self.users.need(options["owner"])
                self._connection.run(f"UPDATE {table} SET owner = ? WHERE name = ?", [options["owner"], name])
            change = self.users.leave if options.get("member") == "DROP" else self.users.join
            for user in options.get("users", ()):
                self.users.need(user)
                change(prefix + name, user)

    def _create_container(self, kind: str, name: str) -> None:
        if self.users.exists(kind, name):
            raise RedshiftError(f'{kind.lower()} "{name}" already exists', "42710")
        values = "nextval('_lakeshift.user_ids'), ?" + (", ?" if kind == "ROLE" else "")
        self._connection.run(
            f"INSERT INTO _lakeshift.{kind.lower()}s VALUES ({values})",
            [name, self._user] if kind == "ROLE" else [name],
        )

    def _drop_container(self, kind: str, name: str, *, force: bool) -> None:
        grantee = f"{kind.lower()} {name}"
        bound = self._connection.rows("SELECT 1 FROM _lakeshift.grants WHERE grantee = ? LIMIT 1", [grantee])
        held = kind == "ROLE" and self._connection.rows(
            "SELECT 1 FROM _lakeshift.members WHERE container = ? OR member = ? LIMIT 1", [grantee, grantee]
        )
        if (bound or held) and not force:
            reason = "has a privilege on some object" if bound else "is granted to some user or role"
            raise RedshiftError(
                f'{kind.lower()} "{name}" cannot be dropped because the {kind.lower()} {reason}', "2BP01"
            )
        self._connection.run("DELETE FROM _lakeshift.members WHERE container = ? OR member = ?", [grantee, grantee])
        self._connection.run("DELETE FROM _lakeshift.grants WHERE grantee = ?", [grantee])
        self._connection.run(f"DELETE FROM _lakeshift.{kind.lower()}s WHERE name = ?", [name])

    def grant_roles(self, statement: Grant) -> str:
        """GRANT ROLE and REVOKE ROLE; system permissions such as CREATE USER are refused by name."""
        self._may("superuser", "must be superuser to grant roles")
        for privilege in statement.privileges:
            word, _, name = privilege.partition(" ")
            if word != "ROLE":
                raise NotSupportedLocallyError(
                    f"GRANT {privilege}",
                    "Grant roles, or privileges on objects.",
                    "https://docs.aws.amazon.com/redshift/latest/dg/r_roles-system-privileges.html",
                )
            self._grant_role(statement.verb, name.strip().strip('"').lower(), statement.grantees)
        return statement.verb

    def _grant_role(self, verb: str, role: str, grantees: tuple[str, ...]) -> None:
        self._need("ROLE", role)
        for grantee in grantees:
            if grantee.startswith("role "):
                self._need("ROLE", grantee.removeprefix("role "))
            elif grantee != PUBLIC:
                self.users.need(grantee)
            if verb == "GRANT" and f"role {role}" in self.users.grantees(grantee) and grantee == f"role {role}":
                raise RedshiftError(f'role "{role}" cannot be granted to itself', "0LP01")
            if verb == "GRANT" and grantee in self.users.grantees(f"role {role}") and grantee.startswith("role "):
                raise RedshiftError("a role cannot be granted to a role that it is granted to", "0LP01")
            (self.users.join if verb == "GRANT" else self.users.leave)(f"role {role}", grantee)

    # Databases.

    def _create_database(self, statement: Administer) -> None:
        owner = statement.options.get("owner", self._user)
        if "owner" in statement.options:
            self.users.need(owner)
        self.databases.create(
            statement.names[0],
            owner,
            limit=statement.options.get("connection_limit", "UNLIMITED"),
            isolation=statement.options.get("isolation", "SERIALIZABLE"),
        )

    def _alter_database(self, statement: Administer) -> None:
        if "rename" in statement.options:
            raise NotSupportedLocallyError(
                "ALTER DATABASE … RENAME TO",
                "Create a database of the new name and load it.",
                "https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DATABASE.html",
            )
        if "owner" in statement.options:
            self.users.need(statement.options["owner"])
        self.databases.alter(statement.names[0], statement.options)

    def _drop_database(self, statement: Administer) -> None:
        for name in statement.names:
            if name == self._database:
                raise RedshiftError("cannot drop the currently open database", "55006")
            if self._connected(name):
                raise RedshiftError(f'database "{name}" is being accessed by other users', "55006")
            self.databases.drop(name)


def _changed(user: User, options: dict[str, Any]) -> User:
    changes: dict[str, Any] = {name: options[name] for name in _PLAIN if name in options}
    if "password" in options:
        given = options["password"]
        changes["password"] = None if given is None else password_hash(user.name, given)
    if "valid_until" in options:
        changes["valid_until"] = _moment(options["valid_until"])
    return replace(user, **changes)


def _moment(text: str) -> datetime | None:
    if text.lower() == "infinity":
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise RedshiftError(f'invalid input syntax for type abstime: "{text}"', "22007") from None


_USER: Final = {
    "CREATE": Administration._create_user,
    "ALTER": Administration._alter_user,
    "DROP": Administration._drop_user,
}
_DATABASE: Final = {
    "CREATE": Administration._create_database,
    "ALTER": Administration._alter_database,
    "DROP": Administration._drop_database,
}
