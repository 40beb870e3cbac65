"""Clients of the local AWS for task states: made once, and answering in values that JSON has."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

import boto3
from botocore.config import Config

from lakeshift.local.context import LocalContext
from lakeshift.local.stepfunctions.names import boto_service

__all__ = ["Timestamps", "client", "current", "epoch_milliseconds", "instant", "to_json_value", "use"]

Timestamps = Literal["instant", "milliseconds", "raw"]

_making = threading.Lock()  # botocore's loaders are not safe for several threads that make clients at once


def instant(moment: datetime) -> str:
    """ISO 8601 in UTC as an ``aws-sdk`` task gives it: ``2026-01-31T12:00:00Z``, milliseconds only where they are."""
    moment = moment.astimezone(UTC)
    milliseconds = moment.microsecond // 1000
    return f"{moment:%Y-%m-%dT%H:%M:%S}" + (f".{milliseconds:03d}Z" if milliseconds else "Z")


def epoch_milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 as an optimized integration gives them (``StartedOn`` of a Glue job run)."""
    return int(moment.timestamp() * 1000)


def to_json_value(value: Any, time: Callable[[datetime], Any] = instant) -> Any:
    """``value`` with timestamps by ``time`` and bytes or streams as UTF-8 text; raises UnicodeDecodeError."""
    if isinstance(value, dict):
        return {key: to_json_value(inner, time) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [to_json_value(inner, time) for inner in value]
    if isinstance(value, datetime):
        return time(value)
    if hasattr(value, "read"):
        value = value.read()
    return bytes(value).decode() if isinstance(value, bytes | bytearray) else value


def client(service: str, region: str, timestamps: Timestamps = "instant") -> Any:
    """A client of ``service`` (any of its names) at the running local AWS."""
    with _making:
        return _client(boto_service(service), region, _endpoint(), timestamps)


def use(context: LocalContext) -> None:
    """Call this local AWS from now on (the newest one where a process starts several)."""
    global _context  # noqa: PLW0603 - one local AWS a process
    _context = context


_context: LocalContext | None = None


def current() -> LocalContext | None:
    """The running local AWS."""
    return _context


def _endpoint() -> str:
    return _context.endpoint if _context else f"http://127.0.0.1:{os.environ['MOTO_PORT']}"


@functools.lru_cache(maxsize=128)
def _client(service: str, region: str, endpoint: str, timestamps: Timestamps) -> Any:
    made = boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - a dummy: nothing checks it
        config=Config(
            retries={"total_max_attempts": 1},  # a state's own Retry decides
            max_pool_connections=64,
            s3={"addressing_style": "path"},
            inject_host_prefix=False,
        ),
    )
    if timestamps != "raw":
        time = instant if timestamps == "instant" else epoch_milliseconds

        def convert(parsed: dict[str, Any], **_: Any) -> None:
            for key in parsed.keys() - {"ResponseMetadata", "Error"}:
                parsed[key] = to_json_value(parsed[key], time)

        made.meta.events.register("after-call", convert)
    return made
