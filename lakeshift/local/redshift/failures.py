"""Errors of the Redshift Data API.

https://docs.aws.amazon.com/redshift-data/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from moto.core.exceptions import JsonRESTError

__all__ = ["ResourceNotFoundException", "ValidationException"]


class ValidationException(JsonRESTError):  # noqa: N818 - AWS's own name
    """The Amazon Redshift Data API operation failed due to invalid input."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


class ResourceNotFoundException(JsonRESTError):  # noqa: N818 - AWS's own name
    """The statement or session does not exist."""

    def __init__(self, message: str = "Query does not exist.") -> None:
        super().__init__("ResourceNotFoundException", message)
