"""Puts our backend and its API under moto, and ends what runs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from moto.athena import models, urls

from lakeshift.local.athena.backend import LocalAthenaBackend
from lakeshift.local.athena.responses import LocalAthenaResponse
from lakeshift.local.context import LocalContext
from lakeshift.local.stepfunctions import clients

__all__ = ["close", "install", "resume"]

_WORKERS: Final = 8


def install(context: LocalContext) -> None:
    """Must run before the first request: backends are made lazily."""
    clients.use(context)
    LocalAthenaBackend.local = context
    LocalAthenaBackend.pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="athena")
    LocalAthenaBackend.running = {}
    LocalAthenaBackend.lock = threading.Lock()
    models.athena_backends.backend = LocalAthenaBackend
    urls.url_paths = {"{0}/$": LocalAthenaResponse.dispatch}


def resume(_context: LocalContext) -> None:
    """What ran when the last server stopped did not finish."""
    for _, _, backend in list(models.athena_backends.iter_backends()):
        backend.fail_unfinished()


def close(_context: LocalContext) -> None:
    """Stop what runs and wait for it."""
    with LocalAthenaBackend.lock:
        running = list(LocalAthenaBackend.running.values())
    for query in running:
        query.stop()
    LocalAthenaBackend.pool.shutdown(wait=True, cancel_futures=True)
