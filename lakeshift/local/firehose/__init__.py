"""Firehose: buffers, partitions, converts and delivers to S3; see docs/architecture.md.

``POST /_lakeshift/firehose/<stream>/flush`` delivers now what AWS would deliver when size or interval is reached.
"""

from __future__ import annotations

from lakeshift.local.context import LocalContext

__all__ = ["close", "install", "resume"]


def install(context: LocalContext) -> None:
    """Put our backend and its API under moto, and add the route that flushes."""
    from moto.firehose import models, urls

    from lakeshift.local import routes
    from lakeshift.local.firehose.backend import LocalFirehoseBackend
    from lakeshift.local.firehose.delivery import FLUSH, flusher, kinesis_source, make_buffers
    from lakeshift.local.firehose.responses import LocalFirehoseResponse
    from lakeshift.local.stepfunctions import clients

    clients.use(context)
    models.firehose_backends.backend = LocalFirehoseBackend
    urls.url_paths = {"{0}/$": LocalFirehoseResponse.dispatch}
    LocalFirehoseBackend.buffers = make_buffers(context)
    LocalFirehoseBackend.source_of = staticmethod(lambda arn: kinesis_source(context, arn))
    routes.add("POST", FLUSH, flusher(LocalFirehoseBackend.buffers, context))


def resume(context: LocalContext) -> None:  # noqa: ARG001 - one signature for all rooms
    """Go on with what an earlier server accepted and did not deliver."""
    from lakeshift.local import clock
    from lakeshift.local.firehose.backend import LocalFirehoseBackend

    LocalFirehoseBackend.buffers.start()
    clock.on_move("streams", LocalFirehoseBackend.buffers.report)


def close(context: LocalContext) -> None:  # noqa: ARG001 - one signature for all rooms
    """Stop delivering; what is buffered stays journalled for the next server."""
    from lakeshift.local import clock
    from lakeshift.local.firehose.backend import LocalFirehoseBackend

    clock.on_move("streams", list)
    LocalFirehoseBackend.buffers.stop()
