"""Waiting for what AWS makes known late: new roles, and resources that are being made."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from botocore.exceptions import ClientError

from lakeshift.errors import LakeshiftError

__all__ = ["Retries", "wait_until"]

T = TypeVar("T")

# A role takes seconds to be known to every service; until then these texts come.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
_NOT_YET: Final = (
    "unable to assume",
    "cannot be assumed",
    "cannot assume",
    "should be given assume role permissions",
    "is not authorized to perform: sts:assumerole",
    "error trying to retrieve security config",
    "neither the global service principal",
    "could not assume",
    "please make sure the role exists",
    "invalid principal in policy",
)


@dataclass(frozen=True, slots=True)
class Retries:
    """Repeats a call refused for a role not yet known, for ``seconds`` at most; ``pause`` and ``clock`` for tests."""

    seconds: float = 120.0
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def run(self, function: Callable[[], T]) -> T:
        """What ``function`` returns. Raises its last error once the time is over, any other error at once."""
        end = self.clock() + self.seconds
        wait = 1.0
        while True:
            try:
                return function()
            except ClientError as error:
                if not _is_late(error) or self.clock() + wait > end:
                    raise
            self.pause(wait)
            wait = min(10.0, wait * 1.6)


def _is_late(error: ClientError) -> bool:
    text = str(error.response.get("Error", {}).get("Message", "")).lower()
    return any(late in text for late in _NOT_YET)


def wait_until(
    done: Callable[[], bool],
    what: str,
    seconds: float = 1800.0,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Ask until ``done``. Raises LakeshiftError, naming ``what``, when it takes longer than ``seconds``."""
    end = clock() + seconds
    wait = 0.05
    while not done():
        if clock() > end:
            raise LakeshiftError(f"{what} was not ready after {seconds:.0f} s. Look at it in AWS, then deploy again.")
        pause(wait)
        wait = min(15.0, wait * 1.6)
