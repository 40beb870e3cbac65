"""Classifying many bytes in other processes, so that the server answers while a crawl parses.

Parsing holds the interpreter: a client that reads while 1,000 objects are parsed in a thread waits ten times as long.
Small crawls stay in the process, where the objects cost less than sending them to another would.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final

from lakeshift.crawler import classify_all
from lakeshift.crawler.reading import Reading
from lakeshift.crawler.sample import FIRST
from lakeshift.lake import FolderLake, ObjectInfo

__all__ = ["ABOVE", "close", "pooled_classify_all"]

ABOVE: Final = 8 << 20  # bytes to parse from which on it is worth another process
_BATCH_BYTES: Final = 4 << 20
_WORKERS: Final = 2
_log = logging.getLogger(__name__)
_making = threading.Lock()
_pool: ProcessPoolExecutor | None = None


def pooled_classify_all(
    lake: FolderLake, infos: Sequence[ObjectInfo], definitions: Sequence[Mapping[str, Any]]
) -> list[Reading]:
    """As ``classify_all``; in other processes where there is much to parse. The answer is the same."""
    if sum(min(info.size, FIRST) for info in infos) < ABOVE:
        return classify_all(lake, infos, definitions)
    plain = [dict(definition) for definition in definitions]
    try:
        waiting: list[Future[list[Reading]]] = [
            _workers().submit(classify_all, lake, batch, plain) for batch in _batches(infos)
        ]
        return [reading for future in waiting for reading in future.result()]
    except (BrokenProcessPool, RuntimeError) as error:  # a worker was killed: the crawl goes on without it
        _log.warning("objects are classified in the server's process: %s", error)
        close()
        return classify_all(lake, infos, definitions)


def _batches(infos: Sequence[ObjectInfo]) -> list[list[ObjectInfo]]:
    batches: list[list[ObjectInfo]] = [[]]
    size = 0
    for info in infos:
        if size > _BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(info)
        size += min(info.size, FIRST)
    return batches


def _workers() -> ProcessPoolExecutor:
    global _pool  # noqa: PLW0603 - one pool a process, kept warm
    with _making:
        if _pool is None:
            workers = min(_WORKERS, os.cpu_count() or 1)
            _pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
        return _pool


def close() -> None:
    """End the workers."""
    global _pool  # noqa: PLW0603
    with _making:
        if _pool is not None:
            _pool.shutdown(wait=True, cancel_futures=True)
            _pool = None
