"""EventBridge: rules that deliver, and the events of our own services; see docs/architecture.md."""

from __future__ import annotations

from lakeshift.local.context import LocalContext
from lakeshift.local.events.bus import emit

__all__ = ["emit", "install"]


def install(context: LocalContext) -> None:
    """Make moto's rules deliver and S3 speak; deliveries go to this local AWS."""
    from lakeshift.local.events.rules import install_rules, install_s3
    from lakeshift.local.stepfunctions import clients

    clients.use(context)
    install_rules()
    install_s3()
