"""Errors of the job operations, with the codes and the texts of AWS."""

from __future__ import annotations

from moto.core.exceptions import JsonRESTError

from lakeshift.errors import NotSupportedLocallyError

__all__ = [
    "AlreadyExistsError",
    "ConcurrentRunsExceededError",
    "EntityNotFoundError",
    "IdempotentParameterMismatchError",
    "IllegalWorkflowStateError",
    "InvalidInputError",
    "NotSupportedError",
    "ResourceNumberLimitExceededError",
    "ValidationError",
]


class _GlueError(JsonRESTError):
    code = 400
    name = ""

    def __init__(self, message: str) -> None:
        super().__init__(self.name, message)


class AlreadyExistsError(_GlueError):
    """The name is taken."""

    name = "AlreadyExistsException"


class EntityNotFoundError(_GlueError):
    """A named thing does not exist."""

    name = "EntityNotFoundException"


class InvalidInputError(_GlueError):
    """The request is understood and cannot be right."""

    name = "InvalidInputException"


class ValidationError(_GlueError):
    """A parameter breaks the constraints of the API's model."""

    name = "ValidationException"


class IdempotentParameterMismatchError(_GlueError):
    """The name is taken by another definition."""

    name = "IdempotentParameterMismatchException"


class ConcurrentRunsExceededError(_GlueError):
    """The job already has as many runs as it may."""

    name = "ConcurrentRunsExceededException"


class NotSupportedError(_GlueError):
    """The local Glue refuses the operation rather than pretend; code 400, so an SDK does not retry."""

    name = "OperationNotSupportedException"

    def __init__(self, error: NotSupportedLocallyError) -> None:
        super().__init__(str(error))


class ResourceNumberLimitExceededError(_GlueError):
    """An account has as many of these as it may."""

    name = "ResourceNumberLimitExceededException"


class IllegalWorkflowStateError(_GlueError):
    """The workflow run is not in a state for this."""

    name = "IllegalWorkflowStateException"
