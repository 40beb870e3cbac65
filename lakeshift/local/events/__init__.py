"""EventBridge: rules that deliver and fire on time, and the events of our own services; see docs/architecture.md."""

from __future__ import annotations

from lakeshift.local.context import LocalContext
from lakeshift.local.events.bus import emit

__all__ = ["close", "emit", "install", "resume"]


def install(context: LocalContext) -> None:
    """Make moto's rules deliver and S3 speak; deliveries go to this local AWS."""
    from lakeshift.local.events import bus
    from lakeshift.local.events.rules import install_rules
    from lakeshift.local.events.s3 import install_s3
    from lakeshift.local.stepfunctions import clients

    clients.use(context)
    bus.open_outbox(context)
    install_rules()
    install_s3()


def resume(context: LocalContext) -> None:
    """Deliver what an earlier server left, and follow the schedules."""
    from lakeshift.local.events import service

    service.start(context)


def close(context: LocalContext) -> None:
    """Fire and deliver nothing any more."""
    from lakeshift.local.events import service

    service.stop(context)
