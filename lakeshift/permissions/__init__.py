"""Who may do what: policies derived from what the definitions say a job or a service reads and writes; pure."""

from __future__ import annotations

from lakeshift.permissions.grants import Grant, Statement, statements
from lakeshift.permissions.roles import Role, roles

__all__ = ["Grant", "Role", "Statement", "roles", "statements"]
