"""The one lock of the catalog: requests run in threads, and a crawl's plan is applied whole."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

__all__ = ["CATALOG", "locked"]

CATALOG: Final = threading.RLock()

_P = ParamSpec("_P")
_R = TypeVar("_R")


def locked(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """Run the method while no other thread changes the catalog."""

    @functools.wraps(method)
    def held(*args: _P.args, **kwargs: _P.kwargs) -> Any:
        with CATALOG:
            return method(*args, **kwargs)

    return held
