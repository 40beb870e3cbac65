"""Users, groups and roles of a warehouse: who they are, what they belong to, and whether a password is theirs.

They belong to the whole cluster, not to one database, and live in the warehouse's file: a ROLLBACK undoes them too.
https://docs.aws.amazon.com/redshift/latest/dg/r_Users.html
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError

__all__ = ["PUBLIC", "USERS_DDL", "User", "Users", "md5_of", "password_hash"]

PUBLIC: Final = "public"
USERS_DDL: Final = """
CREATE SEQUENCE IF NOT EXISTS _lakeshift.user_ids START 100;
CREATE TABLE IF NOT EXISTS _lakeshift.users (
    id BIGINT, name VARCHAR, password VARCHAR, superuser BOOLEAN, createdb BOOLEAN, syslog BOOLEAN,
    valid_until TIMESTAMP, connection_limit VARCHAR, session_timeout INTEGER);
CREATE TABLE IF NOT EXISTS _lakeshift.groups (id BIGINT, name VARCHAR);
CREATE TABLE IF NOT EXISTS _lakeshift.roles (id BIGINT, name VARCHAR, owner VARCHAR);
CREATE TABLE IF NOT EXISTS _lakeshift.members (container VARCHAR, member VARCHAR);
CREATE OR REPLACE VIEW _lakeshift.grantees AS WITH RECURSIVE found(member, grantee) AS (
    (SELECT name, name FROM _lakeshift.users UNION SELECT name, 'public' FROM _lakeshift.users)
    UNION SELECT f.member, m.container FROM found f JOIN _lakeshift.members m ON m.member = f.grantee
) SELECT member, grantee FROM found;
"""
_COLUMNS: Final = "id, name, password, superuser, createdb, syslog, valid_until, connection_limit, session_timeout"
_SHORTEST: Final = 8
_LONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class User:
    """A database user; ``password`` is its hash (``md5…`` or ``sha256|…``), None where logging in by it is disabled."""

    id: int
    name: str
    password: str | None = None
    superuser: bool = False
    createdb: bool = False
    syslog: bool = False
    valid_until: datetime | None = None
    connection_limit: str = "UNLIMITED"
    session_timeout: int = 0


def md5_of(name: str, password: str) -> str:
    """The hash Redshift keeps of a password: ``md5`` and the digest of password and user name together."""
    return "md5" + hashlib.md5((password + name).encode(), usedforsecurity=False).hexdigest()


def password_hash(name: str, password: str) -> str:
    """What is kept of ``password``: itself where it is a hash already, else its hash. Raises RedshiftError."""
    lowered = password.lower()
    if lowered.startswith("md5") and len(password) == 35 and _is_hex(password[3:]):
        return lowered
    if lowered.startswith("sha256|"):
        return _sha256_hash(password)
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise RedshiftError(f"password must be between {_SHORTEST} and {_LONGEST} characters long", "22023")
    for has, what in ((str.isupper, "uppercase letter"), (str.islower, "lowercase letter"), (str.isdigit, "number")):
        if not any(map(has, password)):
            raise RedshiftError(f"password must contain at least one {what}", "22023")
    if any(letter in "'\"\\/@ " or not 33 <= ord(letter) <= 126 for letter in password):
        raise RedshiftError("password contains a character that is not allowed: one of ' \" \\ / @ or space", "22023")
    return md5_of(name, password)


def _sha256_hash(password: str) -> str:
    """``sha256|<password>``, or ``sha256|<digest>|<salt>``."""
    parts = password.split("|")
    if len(parts) == 2:
        salt = hashlib.sha256(parts[1].encode()).hexdigest()
        return f"sha256|{_salted(parts[1], salt)}|{salt}"
    if len(parts) == 3 and len(parts[1]) == 64 and _is_hex(parts[1]):
        return password
    raise RedshiftError("invalid sha256 password: give sha256|digest|salt", "22023")


def _salted(password: str, salt: str) -> str:
    return hashlib.sha256((password + salt).encode()).hexdigest()


def _is_hex(text: str) -> bool:
    return bool(text) and all(letter in "0123456789abcdefABCDEF" for letter in text)


class Users:
    """Reads and changes the users, groups and roles as ``connection`` sees them; its transaction is the caller's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, name: str) -> User | None:
        """The user of that name."""
        rows = self._connection.rows(f"SELECT {_COLUMNS} FROM _lakeshift.users WHERE name = ?", [name])
        return User(*rows[0]) if rows else None

    def need(self, name: str) -> User:
        """The user of that name; raises 42704."""
        found = self.find(name)
        if found is None:
            raise RedshiftError(f'user "{name}" does not exist', "42704")
        return found

    def all(self) -> list[User]:
        """Every user, by number."""
        rows = self._connection.rows(f"SELECT {_COLUMNS} FROM _lakeshift.users ORDER BY id")
        return [User(*row) for row in rows]

    def is_superuser(self, name: str) -> bool:
        """Whether the user may do everything; nobody who is not known may."""
        found = self.find(name)
        return found is not None and found.superuser

    def grantees(self, name: str) -> frozenset[str]:
        """Every name a privilege of the user may stand under: its own, ``public``, ``group g`` and ``role r``.

        Roles granted to roles count too. These are the spellings of ``_lakeshift.grants.grantee``.
        """
        rows = self._connection.rows("SELECT container, member FROM _lakeshift.members")
        found = {name, PUBLIC}
        while more := {container for container, member in rows if member in found} - found:
            found |= more
        return frozenset(found)

    def add(self, user: User) -> User:
        """Record a user and return it with its number; raises 42710 where the name is taken."""
        if self.find(user.name) is not None:
            raise RedshiftError(f'user "{user.name}" already exists', "42710")
        number = int(str(self._connection.rows("SELECT nextval('_lakeshift.user_ids')")[0][0]))
        self._connection.run(
            f"INSERT INTO _lakeshift.users ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                number, user.name, user.password, user.superuser, user.createdb, user.syslog, user.valid_until,
                user.connection_limit, user.session_timeout,
            ],
        )  # fmt: skip
        return self.need(user.name)

    def change(self, user: User) -> None:
        """Write what the user of this number is now."""
        self._connection.run(
            "UPDATE _lakeshift.users SET name = ?, password = ?, superuser = ?, createdb = ?, syslog = ?, "
            "valid_until = ?, connection_limit = ?, session_timeout = ? WHERE id = ?",
            [
                user.name, user.password, user.superuser, user.createdb, user.syslog, user.valid_until,
                user.connection_limit, user.session_timeout, user.id,
            ],
        )  # fmt: skip

    def remove(self, name: str) -> None:
        """Forget a user and its memberships."""
        self._connection.run("DELETE FROM _lakeshift.members WHERE member = ?", [name])
        self._connection.run("DELETE FROM _lakeshift.users WHERE name = ?", [name])

    def exists(self, kind: str, name: str) -> bool:
        """Whether the ``GROUP`` or ``ROLE`` of that name is there."""
        return bool(self._connection.rows(f"SELECT 1 FROM _lakeshift.{kind.lower()}s WHERE name = ?", [name]))

    def join(self, container: str, member: str) -> None:
        """Make ``member`` (a user, or ``role r``) a member of ``group g`` or ``role r``."""
        self.leave(container, member)
        self._connection.run("INSERT INTO _lakeshift.members VALUES (?, ?)", [container, member])

    def leave(self, container: str, member: str) -> None:
        """End a membership."""
        self._connection.run("DELETE FROM _lakeshift.members WHERE container = ? AND member = ?", [container, member])

    def password_is_right(self, name: str, password: str) -> bool:
        """Whether ``password`` in plain text is the user's."""
        found = self.find(name)
        kept = found.password if found else None
        if kept is None:
            return False
        if kept.startswith("sha256|"):
            _, digest, salt = kept.split("|")
            return hmac.compare_digest(digest, _salted(password, salt))
        return hmac.compare_digest(kept, md5_of(name, password))
