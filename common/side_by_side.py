"""Independent pieces of a stage at the same time: Spark plans one while the tasks of another run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pyspark.util import inheritable_thread_target

__all__ = ["side_by_side"]


def side_by_side(*works: Callable[[], Any]) -> list[Any]:
    """Call each in a thread of its own and return what they return, in their order.

    For works that read nothing of each other's and may end in any order. A thread goes on with what the calling one has
    set for its Spark jobs. All are over when this returns, or raises the first error in their order.
    """
    with ThreadPoolExecutor(len(works)) as threads:
        running = [threads.submit(inheritable_thread_target(work)) for work in works]
    return [work.result() for work in running]
