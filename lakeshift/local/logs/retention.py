"""Events older than their group's retention go, by the one clock.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
"""

from __future__ import annotations

import functools
import time
from datetime import UTC, datetime, timedelta

from moto.logs import models

from lakeshift.local import clock

__all__ = ["expire"]


def expire(now: datetime) -> list[str]:
    """Remove what is too old; a line for each group with how many events went."""
    told = []
    for _, _, backend in models.logs_backends.iter_backends():
        for name, group in sorted(backend.groups.items()):
            if group.retention_in_days:
                oldest = now - timedelta(days=int(group.retention_in_days))
                gone = sum(stream.drop(functools.partial(_is_old, oldest)) for stream in group.streams.values())
                told += [f"logs {name}: {gone} events are past their retention"] if gone else []
    return told


def _is_old(oldest: datetime, millis: int) -> bool:
    """An event has real time, as a job's, or the clock's, as a rule's; within its millisecond it counts as younger."""
    moment = (millis + 0.999) / 1000
    return (datetime.fromtimestamp(moment, UTC) if moment > time.time() else clock.at(moment)) < oldest
