"""Why a delivery failed, whether it is worth another try, and what its dead letter says. Pure.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
"""

from __future__ import annotations

from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from lakeshift.errors import LakeshiftError
from lakeshift.local.events.outbox import Delivery

__all__ = ["LoopSuspectedError", "attributes", "backoff", "exhausted", "is_retried", "retry_policy"]

_ATTEMPTS: Final = 185
_AGE: Final = 86_400.0  # seconds
_LONGEST_PAUSE: Final = 300.0  # seconds
_THROTTLED: Final = ("Throttl", "TooManyRequests", "LimitExceeded", "SlowDown", "ConcurrentRunsExceeded", "Timeout")
_GONE: Final = ("NotFound", "DoesNotExist", "NonExistent", "NoSuch")


class LoopSuspectedError(LakeshiftError):
    """A rule that seems to be fired by what its own target does."""


def retry_policy(target: dict[str, Any]) -> tuple[int, float]:
    """How many more tries after the first, and until what age in seconds."""
    policy = target.get("RetryPolicy") or {}
    attempts = policy.get("MaximumRetryAttempts")
    return (_ATTEMPTS if attempts is None else int(attempts)), float(policy.get("MaximumEventAgeInSeconds") or _AGE)


def backoff(attempts: int) -> float:
    """Seconds to the next try after ``attempts`` that failed."""
    return float(min(2.0 ** max(attempts - 1, 0), _LONGEST_PAUSE))


def is_retried(reason: BaseException) -> bool:
    """Whether another try may help: not where the target is gone, forbids it or cannot read it."""
    if not isinstance(reason, BotoCoreError | ClientError | OSError):
        return False
    status = _response(reason).get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return int(status) >= 500 or int(status) == 429 or any(one in _aws_code(reason) for one in _THROTTLED)


def exhausted(delivery: Delivery, now: float) -> str | None:
    """The condition of the retry policy that allows no further try after this one; None where another is allowed."""
    attempts, age = retry_policy(delivery.target)
    if delivery.attempts >= attempts:
        return "MaximumRetryAttempts"
    return "MaximumEventAgeInSeconds" if now - delivery.created >= age else None


def attributes(delivery: Delivery, reason: BaseException, condition: str | None) -> dict[str, str]:
    """The attributes of the dead letter."""
    told = {
        "TARGET_ARN": delivery.target["Arn"],
        "ERROR_CODE": _code(reason),
        "ERROR_MESSAGE": (str(reason) or type(reason).__name__)[:1000],
        "RETRY_ATTEMPTS": str(delivery.attempts),
        **({"EXHAUSTED_RETRY_CONDITION": condition} if condition else {}),
    }
    if ":scheduler:" in delivery.origin:
        return {
            **told,
            "SCHEDULE_ARN": delivery.origin,
            "SCHEDULED_TIME": delivery.event["time"],
            "EXECUTION_ID": delivery.event["id"],
            "IS_PAYLOAD_TRUNCATED": "false",
        }
    return {**told, "RULE_ARN": delivery.origin}


def _response(reason: BaseException) -> dict[str, Any]:
    found = getattr(reason, "response", None)
    return found if isinstance(found, dict) else {}


def _aws_code(reason: BaseException) -> str:
    return str(_response(reason).get("Error", {}).get("Code", ""))


def _code(reason: BaseException) -> str:
    if isinstance(reason, LoopSuspectedError):
        return "LOOP_SUSPECTED"
    code = _aws_code(reason)
    if any(one in code for one in _GONE):
        return "NO_RESOURCE"
    if "AccessDenied" in code or "NotAuthorized" in code:
        return "NO_PERMISSIONS"
    if any(one in code for one in _THROTTLED):
        return "THROTTLING"
    return "INTERNAL_ERROR" if is_retried(reason) else "SDK_CLIENT_ERROR"
