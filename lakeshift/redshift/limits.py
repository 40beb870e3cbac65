"""How long a statement may take.

https://docs.aws.amazon.com/redshift/latest/dg/r_statement_timeout.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["time_limit"]


@contextmanager
def time_limit(milliseconds: str, interrupt: Callable[[], None]) -> Iterator[None]:
    """Call ``interrupt`` when the block takes longer; ``0`` is no limit."""
    if not milliseconds.isdigit() or milliseconds == "0":
        yield
        return
    timer = threading.Timer(int(milliseconds) / 1000, interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
