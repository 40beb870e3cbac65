"""The memory of a Python worker, which runs batch after batch of many tasks."""

from __future__ import annotations

import gc
from functools import cache

__all__ = ["settle"]


@cache
def settle() -> None:
    """Take what lives now out of the garbage collector's sight, once a process: modules live as long as it does.

    pyspark's workers collect garbage after each task (pyspark.daemon). To go through all that pandas, pyarrow and
    pyspark made when they were imported took half of the processor's time of a task of few records.
    """
    gc.freeze()
