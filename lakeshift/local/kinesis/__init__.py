"""Kinesis Data Streams: records are kept before they are acknowledged, and where they are through resharding."""

from __future__ import annotations

from lakeshift.local.context import LocalContext

__all__ = ["install", "resume"]


def install(context: LocalContext) -> None:
    """Make every new stream one of ours."""
    from moto.kinesis import models

    from lakeshift.local.kinesis.journal import Journal
    from lakeshift.local.kinesis.stream import LocalStream

    LocalStream.journal = Journal(context.state.root / "kinesis")
    models.Stream = LocalStream


def resume(context: LocalContext) -> None:
    """Take up records that were acknowledged after the last snapshot of a server that was killed."""
    from moto.kinesis.models import kinesis_backends

    from lakeshift.local import state
    from lakeshift.local.kinesis.stream import LocalStream

    streams = kinesis_backends[context.account][context.region].streams
    if LocalStream.journal.restore(streams):
        state.changed("kinesis")
