"""Which log events are accepted: by real time and the one clock; moto asks real time alone.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from __future__ import annotations

import time
from typing import Any, Final

from moto.logs import models
from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException

from lakeshift.local import clock

__all__ = ["install"]

_OLDEST: Final = 14 * 86_400_000  # milliseconds back, by real time: jobs write by that
_NEWEST: Final = 2 * 3_600_000  # milliseconds ahead, by the one clock


def install() -> None:
    """Put our check in the place of moto's."""
    models.LogsBackend.put_log_events = _put_log_events


def _put_log_events(
    self: Any, log_group_name: str, log_stream_name: str, log_events: list[dict[str, Any]]
) -> tuple[str, dict[str, int]]:
    if log_group_name not in self.groups:
        raise ResourceNotFoundException()
    moments = [event["timestamp"] for event in log_events]
    if moments != sorted(moments):
        raise InvalidParameterException("Log events in a single PutLogEvents request must be in chronological order.")
    oldest, newest = time.time() * 1000 - _OLDEST, clock.now().timestamp() * 1000 + _NEWEST
    rejected: dict[str, int] = {}
    if too_old := [at for at, moment in enumerate(moments) if moment < oldest]:
        rejected["tooOldLogEventEndIndex"] = too_old[-1] + 1  # exclusive
    if too_new := [at for at, moment in enumerate(moments) if moment > newest]:
        rejected["tooNewLogEventStartIndex"] = too_new[0]
    accepted = [event for event in log_events if oldest <= event["timestamp"] <= newest]
    return self.groups[log_group_name].put_log_events(log_stream_name, accepted), rejected
