"""How a state fails, and which Retry and Catch it falls under.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

__all__ = ["StateFailure", "matches"]

_RUNTIME: Final = "States.Runtime"
_TOO_LARGE: Final = "States.DataLimitExceeded"
_TIMEOUT: Final = "States.Timeout"
_HEARTBEAT: Final = "States.HeartbeatTimeout"
_LONGEST: Final = 32_768  # characters of a cause


class StateFailure(Exception):  # noqa: N818 - the language's own word
    """A state that failed, by the error's name and its cause.

    ``field`` is the state's field whose evaluation failed; ``heartbeat`` tells a missed heartbeat, which Step Functions
    reports as ``States.Timeout`` but which ``States.HeartbeatTimeout`` matches too.
    """

    def __init__(
        self, error: str | None, cause: str | None = None, *, field: str | None = None, heartbeat: bool = False
    ) -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.field, self.heartbeat = error, field, heartbeat
        self.cause = None if cause is None else cause[:_LONGEST]

    @property
    def output(self) -> dict[str, Any]:
        """What a catcher is given."""
        return {"Error": self.error or "", "Cause": self.cause or ""}

    @property
    def details(self) -> dict[str, Any]:
        """Error and cause as an event has them: absent where the state gave none."""
        return {name: value for name, value in (("error", self.error), ("cause", self.cause)) if value is not None}


def matches(names: Sequence[str], failure: StateFailure) -> bool:
    """Whether ``ErrorEquals`` names the failure.

    ``States.Runtime`` is never handled; ``States.ALL`` leaves out ``States.DataLimitExceeded``; ``States.TaskFailed``
    is every error but a timeout.
    """
    error = failure.error or ""
    if error == _RUNTIME:
        return False
    return any(_matches(name, error, failure.heartbeat) for name in names)


def _matches(name: str, error: str, heartbeat: bool) -> bool:
    if name == error or (name == _HEARTBEAT and heartbeat):
        return True
    if error == _TOO_LARGE:
        return False
    if name == "States.ALL":
        return True
    return name == "States.TaskFailed" and error not in (_TIMEOUT, _HEARTBEAT)
