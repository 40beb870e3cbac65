"""Firehose's ties to the running server: objects into the lake, and the route that flushes."""

from __future__ import annotations

from typing import Final

from werkzeug.wrappers import Request, Response

from lakeshift.lake import NoSuchBucketError
from lakeshift.local import routes
from lakeshift.local.context import LocalContext
from lakeshift.local.firehose.streams import Buffers, Stream
from lakeshift.local.s3 import notify_written

__all__ = ["FLUSH", "find", "flusher", "make_buffers"]

FLUSH: Final = routes.PREFIX + "firehose/"


def find(context: LocalContext, name: str) -> Stream | None:
    """The stream of that name as it is configured now."""
    from moto.firehose.models import firehose_backends

    found: Stream | None = firehose_backends[context.account][context.region].stream(name)
    return found


def make_buffers(context: LocalContext) -> Buffers:
    """Buffers below the state folder that deliver into this server's lake, and have S3 tell of each object."""

    def put(bucket: str, key: str, body: bytes) -> None:
        context.lake.put(bucket, key, body)
        notify_written(bucket, key)

    return Buffers(context.state.root / "firehose", put, lambda name: find(context, name))


def flusher(buffers: Buffers, context: LocalContext) -> routes.Handler:
    """Answers ``POST /_lakeshift/firehose/<stream>/flush`` with how many records and objects were delivered."""

    def flush(request: Request) -> Response:
        name, _, verb = request.path.removeprefix(FLUSH).rpartition("/")
        if verb != "flush" or find(context, name) is None:
            return routes.json_response({"message": f"No stream to flush at {request.path}."}, 404)
        try:
            done = buffers.flush(name)
        except (OSError, LookupError) as error:
            said = f"Stream {name} keeps its records and will try again; they were not delivered: {_reason(error)}"
            return routes.json_response({"message": said}, 502)
        return routes.json_response({"stream": name, "records": done.records, "objects": done.objects})

    return flush


def _reason(error: Exception) -> str:
    return f"NoSuchBucket: {error}" if isinstance(error, NoSuchBucketError) else str(error)
