"""Moto's naive UTC, to seconds since the epoch and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

__all__ = ["seconds", "when"]

_EPOCH: Final = datetime(1970, 1, 1)


def seconds(moment: datetime) -> float:
    """Since the epoch."""
    return (moment - _EPOCH).total_seconds()


def when(since_epoch: float) -> datetime:
    """The moment, naive."""
    return datetime.fromtimestamp(since_epoch, UTC).replace(tzinfo=None)
