"""Who a client is: passwords of the warehouse's users, and temporary credentials of IAM.

https://docs.aws.amazon.com/redshift/latest/mgmt/generating-iam-credentials-overview.html
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
import threading
import time
from dataclasses import dataclass, field
from typing import Final

from lakeshift.redshift import RedshiftError, Warehouse
from lakeshift.redshift.users import md5_of

__all__ = ["Credentials", "Temporary", "database_user", "expected_md5", "refused"]

_LETTERS: Final = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Temporary:
    """What GetClusterCredentials and GetCredentials handed out; ``until`` in seconds since 1970."""

    warehouse: str
    login: str  # as the client says it, ``IAM:ann``
    user: str
    password: str = field(repr=False)
    until: float
    database: str | None = None
    create: bool = False
    groups: tuple[str, ...] = ()


class Credentials:
    """Temporary credentials that are still good. Thread-safe; a restart of the local AWS ends them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: list[Temporary] = []

    def give(self, one: Temporary) -> None:
        """Remember one."""
        with self._lock:
            now = time.time()
            self._given = [other for other in self._given if other.until > now]
            self._given.append(one)

    def of(self, warehouse: str, login: str) -> list[Temporary]:
        """Those that are good for logging in under that name, the newest first."""
        now = time.time()
        with self._lock:
            found = [one for one in self._given if (one.warehouse, one.login) == (warehouse, login)]
        return [one for one in reversed(found) if one.until > now]

    @staticmethod
    def password() -> str:
        """A fresh password."""
        return "".join(secrets.choice(_LETTERS) for _ in range(64))


def expected_md5(hashed: str, salt: bytes) -> str:
    """What a client answers to a salt, where ``hashed`` is what is kept of the password."""
    return "md5" + hashlib.md5(hashed.removeprefix("md5").encode() + salt, usedforsecurity=False).hexdigest()


def refused(login: str) -> RedshiftError:
    """The one answer to every failed login: it does not tell whether the user is there."""
    return RedshiftError(f'password authentication failed for user "{login}"', "28000")


def database_user(
    given: list[Temporary], warehouse: Warehouse, login: str, database: str, answer: str, salt: bytes | None
) -> str:
    """The database user that logs in with ``answer`` (plain where ``salt`` is None); raises 28000."""
    for one in given:
        right = one.password if salt is None else expected_md5(md5_of(login, one.password), salt)
        if hmac.compare_digest(right.encode(), answer.encode()):
            if one.database not in (None, database):
                raise RedshiftError(f'user "{login}" may not connect to database "{database}"', "28000")
            if one.create:
                warehouse.ensure_user(one.user)
            return one.user
    kept = warehouse.user(login)
    if (
        kept is None
        or kept.password is None
        or (kept.valid_until is not None and kept.valid_until.timestamp() < time.time())
    ):
        raise refused(login)
    if salt is None:
        right_plain = warehouse.password_is_right(login, answer)
    else:
        right_plain = hmac.compare_digest(expected_md5(kept.password, salt).encode(), answer.encode())
    if not right_plain:
        raise refused(login)
    return login
