"""EventBridge Scheduler: schedules that fire by the one clock, with time zones, windows, retries and dead letters."""

from __future__ import annotations

from lakeshift.local.context import LocalContext

__all__ = ["install"]


def install(context: LocalContext) -> None:  # noqa: ARG001 - every room's signature
    """Put our checks under moto's Scheduler; ``lakeshift.local.events`` fires the schedules."""
    from lakeshift.local.scheduler import operations

    operations.install()
