"""PG_CANCEL_BACKEND and PG_TERMINATE_BACKEND: one session stops another's statement, or the other itself.

https://docs.aws.amazon.com/redshift/latest/dg/PG_TERMINATE_BACKEND.html
"""

from __future__ import annotations

import re
from typing import Final

from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.result import Result, ResultColumn
from lakeshift.redshift.sessions import Open, Sessions
from lakeshift.redshift.types import SqlType

__all__ = ["stop_backend"]

_CALL: Final = re.compile(
    r"\s*SELECT\s+(?:pg_catalog\s*\.\s*)?pg_(cancel|terminate)_backend\s*\(\s*(\d+)\s*\)\s*;?\s*", re.IGNORECASE
)


def stop_backend(sql: str, asking: Open, sessions: Sessions, *, superuser: bool) -> Result | None:
    """The answer to ``SELECT pg_cancel_backend(pid)`` and its kin, None for another statement."""
    found = _CALL.fullmatch(sql)
    if found is None:
        return None
    verb, pid = found[1].lower(), int(found[2])
    session = sessions.find(pid)
    if session is not None and session.user != asking.user and not superuser:
        raise RedshiftError("must be superuser to signal other server processes", "42501")
    if session is not None and verb == "cancel":
        session.interrupt()
    elif session is not None:
        session.terminate()
    column = ResultColumn(f"pg_{verb}_backend", SqlType("integer"))
    notices = () if session is not None else (f"PID {pid} is not a PostgreSQL server process",)
    return Result("SELECT", (column,), [(int(session is not None),)], 1, notices=notices)
