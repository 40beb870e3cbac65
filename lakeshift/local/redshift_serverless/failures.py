"""Errors of Redshift Serverless.

https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from moto.core.exceptions import JsonRESTError

__all__ = ["ConflictException", "ResourceNotFoundException", "ValidationException"]


class ValidationException(JsonRESTError):  # noqa: N818 - AWS's own name
    """The input fails to satisfy the constraints of the service."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


class ConflictException(JsonRESTError):  # noqa: N818 - AWS's own name
    """The submitted action has conflicts."""

    def __init__(self, message: str) -> None:
        super().__init__("ConflictException", message)


class ResourceNotFoundException(JsonRESTError):  # noqa: N818 - AWS's own name
    """The resource could not be found."""

    def __init__(self, message: str) -> None:
        super().__init__("ResourceNotFoundException", message)
