"""Errors of the Step Functions API that moto lacks.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html
"""

from __future__ import annotations

from moto.core.exceptions import AWSError

__all__ = [
    "ConflictException",
    "ExecutionNotRedrivable",
    "InvalidDefinition",
    "InvalidOutput",
    "NotSupportedLocally",
    "StateMachineAlreadyExists",
    "StateMachineTypeNotSupported",
    "TaskTimedOut",
]


class ConflictException(AWSError):  # noqa: N818 - a code on the wire, here and below
    """An alias still points at the version, or another revision is the newest."""

    TYPE = "ConflictException"


class ExecutionNotRedrivable(AWSError):  # noqa: N818
    """The execution runs, has succeeded, or ended more than 14 days ago."""

    TYPE = "ExecutionNotRedrivable"


class InvalidDefinition(AWSError):  # noqa: N818
    """The definition is not Amazon States Language, or asks for what the local AWS lacks."""

    TYPE = "InvalidDefinition"


class InvalidOutput(AWSError):  # noqa: N818
    """A task's output is no JSON."""

    TYPE = "InvalidOutput"


class NotSupportedLocally(AWSError):  # noqa: N818
    """An operation that the local AWS refuses rather than pretends to have."""

    TYPE = "NotSupportedLocally"


class StateMachineAlreadyExists(AWSError):  # noqa: N818
    """A state machine with the same name but a different definition or role exists."""

    TYPE = "StateMachineAlreadyExists"


class StateMachineTypeNotSupported(AWSError):  # noqa: N818
    """The operation is for the other type of state machine."""

    TYPE = "StateMachineTypeNotSupported"


class TaskTimedOut(AWSError):  # noqa: N818
    """The token's task waits no longer."""

    TYPE = "TaskTimedOut"
