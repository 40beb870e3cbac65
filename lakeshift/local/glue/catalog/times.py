"""Moto's naive UTC, to seconds since the epoch and back."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime

__all__ = ["seconds", "when"]


def seconds(moment: datetime) -> float:
    """Since the epoch."""
    return calendar.timegm(moment.timetuple()) + moment.microsecond / 1e6


def when(since_epoch: float) -> datetime:
    """The moment, naive."""
    return datetime.fromtimestamp(since_epoch, UTC).replace(tzinfo=None)
