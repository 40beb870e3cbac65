"""TestConnection: a real login where we can, a refusal where we cannot.

https://docs.aws.amazon.com/glue/latest/dg/console-test-connections.html
"""

from __future__ import annotations

import re
from typing import Any, Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.glue.connections.postgres_login import LoginError, login
from lakeshift.local.glue.jobs.errors import InvalidInputError, NotSupportedError

__all__ = ["postgres_address", "test_connection"]

_PAGE: Final = "https://docs.aws.amazon.com/glue/latest/dg/console-test-connections.html"
_URL: Final = re.compile(r"jdbc:postgresql://(?P<host>[^:/?]+)(?::(?P<port>\d+))?/(?P<database>[^?]+)")


def test_connection(kind: str, properties: dict[str, Any]) -> None:
    """Log in to the PostgreSQL server that the connection names, and out again.

    Raises InvalidInputError where that fails, NotSupportedError for another kind of connection or source.
    """
    url = str(properties.get("JDBC_CONNECTION_URL") or "")
    if kind not in ("JDBC", "POSTGRESQL") or not url.startswith("jdbc:postgresql:"):
        what = url.partition("//")[0] or kind
        raise _refused(f"TestConnection of a {what} connection", "Only PostgreSQL over JDBC is tested locally.")
    if "USERNAME" not in properties:
        raise _refused("TestConnection without USERNAME", "Give USERNAME and PASSWORD in the connection.")
    host, port, database = postgres_address(url)
    try:
        login(host, port, database, str(properties["USERNAME"]), str(properties.get("PASSWORD") or ""))
    except LoginError as error:
        raise InvalidInputError(f"Connection test failed for {url}: {error}") from error


def postgres_address(url: str) -> tuple[str, int, str]:
    """Host, port and database of a JDBC address; raises InvalidInputError."""
    found = _URL.match(url)
    if found is None:
        raise InvalidInputError(f"{url!r} is no JDBC address; give jdbc:postgresql://host:port/database.")
    return found["host"], int(found["port"] or 5432), found["database"]


def _refused(feature: str, instead: str) -> NotSupportedError:
    return NotSupportedError(NotSupportedLocallyError(feature, instead, _PAGE))
