"""Repair of moto's Step Functions errors: their codes reach the caller."""

from __future__ import annotations

import importlib
from typing import Any, Final

from moto.core.exceptions import AWSError

from lakeshift.local.stepfunctions.symbols import symbol

__all__ = ["InvalidDefinition", "NotSupportedLocally", "StateMachineAlreadyExists", "install"]

_API: Final = "moto.stepfunctions.parser.api"
_TEXTS: Final = {
    "InvalidToken": "Invalid Token: 'Invalid token'",
    "TaskTimedOut": "Task Timed Out: 'Provided task does not exist anymore'",
    "TaskDoesNotExist": "Task does not exist",
}


class InvalidDefinition(AWSError):  # noqa: N818 - a code on the wire
    """The definition is not Amazon States Language, or asks for what the local AWS lacks."""

    TYPE = "InvalidDefinition"


class StateMachineAlreadyExists(AWSError):  # noqa: N818 - a code on the wire
    """A state machine with the same name but a different definition or role exists."""

    TYPE = "StateMachineAlreadyExists"


class NotSupportedLocally(AWSError):  # noqa: N818 - a code on the wire
    """An operation that the local AWS refuses rather than pretends to have."""

    TYPE = "NotSupportedLocally"


def install() -> None:
    """Give each error of the interpreter its code, and a text where moto raises it without one."""
    for error in _subclasses(symbol(f"{_API}:ServiceException")):
        error.TYPE = vars(error).get("code", error.__name__)
        error.STATUS = vars(error).get("status_code", 400)
        error.__init__ = _initializer(_TEXTS.get(error.__name__, error.__name__))


def _subclasses(base: type) -> list[Any]:
    module = importlib.import_module(_API)
    return [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, base) and one is not base]


def _initializer(text: str) -> Any:
    def initialize(self: AWSError, message: str | None = None, **_: Any) -> None:
        AWSError.__init__(self, message or text)

    return initialize
