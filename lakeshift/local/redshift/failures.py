"""Errors of the Redshift Data API.

https://docs.aws.amazon.com/redshift-data/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from moto.core.exceptions import JsonRESTError

__all__ = [
    "ActiveSessionsExceededException",
    "ActiveStatementsExceededException",
    "ResourceNotFoundException",
    "ValidationException",
]


class ValidationException(JsonRESTError):  # noqa: N818 - AWS's own name
    """The Amazon Redshift Data API operation failed due to invalid input."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


class ResourceNotFoundException(JsonRESTError):  # noqa: N818 - AWS's own name
    """The statement or session does not exist."""

    def __init__(self, message: str = "Query does not exist.") -> None:
        super().__init__("ResourceNotFoundException", message)


class ActiveStatementsExceededException(JsonRESTError):  # noqa: N818 - AWS's own name
    """The number of active statements exceeds the limit."""

    def __init__(self, most: int) -> None:
        super().__init__("ActiveStatementsExceededException", f"Active statements exceeded the allowed quota ({most}).")


class ActiveSessionsExceededException(JsonRESTError):  # noqa: N818 - AWS's own name
    """The number of sessions exceeds the limit."""

    def __init__(self, most: int) -> None:
        super().__init__("ActiveSessionsExceededException", f"Active sessions exceeded the allowed quota ({most}).")
