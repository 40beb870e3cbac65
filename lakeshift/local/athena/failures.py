"""Errors of Athena: of a call, and of a query.

https://docs.aws.amazon.com/athena/latest/ug/query-errors-and-troubleshooting.html
"""

from __future__ import annotations

from moto.core.exceptions import JsonRESTError

from lakeshift.errors import LakeshiftError, NotSupportedLocallyError

__all__ = ["InvalidRequestException", "QueryError", "ResourceNotFoundException", "refused"]

_PAGE = "https://docs.aws.amazon.com/athena/latest/ug/ddl-sql-reference.html"


class InvalidRequestException(JsonRESTError):  # noqa: N818 - AWS's own name
    """Something is wrong with the input to the request."""

    def __init__(self, message: str) -> None:
        super().__init__("InvalidRequestException", message)


class ResourceNotFoundException(JsonRESTError):  # noqa: N818 - AWS's own name
    """A prepared statement or a named query is not there."""

    def __init__(self, message: str) -> None:
        super().__init__("ResourceNotFoundException", message)


class QueryError(LakeshiftError):
    """Why a query failed, as ``StateChangeReason`` tells it: ``SYNTAX_ERROR: …``."""


def refused(feature: str, instead: str) -> NotSupportedLocallyError:
    """Athena has it, the local one does not."""
    return NotSupportedLocallyError(f"{feature} of Athena", instead, _PAGE)
