"""Steps that are tried again: growing pauses with jitter, what the other side asks to wait, and an end to it."""

from __future__ import annotations

import http.client
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

__all__ = ["GaveUpError", "Retry", "Verdict", "aws_verdict", "line_verdict"]

T = TypeVar("T")

Verdict = Callable[[Exception], "float | None"]
"""Seconds the other side asks to wait (0 for none) where an error is worth another try, None where it is not."""

_CODES: Final = frozenset(
    {"SlowDown", "ServiceUnavailable", "ServiceUnavailableException", "Throttling", "ThrottlingException"}
    | {
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "ProvisionedThroughputExceededException",
    }
    | {"LimitExceededException", "InternalError", "InternalFailure", "InternalServerError", "RequestTimeout"}
    | {"RequestTimeoutException", "ConditionalRequestConflict", "500", "502", "503", "504"}
)


class GaveUpError(RuntimeError):
    """Every try failed; the text says what was tried, how often, and how the last try ended."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how fast: ``first`` and ``longest`` are pauses in seconds; ``chance`` gives 0 to 1 for the jitter.

    Who asks to wait longer than ``patience`` seconds is not waited for.
    """

    attempts: int = 6
    first: float = 0.2
    longest: float = 20.0
    patience: float = 300.0
    pause: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def run(self, what: str, step: Callable[[], T], verdict: Verdict) -> T:
        """The step's value; raises GaveUpError, or its error where another try would not help."""
        for attempt in range(1, self.attempts + 1):
            try:
                return step()
            except Exception as error:
                asked = verdict(error)
                if asked is None:
                    raise
                if attempt == self.attempts or asked > self.patience:
                    told = f"{what} failed {attempt} times, at last with {type(error).__name__}: {error}"
                    raise GaveUpError(told) from error
                self.wait(attempt, asked)
        raise GaveUpError(f"{what} was not tried: {self.attempts} attempts were asked for.")

    def wait(self, attempt: int, asked: float = 0.0) -> None:
        """Pause after the given attempt."""
        self.pause(max(asked, min(self.longest, self.first * 2 ** (attempt - 1)) * (0.5 + self.chance() / 2)))


def line_verdict(error: Exception) -> float | None:
    """A broken line, a time-out and a body that ended early are worth another try."""
    return 0.0 if isinstance(error, OSError | http.client.HTTPException) else None


def aws_verdict(error: Exception) -> float | None:
    """Throttling, a failing service and a broken line are worth another try."""
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's own

    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return 0.0 if error.response["Error"]["Code"] in _CODES or status >= 500 else None
    return 0.0 if isinstance(error, ConnectionError | HTTPClientError) else line_verdict(error)
